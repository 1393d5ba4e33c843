"""The claim model: what it is shown of a number, and what becomes of its answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from extractor import extract, pipeline
from extractor.encoding import FIRST_WORD, HIDDEN, MARKS, NUMBER, RULE_ROWS, Encoder, Vocabulary, Window
from extractor.fields import is_no_claim, settle
from extractor.network import FIELDS, LABELS, NO_CLAIM, Floats, Network, apart, default
from extractor.records import Record

ROOT = Path(__file__).parent.parent
TEXT = "We propose Foo. Foo cuts latency by 30% and energy by 2.5x compared to vLLM."
WORDS = ("latency", "foo", NUMBER, "memory")


def windows(text: str = TEXT, title: str = "Foo: Fast Inference") -> list[Window]:
    """What a model with a small vocabulary sees of each number."""
    return pipeline.default().windows(text, title, Encoder(Vocabulary(WORDS)))[1]


def record(text: str = TEXT) -> Record:
    """The first number as the rules read it."""
    return pipeline.default().rules_only().records(text, "")[0]


def sure(**values: str) -> dict[str, Floats]:
    """Probabilities of 0.9 for the values given, and the rest alike."""
    fields = {}
    for name, legal in FIELDS.items():
        said = values.get(name, getattr(record(), name, None) or "")
        fields[name] = np.array([0.9 if value == said else 0.1 / (len(legal) - 1) for value in legal], np.float32)
    return fields


# --- vocabulary ---------------------------------------------------------------------------------------------


def test_a_word_has_its_row_whatever_its_case() -> None:
    vocabulary = Vocabulary(WORDS)
    assert vocabulary.rows("Latency")[0] == vocabulary.rows("latency")[0] == FIRST_WORD
    assert vocabulary.rows("Latency")[3] != vocabulary.rows("latency")[3]
    assert vocabulary.rows("3.5")[0] == vocabulary.rows("17")[0] == vocabulary.row(NUMBER)


def test_an_unknown_word_has_a_row_before_the_vocabulary() -> None:
    rows = Vocabulary(WORDS).rows("Tesserae")
    assert 2 <= rows[0] < FIRST_WORD
    assert rows == Vocabulary(WORDS).rows("Tesserae")


def test_a_compound_has_the_row_of_its_last_part() -> None:
    vocabulary = Vocabulary(WORDS)
    assert vocabulary.rows("low-memory")[4] == vocabulary.row("memory")
    assert vocabulary.rows("memory")[4] == 0
    assert vocabulary.rows("memory-")[4] == 0


# --- windows ------------------------------------------------------------------------------------------------


def test_a_window_is_the_title_and_the_sentence_of_the_number() -> None:
    first, second = windows()
    spelled = [words.texts[k] for words, k in map(first.word, range(len(first)))]
    assert spelled[:4] == ["Foo", ":", "Fast", "Inference"]
    assert spelled[first.titled :] == "Foo cuts latency by 30% and energy by 2.5x compared to vLLM .".split()
    assert spelled[first.target] == "30%"
    assert second.word(second.target)[0].texts[second.word(second.target)[1]] == "2.5x"


def test_numbers_fit_the_model_s_tables() -> None:
    for text in (TEXT, *(line for line in (ROOT / "examples" / "feed-agarwal.txt").read_text().splitlines() if line)):
        for window in windows(text):
            assert (window.marks < np.array(MARKS)).all()
            assert (window.marks >= 0).all()
            assert (window.readings < RULE_ROWS).all()
            assert window.rows.max() < max(len(Vocabulary(WORDS)), *HIDDEN) + 1


def test_marks_tell_the_number_asked_about_from_the_others() -> None:
    first, second = windows()
    kinds = [list(np.flatnonzero(window.marks[:, 1] == 3)) for window in (first, second)]
    assert kinds == [[first.target], [second.target]]
    assert first.marks[second.target, 1] == 2
    # Words on either side of a number differ in how many numbers lie between, and in how far they are.
    energy = second.target - 2
    assert first.marks[energy, 4] != second.marks[energy, 4]
    assert first.marks[energy, 5] != second.marks[energy, 5]


def test_a_window_is_bounded_in_a_sentence_without_end() -> None:
    text = "It is " + "very " * 500 + "fast by 2.5x and " + "very " * 500 + "small."
    (window,) = windows(text, "word " * 500)
    assert len(window) < 200
    words, place = window.word(window.target)
    assert words.texts[place] == "2.5x"


def test_distances_of_words_are_symmetric_but_for_their_side() -> None:
    rows = apart(100)
    assert (rows.diagonal() == 0).all()
    assert rows[0, 5] != rows[5, 0]
    assert rows[3, 8] == rows[50, 55]
    assert rows.max() < 32


# --- fields -------------------------------------------------------------------------------------------------


def test_where_the_model_agrees_the_rule_stays_the_evidence() -> None:
    one = record()
    before = dict(one.evidence)
    score = settle(one, sure())
    assert one.evidence == before
    assert score == pytest.approx(0.9**3 * 0.9 / (0.9 + 2 * 0.1 / 3), rel=0.1)


def test_where_it_does_not_its_reading_wins() -> None:
    one = record()
    assert one.type == "speed"
    settle(one, sure(type="energy"))
    assert (one.type, one.evidence["type"].rule) == ("energy", "model-type")
    assert one.form == "change"


def test_a_level_that_moved_stays_one() -> None:
    text = "It cuts latency from 51 ms to 21 ms."
    one = record(text)
    assert (one.form, one.direction) == ("level", "decrease")
    settle(one, sure(form="change", direction="increase"))
    assert (one.form, one.direction) == ("level", "decrease")


def test_a_number_goes_only_where_the_model_is_sure() -> None:
    assert is_no_claim(sure(role=NO_CLAIM))
    unsure = sure(role=NO_CLAIM)
    unsure["role"][:] = 0.25
    assert not is_no_claim(unsure)


# --- the shipped model --------------------------------------------------------------------------------------


def test_the_shipped_model_gives_probabilities() -> None:
    network = default()
    (first, _) = pipeline.default().windows(TEXT, "", network.encoder)[1]
    reading = network.read(first)
    assert reading.labels.shape == (len(first), len(LABELS))
    assert np.allclose(reading.labels.sum(axis=1), 1, atol=1e-5)
    for name, values in FIELDS.items():
        assert reading.fields[name].shape == (len(values),)
        assert reading.fields[name].sum() == pytest.approx(1, abs=1e-5)


def test_confidence_grows_with_the_score() -> None:
    rates = [default().confidence(score) for score in np.linspace(0, 1, 21)]
    assert rates == sorted(rates)
    assert 0 <= rates[0] < rates[-1] <= 1


def test_a_claim_is_the_same_beside_others_and_alone() -> None:
    alone = extract(TEXT, "Foo: x")
    for other in ("Bar is 3x faster.", TEXT, "x" * 1000):
        extract(other)
        assert extract(TEXT, "Foo: x") == alone


def test_every_claim_has_a_confidence_of_two_decimals() -> None:
    found = [claim.confidence for claim in extract(TEXT, "Foo: x")]
    assert len(found) == 2
    assert all(value is not None and 0 < value < 1 and round(value, 2) == value for value in found)


def test_a_missing_model_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(FileNotFoundError, match=r"missing\.onnx: no such model; install the package again"):
        Network(Path("missing.onnx"))


def test_weights_stay_small() -> None:
    assert (ROOT / "extractor" / "models" / "claims.onnx").stat().st_size < 20_000_000
