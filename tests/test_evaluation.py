"""Scores of predicted claims: every expected figure is reasoned out by hand from the rules of matching."""

from __future__ import annotations

import json
import math
import random
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor import bootstrap
from extractor.claims import LIST_SLOTS, SLOTS, Claim, Document, Mention, OldLevel, Role
from extractor.differences import errors, to_data
from extractor.evaluation import SCORES, evaluate, report
from extractor.matching import FIELDS, align, match, same_phrase


def mention(text: str) -> Mention:
    return Mention(text=text, start=0, end=len(text))


def claim(start: int = 0, end: int = 4, value: float | None = 2.0, **changes: Any) -> Claim:
    """A claim at start..end; slots are given as texts, `old` as the value of the old level."""
    fields: dict[str, Any] = {"unit": "x", "form": "ratio", "direction": "increase", "type": "speed"}
    fields |= {"role": "result", "quantity": "q" * (end - start), **changes}
    old = fields.pop("old", None)
    slots = {slot: fields.pop(slot) for slot in SLOTS if slot in fields}
    placed = {name: [mention(t) for t in x] if name in LIST_SLOTS else mention(x) for name, x in slots.items()}
    level = OldLevel(text="o", start=90, end=91, value=old) if old is not None else None
    return Claim.model_validate({**fields, **placed, "start": start, "end": end, "value": value, "from": level})


def document(*claims: Claim, id: str = "a") -> Document:
    return Document(id=id, abstract="q" * 100, claims=list(claims))


def counts(score: Any) -> tuple[int, int, int]:
    return score.true_positives, score.predicted, score.gold


# Gold claims, predicted claims, pairs of their places.
MATCHES: dict[str, tuple[list[Claim], list[Claim], set[tuple[int, int]]]] = {
    "side by side is no overlap": ([claim(0, 4)], [claim(4, 8)], set()),
    "one character is enough": ([claim(0, 4)], [claim(3, 8)], {(0, 0)}),
    "another value still matches": ([claim(0, 4, 2)], [claim(0, 4, 3)], {(0, 0)}),
    "one to one": ([claim(0, 8)], [claim(0, 8), claim(0, 7)], {(0, 0)}),
    "equal value before larger overlap": (
        [claim(0, 10, 5)],
        [claim(0, 9, 6), claim(8, 12, 5)],
        {(0, 1)},
    ),
    "larger overlap among equal values": ([claim(0, 10)], [claim(8, 12), claim(0, 7)], {(0, 1)}),
    "larger overlap among other values": (
        [claim(0, 10, 5)],
        [claim(8, 12, 6), claim(0, 7, 7)],
        {(0, 1)},
    ),
    "tie of gold by offset": ([claim(0, 4), claim(4, 8)], [claim(2, 6)], {(0, 0)}),
    "tie of gold by offset, not by place": ([claim(4, 8), claim(0, 4)], [claim(2, 6)], {(1, 0)}),
    "tie of predictions by offset": ([claim(2, 6)], [claim(4, 8), claim(0, 4)], {(0, 1)}),
    "a taken match leaves the rest to others": (
        [claim(0, 10, 5), claim(2, 6, 7)],
        [claim(0, 10, 7), claim(2, 6, 5)],
        {(0, 1), (1, 0)},
    ),
    "one quantity, two old levels": (
        [claim(0, 4, old=121.4), claim(0, 4, old=30.8)],
        [claim(0, 4, old=30.8), claim(0, 4, old=121.4)],
        {(0, 1), (1, 0)},
    ),
    "old level before overlap where values differ": (
        [claim(0, 10, 5, old=57)],
        [claim(0, 10, 6), claim(0, 3, 6, old=57)],
        {(0, 1)},
    ),
}


@pytest.mark.parametrize(("gold", "predicted", "pairs"), MATCHES.values(), ids=MATCHES.keys())
def test_match(gold: list[Claim], predicted: list[Claim], pairs: set[tuple[int, int]]) -> None:
    assert set(match(gold, predicted)) == pairs


@pytest.mark.parametrize(
    ("gold", "predicted", "equal"),
    [
        (claim(value=2.16), claim(value=2.16 * (1 + 5e-7)), True),
        (claim(value=2.16), claim(value=2.1601), False),
        (claim(value=128e6), claim(value=128e6 + 100), True),  # 8e-7 of it
        (claim(value=128e6), claim(value=128e6 + 200), False),  # 1.6e-6 of it
        (claim(value=-3), claim(value=3), False),
        (claim(value=0), claim(value=0), True),
        (claim(value=None, low=2, high=5), claim(value=None, low=2, high=5.000001), True),
        (claim(value=None, low=2, high=5), claim(value=None, low=2, high=6), False),
        (claim(value=None, low=2, high=5), claim(value=None, low=1, high=5), False),
        (claim(value=None, low=2, high=5), claim(value=5), False),
        (claim(value=8.2, old=57), claim(value=8.2, old=57), True),
        (claim(value=8.2, old=57), claim(value=8.2, old=58), False),
        (claim(value=8.2, old=57), claim(value=8.2), False),
        (claim(value=8.2), claim(value=8.2, old=57), False),
        (claim(value=None, low=2, high=5, old=9), claim(value=None, low=2, high=5, old=9), True),
        (claim(value=None, low=2, high=5, old=9), claim(value=None, low=2, high=5), False),
    ],
)
def test_equal_values(gold: Claim, predicted: Claim, equal: bool) -> None:
    (pair,) = align([gold], [predicted]).pairs
    assert pair.detected is equal


@pytest.mark.parametrize(
    ("gold", "predicted", "equal"),
    [
        ("GB", "gigabyte", True),
        ("GB", "GiB", False),
        ("GB", "Gbit", False),
        ("ms", "s", False),
        ("h", "hour", True),
        ("x", "", False),
        ("%", "pp", False),
        ("parameter", "parameters", True),
        ("image-text pair", "pair", True),  # counted things by head noun
        ("clinical task", "task", True),
        ("task", "dataset", False),
    ],
)
def test_units(gold: str, predicted: str, equal: bool) -> None:
    (pair,) = align([claim(unit=gold)], [claim(unit=predicted)]).pairs
    assert pair.right["unit"] is equal
    assert pair.recorded is equal


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("value", {"value": 3}),
        ("unit", {"unit": "%"}),
        ("bound", {"bound": "up_to"}),
        ("form", {"form": "share"}),
        ("direction", {"direction": "decrease"}),
        ("type", {"type": "memory"}),
        ("role", {"role": "setup"}),
    ],
)
def test_each_field_of_the_record_counts(field: str, changes: dict[str, Any]) -> None:
    scores = evaluate([document(claim())], [document(claim(**changes))], role=None)
    wrong = {name for name in FIELDS if scores.fields[name].accuracy == 0}
    assert wrong == {field}
    assert counts(scores.detection) == (0 if field == "value" else 1, 1, 1)
    assert counts(scores.record) == counts(scores.full) == (0, 1, 1)


def test_the_statistic_is_told_but_is_not_part_of_the_record() -> None:
    scores = evaluate([document(claim())], [document(claim(statistic="mean"))])
    assert scores.fields["statistic"].right == 0
    assert counts(scores.record) == counts(scores.full) == (1, 1, 1)


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("the accuracy", "accuracy", True),
        ("accuracy of the model", "our model's accuracy", True),
        (r"$\textbf{accuracy}$", "Accuracy", True),
        (r"$\alpha$ rate", "rate", True),
        ("speedups", "speedup", True),
        ("mean inference time latency", "latency", True),  # F1 0.4, but holds all tokens of the other
        ("large batch size training", "small batch size inference", True),  # 2 of 4 and 4: F1 0.5
        ("large batch training", "small batch inference", False),  # 1 of 3 and 3: F1 0.33
        ("latency", "throughput", False),
        ("CNN/DM", "CNN/DM.", True),
        ("CNN/DM", "CNN", False),  # a slash joins one token
        ("GPT-4", "GPT 4", False),
        ("C++", "C", False),
        ("gas", "ga", False),  # too short for a plural
        ("time time", "time", True),
        ("≤", " ≤ ", True),  # no tokens at all: the same text
        ("≤", "≥", False),
        ("the", "The", True),
        ("the", "a", False),
    ],
)
def test_same_phrase(one: str, other: str, agree: bool) -> None:
    assert same_phrase(one, other) is agree
    assert same_phrase(other, one) is agree


def test_each_slot_item_is_one_decision() -> None:
    gold = claim(metric="throughput", task=["coding", "parsing"])
    predicted = claim(metric="latency", task=["the coding"], baseline=["vLLM"])
    scores = evaluate([document(gold)], [document(predicted)])
    assert counts(scores.context) == (1, 3, 3)
    assert counts(scores.slots["metric"]) == (0, 1, 1)
    assert counts(scores.slots["task"]) == (1, 1, 2)
    assert counts(scores.slots["baseline"]) == (0, 1, 0)
    assert counts(scores.record) == (1, 1, 1)
    assert counts(scores.full) == (0, 1, 1)


@pytest.mark.parametrize(
    ("changes", "full"),
    [
        ({"metric": "a throughput", "task": ["parsing", "coding"]}, 1),
        ({"metric": "throughput", "task": ["coding"]}, 0),  # one missing
        ({"metric": "throughput", "task": ["coding", "parsing", "maths"]}, 0),  # one extra
        ({"metric": "throughput", "task": ["coding", "coding"]}, 0),  # an item agrees once
        ({"metric": "throughput", "dataset": ["coding", "parsing"]}, 0),  # in another slot
        ({"metric": "throughput", "task": ["coding", "parsing"], "unit": "%"}, 0),
    ],
)
def test_full_needs_record_and_all_slots(changes: dict[str, Any], full: int) -> None:
    gold = claim(metric="throughput", task=["coding", "parsing"])
    scores = evaluate([document(gold)], [document(claim(**changes))])
    assert scores.full.true_positives == full


def test_slots_of_unmatched_claims_are_missing_or_extra() -> None:
    gold = claim(0, 4, metric="throughput", task=["coding"])
    predicted = claim(10, 14, metric="throughput", model=["GPT-4"], hardware=["A100"])
    scores = evaluate([document(gold)], [document(predicted)])
    assert counts(scores.context) == (0, 3, 2)
    assert scores.fields["value"].pairs == 0 and scores.fields["value"].accuracy == 0


def test_slots_of_a_match_with_another_value_count() -> None:
    scores = evaluate([document(claim(metric="speed"))], [document(claim(value=3, metric="speed"))])
    assert counts(scores.context) == (1, 1, 1)
    assert counts(scores.detection) == (0, 1, 1)


def test_a_wrong_role_costs_both_ways() -> None:
    result, background = [document(claim())], [document(claim(role="background"))]
    assert counts(evaluate(result, background, role="result").detection) == (0, 0, 1)
    assert counts(evaluate(result, background, role="background").detection) == (0, 1, 0)
    every = evaluate(result, background, role=None)
    assert counts(every.detection) == (1, 1, 1)
    assert counts(every.record) == (0, 1, 1)
    assert counts(every.roles["result"]["detection"]) == (0, 0, 1)
    assert counts(every.roles["background"]["detection"]) == (0, 1, 0)


def test_figures_come_from_summed_counts() -> None:
    gold = [document(claim(0, 4), claim(10, 14), claim(20, 24)), document(claim(), id="b")]
    predicted = [
        document(claim(0, 4), claim(10, 14, 7), claim(30, 34), claim(40, 44)),
        document(claim(unit="%"), id="b"),
    ]
    scores = evaluate(gold, predicted)
    # Equal values: the first claim of either document; 5 predicted, 4 in gold.
    assert counts(scores.detection) == (2, 5, 4)
    assert scores.detection.precision == pytest.approx(2 / 5)
    assert scores.detection.recall == pytest.approx(2 / 4)
    assert scores.detection.f1 == pytest.approx(2 * 0.4 * 0.5 / 0.9)
    assert counts(scores.record) == (1, 5, 4)
    # Three pairs overlap; one has another value, one another unit.
    assert (scores.fields["value"].right, scores.fields["value"].pairs) == (2, 3)
    assert scores.fields["unit"].accuracy == pytest.approx(2 / 3)
    assert (scores.documents, scores.predicted, scores.gold) == (2, 5, 4)


def test_types_are_scored_over_the_claims_of_that_type_on_each_side() -> None:
    gold = document(claim(0, 4), claim(10, 14), claim(20, 24, type="memory"))
    predicted = document(claim(0, 4), claim(10, 14, type="memory"), claim(20, 24, type="memory", unit="%"))
    types = evaluate([gold], [predicted]).types
    assert counts(types["speed"]["record"]) == (1, 1, 2)
    assert counts(types["memory"]["detection"]) == (1, 2, 1)
    assert counts(types["memory"]["record"]) == (0, 2, 1)
    assert counts(types["energy"]["detection"]) == (0, 0, 0)


def test_confusion_counts_matched_pairs() -> None:
    gold = document(claim(0, 4), claim(10, 14), claim(20, 24), claim(30, 34))
    predicted = document(claim(0, 4), claim(10, 14, form="share"), claim(20, 24, 9, form="share"))
    form = evaluate([gold], [predicted]).confusion["form"]
    assert form.labels == ("ratio", "change", "share", "level")
    assert form.counts == ((1, 0, 2, 0), (0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0))


def test_role_confusion_stands_over_all_roles() -> None:
    both = report([document(claim())], [document(claim(role="setup"))], resamples=0)
    assert both.all.confusion["role"].counts == ((0, 0, 1), (0, 0, 0), (0, 0, 0))
    assert sum(map(sum, both.result.confusion["role"].counts)) == 0
    assert (both.result.role, both.all.role) == ("result", None)


def test_a_document_without_prediction_has_no_claims() -> None:
    gold = [document(claim()), document(claim(), claim(10, 14), id="b")]
    assert counts(evaluate(gold, [document(claim())]).detection) == (1, 1, 3)
    assert counts(evaluate(gold, []).detection) == (0, 0, 3)


def test_no_documents_at_all() -> None:
    scores = evaluate([], [])
    assert (scores.documents, scores.detection.f1, scores.detection.f1_interval) == (0, 0.0, None)


def test_unknown_predictions_are_refused_unless_ignored() -> None:
    gold, predicted = [document(claim())], [document(claim()), document(claim(), id="zz")]
    with pytest.raises(ValueError, match="1 documents that gold does not have: 'zz'"):
        evaluate(gold, predicted)
    assert counts(evaluate(gold, predicted, ignore_unknown=True).detection) == (1, 1, 1)


def test_an_id_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="gold have these document ids more than once: 'a'"):
        evaluate([document(), document()], [])
    with pytest.raises(ValueError, match="predictions have these document ids more than once: 'a'"):
        errors([document()], [document(), document()])


def test_an_unknown_role_is_refused() -> None:
    role: Any = "results"
    with pytest.raises(ValueError, match="'results'; expected one of result, background, setup, or None"):
        evaluate([], [], role=role)
    with pytest.raises(ValueError, match="'results'"):
        errors([], [], role=role)


def described(gold: Claim | None, predicted: Claim | None, role: Role | None = "result") -> list[Any]:
    """The errors of one document with at most one claim a side, as (kind, slot, expected, found)."""
    sides = [[document(*(claim for claim in [side] if claim))] for side in (gold, predicted)]
    found = errors(*sides, role=role)
    assert all(error.document == "a" for error in found)
    return [(error.kind, error.slot, error.expected, error.found) for error in found]


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        (claim(), claim(), []),
        (claim(value=2.5), None, [("missing", None, "2.5", None)]),
        (None, claim(value=2.5), [("spurious", None, None, "2.5")]),
        (claim(), claim(10, 14), [("missing", None, "2", None), ("spurious", None, None, "2")]),
        (claim(value=2), claim(value=None, low=2, high=5), [("value", None, "2", "2..5")]),
        (claim(value=8.2, old=57), claim(value=8.2), [("value", None, "57 -> 8.2", "8.2")]),
        (claim(unit="GB"), claim(unit="gigabyte"), []),
        (
            claim(unit="%", bound="up_to"),
            claim(statistic="mean"),
            [("unit", None, "%", "x"), ("bound", None, "up_to", "exact"), ("statistic", None, None, "mean")],
        ),
        (
            claim(metric="latency", task=["coding"]),
            claim(metric="the latency", task=["parsing"]),
            [("slot", "task", "coding", None), ("slot", "task", None, "parsing")],
        ),
        (claim(), claim(role="setup"), [("role", None, "result", "setup")]),
        (claim(role="setup"), claim(), [("role", None, "setup", "result")]),
        (claim(role="setup"), claim(role="setup", unit="%"), []),
    ],
)
def test_errors(gold: Claim | None, predicted: Claim | None, expected: list[Any]) -> None:
    assert described(gold, predicted) == expected


def test_errors_over_all_roles() -> None:
    assert described(claim(), claim(role="setup"), None) == [("role", None, "result", "setup")]
    assert described(claim(role="setup"), None, None) == [("missing", None, "2", None)]


def test_errors_come_by_document_and_offset() -> None:
    gold = [document(claim(20, 24), claim(30, 34), claim(0, 4), id="b"), document(claim(), id="a")]
    predicted = [
        document(claim(), claim(10, 14), id="a"),
        document(claim(30, 34, unit="%"), claim(0, 4, 3), id="b"),
    ]
    found = [(error.document, error.kind) for error in errors(gold, predicted)]
    assert found == [("b", "value"), ("b", "missing"), ("b", "unit"), ("a", "spurious")]


def test_intervals_hold_the_figure_and_repeat() -> None:
    gold = [document(claim(), id=str(number)) for number in range(40)]
    predicted = [document(claim(value=2 if number % 4 else 3), id=str(number)) for number in range(40)]
    first, second = (evaluate(gold, predicted).detection for _ in range(2))
    assert first == second
    assert first.recall_interval is not None
    low, high = first.recall_interval
    # 30 of 40 right, one claim each: a standard error of sqrt(0.75 * 0.25 / 40), 1.96 of them on either side.
    margin = 1.96 * math.sqrt(0.75 * 0.25 / 40)
    assert low == pytest.approx(0.75 - margin, abs=0.03)
    assert high == pytest.approx(0.75 + margin, abs=0.03)


def test_intervals_at_the_edges() -> None:
    gold = [document(claim()), document(claim(10, 14), id="b")]
    perfect = evaluate(gold, gold)
    assert perfect.detection.f1_interval == (1.0, 1.0)
    assert perfect.fields["unit"].interval == (1.0, 1.0)
    assert perfect.slots["task"].f1_interval is None  # no item on either side, so never defined
    half = evaluate(gold, gold[:1]).detection
    assert half.recall_interval == (0.0, 1.0)  # a quarter of the samples draw each document twice
    assert half.precision_interval == (1.0, 1.0)  # samples without a prediction leave it undefined
    assert evaluate(gold, gold, resamples=0).detection.f1_interval is None


@pytest.mark.parametrize("cells", [1, 30, 10_000])
def test_every_sample_draws_as_many_documents(monkeypatch: pytest.MonkeyPatch, cells: int) -> None:
    monkeypatch.setattr(bootstrap, "_CELLS", cells)
    samples = bootstrap.resampled_sums(np.array([[1, 0], [1, 10], [1, 100]]), resamples=50)
    assert samples.shape == (50, 2)
    assert set(samples[:, 0]) == {3.0}
    assert len(set(samples[:, 1])) > 5


def test_json_holds_every_figure() -> None:
    both = report([document(claim(metric="speed"))], [document(claim(unit="%"))])
    data = json.loads(json.dumps(asdict(both)))
    assert data["result"]["record"]["true_positives"] == 0
    assert data["all"]["detection"] == {
        "true_positives": 1,
        "predicted": 1,
        "gold": 1,
        "precision": 1.0,
        "recall": 1.0,
        "f1": 1.0,
        "precision_interval": [1.0, 1.0],
        "recall_interval": [1.0, 1.0],
        "f1_interval": [1.0, 1.0],
    }
    assert set(data["all"]["types"]["speed"]) == set(SCORES)


def test_errors_as_json() -> None:
    found = errors([document(claim(old=57))], [document()])
    data = json.loads(json.dumps(to_data(*found)))
    assert (data["document"], data["kind"], data["predicted"]) == ("a", "missing", None)
    assert data["gold"]["from"]["value"] == 57


PHRASES = st.sampled_from(["speed", "the speed", "throughput", "batch size", "GPUs"])


@st.composite
def some_claims(draw: st.DrawFn) -> list[Claim]:
    """Claims of one side, close enough to overlap; two of one span could only be told apart by their order."""
    spans = st.tuples(st.integers(0, 12), st.integers(1, 6)).map(lambda at: (at[0], at[0] + at[1]))
    return [
        claim(
            *span,
            value=draw(st.sampled_from([1.0, 2.0])),
            old=draw(st.sampled_from([None, 5.0])),
            unit=draw(st.sampled_from(["x", "%"])),
            role=draw(st.sampled_from(["result", "setup"])),
            metric=draw(PHRASES),
            task=draw(st.lists(PHRASES, max_size=2)),
        )
        for span in draw(st.lists(spans, unique=True, max_size=5))
    ]


@given(st.lists(st.tuples(some_claims(), some_claims()), max_size=3), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_documents_and_claims_does_not_matter(
    sides: list[tuple[list[Claim], list[Claim]]], rng: random.Random
) -> None:
    gold = [document(*one, id=str(at)) for at, (one, _) in enumerate(sides)]
    predicted = [document(*other, id=str(at)) for at, (_, other) in enumerate(sides)]
    shuffled = [
        rng.sample([document(*rng.sample(doc.claims, len(doc.claims)), id=doc.id) for doc in side], len(side))
        for side in (gold, predicted)
    ]
    for role in ("result", None):
        one = evaluate(gold, predicted, role=role, resamples=20)
        assert evaluate(*shuffled, role=role, resamples=20) == one
