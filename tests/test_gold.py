"""Loading and checking of labelled documents."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from extractor import gold
from extractor.claims import Document

ABSTRACT = (
    "Inference is slow. LayerSkip cuts latency from 51 to 21 minutes and storage by 2.5x.\n"
    "We show speedups of 2.16x on CNN/DM, and 2.16x for accuracy\nloss of 0.5%."
)
TITLE = "LayerSkip: Early Exit Inference"


def claim(**changes: Any) -> dict[str, Any]:
    """A hand-written claim on `2.5x` of ABSTRACT; a change to ... leaves the key out."""
    fields: dict[str, Any] = {
        "quantity": "2.5x",
        "value": 2.5,
        "unit": "x",
        "bound": "exact",
        "form": "ratio",
        "direction": "decrease",
        "type": "memory",
        "role": "result",
    }
    return {name: value for name, value in (fields | changes).items() if value is not ...}


def document(*claims: Any, **changes: Any) -> dict[str, Any]:
    fields = {"id": "2404.16710", "title": TITLE, "abstract": ABSTRACT, "claims": list(claims)}
    return {name: value for name, value in (fields | changes).items() if value is not ...}


def write(path: Path, *lines: Any) -> Path:
    file = path / "gold.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_text("\n".join(texts) + "\n", encoding="utf8")
    return file


def load_one(path: Path, data: dict[str, Any]) -> Document:
    (loaded,) = gold.load(write(path, data))
    return loaded


def unmark(text: str, marks: tuple[str, str]) -> tuple[str, tuple[int, int] | None]:
    """The text without any marks, and the offsets of what stood between the two given ones."""
    open_, close = marks
    if open_ not in text:
        return re.sub(r"[«»⟦⟧]", "", text), None
    before, inside = (re.sub(r"[«»⟦⟧]", "", part) for part in text.split(close, maxsplit=1)[0].split(open_))
    return re.sub(r"[«»⟦⟧]", "", text), (len(before), len(before) + len(inside))


# In each case ⟦⟧ is the quantity and «» the occurrence of the phrase that must be taken, in the abstract or title.
LOCATED = {
    "nearest in the sentence": (
        "The speedup is large: «speedup» of ⟦2x⟧ and no other speedup.",
        "",
        "speedup",
    ),
    "nearer on the right": (
        "The accuracy of all of these models is ⟦2x⟧ the «accuracy» before.",
        "",
        "accuracy",
    ),
    "tie goes left": ("We see «cost» ⟦2x⟧ cost here.", "", "cost"),
    "own sentence before a nearer one": (
        "We cut cost. ⟦2x⟧ is what a user of our system sees of «cost» today.",
        "",
        "cost",
    ),
    "nearest earlier sentence": ("Our cost is low. Our «cost» is small. It is ⟦2x⟧.", "", "cost"),
    "earlier before title": ("We built «Orca». It is ⟦2x⟧ faster.", "Orca: a system", "Orca"),
    "title before later": ("It is ⟦2x⟧ faster. We call it Orca.", "«Orca»: a system", "Orca"),
    "nearest later": ("It is ⟦2x⟧ faster. We call it «Orca». Now Orca is free.", "", "Orca"),
    "no cut word": ("The ratios have a «ratio» over all of the many runs of ⟦2x⟧.", "", "ratio"),
    "no cut number": ("With «5» nodes in each of the racks, 2.5 or 51 are ⟦2x⟧.", "", "5"),
    "number before a comma is whole": ("On «5», we are ⟦2x⟧ faster.", "", "5"),
    "thousands are one number": ("On «5» of 5,000 it is ⟦2x⟧ faster.", "", "5"),
    "whole word elsewhere beats cut one here": ("It is ⟦2x⟧ of ratios. The «ratio» counts.", "", "ratio"),
    "cut word when there is nothing else": ("The «ratio»s are ⟦2x⟧.", "", "ratio"),
    "line break inside": ("We cut «inference\n  time» by ⟦2x⟧.", "", "inference time"),
    "regular expression signs are text": ("On «C++ (v2)» it is ⟦2x⟧ faster.", "", "C++ (v2)"),
}


@pytest.mark.parametrize(("marked", "title", "phrase"), LOCATED.values(), ids=LOCATED.keys())
def test_locate(marked: str, title: str, phrase: str) -> None:
    abstract, anchor = unmark(marked, ("⟦", "⟧"))
    assert anchor is not None
    in_abstract = unmark(marked, ("«", "»"))[1]
    plain_title, in_title = unmark(title, ("«", "»"))
    mention = gold.locate(phrase, abstract=abstract, title=plain_title, anchor=anchor)
    assert mention is not None
    assert mention.field == ("abstract" if in_abstract else "title")
    assert (mention.start, mention.end) == (in_abstract or in_title)
    assert mention.text == (abstract if in_abstract else plain_title)[mention.start : mention.end]


def test_locate_nothing() -> None:
    assert gold.locate("Orca", abstract="It is 2x faster.", title="Whale", anchor=(6, 8)) is None
    assert gold.locate(" ", abstract="It is 2x faster.", title="Whale", anchor=(6, 8)) is None


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("5 of 2.5, 51, 5.0 and 5.", "5", [(0, 1), (22, 23)]),
        ("v2 is 2, x2", "2", [(1, 2), (6, 7), (10, 11)]),
        ("4x and 14x", "4x", [(0, 2)]),
        ("5x, 5xy", "5x", [(0, 2)]),
        ("half of halfway", "half", [(0, 4)]),
        ("AB or B", "B", [(6, 7)]),
        ("2.4x\nfaster", "2.4x faster", [(0, 11)]),
        ("", "5", []),
    ],
)
def test_occurrences_are_whole_numbers_and_words(text: str, phrase: str, expected: list[tuple[int, int]]) -> None:
    assert gold.occurrences(text, phrase) == expected


def test_a_hand_written_claim_gets_offsets(tmp_path: Path) -> None:
    raw = claim(metric="storage", system="LayerSkip", baseline=["Inference"], note="sure", statistic=None)
    (found,) = load_one(tmp_path, document(raw)).claims
    assert ABSTRACT[found.start : found.end] == found.quantity == "2.5x"
    assert found.metric is not None and found.system is not None
    assert ABSTRACT[found.metric.start : found.metric.end] == "storage"
    assert (found.system.field, found.system.start) == ("abstract", ABSTRACT.index("LayerSkip"))
    assert [item.text for item in found.baseline] == ["Inference"]
    assert found.sentence == (ABSTRACT.index("LayerSkip"), ABSTRACT.index("\n"))


def test_nth_counts_whole_occurrences(tmp_path: Path) -> None:
    raw = claim(quantity="2.16x", value=2.16, nth=2)
    assert load_one(tmp_path, document(raw)).claims[0].start == ABSTRACT.rindex("2.16x")


def test_quantity_becomes_the_covered_text(tmp_path: Path) -> None:
    raw = claim(quantity="accuracy loss", metric="accuracy loss")
    (found,) = load_one(tmp_path, document(raw)).claims
    assert found.quantity == "accuracy\nloss"
    assert found.metric is not None and found.metric.text == "accuracy\nloss"


def test_from_becomes_an_old_level(tmp_path: Path) -> None:
    raw = claim(quantity="21 minutes", value=21, unit="min", **{"from": "51", "from_value": 51})
    old = load_one(tmp_path, document(raw)).claims[0].from_
    assert old is not None
    assert (old.text, old.value, old.start) == ("51", 51.0, ABSTRACT.index("51"))


def test_from_is_not_part_of_the_new_level(tmp_path: Path) -> None:
    abstract = "It went from 5 to 5 ms."
    raw = claim(quantity="5 ms", value=5, unit="ms", **{"from": "5", "from_value": 5})
    old = load_one(tmp_path, document(raw, abstract=abstract)).claims[0].from_
    assert old is not None and old.start == abstract.index("5")


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    minutes = claim(quantity="21 minutes", value=21, unit="min", **{"from": "51", "from_value": 51})
    spread = claim(value=None, low=2, high=3, spread=0.1, confidence=0.5, metric="Early Exit")
    first = load_one(tmp_path, document(minutes, spread, authors=["A. Writer"], date="2024-04"))
    file = tmp_path / "resolved.jsonl"
    file.write_text(first.to_json() + "\n", encoding="utf8")
    assert gold.load(file) == [first]


def test_blank_lines_and_documents_without_claims(tmp_path: Path) -> None:
    file = write(tmp_path, document(), "", document(id="b", claims=..., title=...))
    assert [(found.id, found.claims) for found in gold.load(file)] == [("2404.16710", []), ("b", [])]


# What is wrong, the field that the fault names, and what its message must say.
CLAIM_FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "unknown word": (
        {"bound": "upto"},
        "bound",
        "is \"upto\"; expected one of exact, up_to,.*nearest is 'up_to'",
    ),
    "word in capitals": ({"form": "Ratio"}, "form", "the nearest is 'ratio'"),
    "word missing": ({"role": ...}, "role", "missing; expected one of result, background, setup"),
    "word of another kind": (
        {"direction": ["none"]},
        "direction",
        "expected one of increase, decrease, none",
    ),
    "statistic": ({"statistic": "average"}, "statistic", "expected one of mean, geomean, median, std"),
    "unit missing": ({"unit": ...}, "unit", "missing; expected a string"),
    "unit no text": ({"unit": 5}, "unit", "is 5; expected a string"),
    "unknown key": ({"datasets": ["CNN/DM"]}, "datasets", "unknown.*nearest is 'dataset'"),
    "value as text": ({"value": "2.5"}, "value", 'is "2.5"; expected a finite number'),
    "value true": ({"value": True}, "value", "is true; expected a finite number"),
    "value not finite": ({"value": float("nan")}, "value", "is NaN; expected a finite number"),
    "value beyond floats": ({"value": 10**400}, "value", "expected a finite number"),
    "no value": ({"value": None}, "value", "low and high for a range"),
    "half a range": ({"value": None, "low": 2}, "value", "low and high for a range"),
    "quantity missing": ({"quantity": ...}, "quantity", "missing; expected a string"),
    "quantity empty": ({"quantity": " "}, "quantity", "empty"),
    "quantity elsewhere": ({"quantity": "2.6x"}, "quantity", "does not occur.*the nearest is '2.16x'"),
    "quantity cut": ({"quantity": "5x"}, "quantity", "does not occur.*cuts no number and no word"),
    "which one": ({"quantity": "2.16x"}, "nth", "occurs 2 times; expected a whole number from 1 to 2"),
    "no third one": ({"quantity": "2.16x", "nth": 3}, "nth", "is 3; .*the nearest is 2"),
    "no zeroth one": ({"quantity": "2.16x", "nth": 0}, "nth", "is 0; expected a whole number from 1 to 2"),
    "offsets elsewhere": (
        {"start": 3, "end": 7},
        "start",
        f"cover \"eren\"; expected the offsets of '2.5x'; the nearest is {ABSTRACT.index('2.5x')}",
    ),
    "offset without end": ({"start": 3}, "start", "expected two offsets"),
    "offset from the end": ({"start": -5, "end": -1}, "start", "expected two offsets"),
    "metric elsewhere": (
        {"metric": "throughput"},
        "metric",
        "\"?'throughput', which does not occur; expected a phrase of the abstract or title",
    ),
    "system misspelt": ({"system": "LayerSkipp"}, "system", "the nearest is 'LayerSkip"),
    "slot of numbers": ({"metric": 5}, "metric", "is 5; expected a phrase"),
    "slot no list": ({"dataset": "CNN/DM"}, "dataset", "expected a list of phrases"),
    "empty item": ({"task": [""]}, "task", "expected a phrase"),
    "one of two items": ({"baseline": ["Inference", "vLLM"]}, "baseline", "'vLLM', which does not occur"),
    "mention elsewhere": (
        {"metric": {"text": "Early", "field": "abstract", "start": 11, "end": 16}},
        "metric",
        "expected the offsets of 'Early'",
    ),
    "mention in no field": (
        {"metric": {"text": "Early", "field": "titel", "start": 11, "end": 16}},
        "metric",
        "one of abstract, title; the nearest is 'title'",
    ),
    "from without its value": ({"from": "51"}, "from", "the two go together"),
    "value without its from": ({"from_value": 51}, "from", "the two go together"),
    "from elsewhere": ({"from": "52", "from_value": 52}, "from", "'52', which does not occur"),
    "from of another kind": ({"from": 51, "from_value": 51}, "from", "the text of the old level"),
    "old value as text": ({"from": {"text": "51", "value": "51"}}, "from", "a finite number or null"),
    "old level with other keys": ({"from": {"text": "51", "worth": 51}}, "from", "an object of text, start"),
    "confidence": ({"confidence": "high"}, "confidence", "valid number"),
}


@pytest.mark.parametrize(("changes", "field", "says"), CLAIM_FAULTS.values(), ids=CLAIM_FAULTS.keys())
def test_claim_faults(tmp_path: Path, changes: dict[str, Any], field: str, says: str) -> None:
    file = write(tmp_path, document(), document(claim(), claim(**changes), id="b"))
    (fault,) = gold.check(file)
    assert (fault.file, fault.line, fault.document, fault.claim, fault.field) == (str(file), 2, "b", 2, field)
    assert re.search(says, str(fault))


DOCUMENT_FAULTS: dict[str, tuple[Any, str, str]] = {
    "no JSON": (
        '{"id": "a", ',
        "line",
        r"no JSON \(.* at column \d+\); expected a JSON document on one line",
    ),
    "no object": ("[1]", "line", r"is \[1\]; expected a JSON document"),
    "id missing": (document(id=...), "id", "missing; expected the id of the paper"),
    "id a number": (document(id=2404.1), "id", "a string that is not empty"),
    "abstract missing": (document(abstract=...), "abstract", "missing; expected the raw text"),
    "title null": (document(title=None), "title", "expected the raw text of the title"),
    "unknown key": (
        document(claim=[]),
        "claim",
        "unknown; expected one of the fields id, .*nearest is 'claims'",
    ),
    "claims no list": (document(claims={}), "claims", "expected a list of claims"),
    "claim no object": (document("2.5x"), "claim", "expected a claim: a JSON object"),
    "authors no list": (document(authors="A. Writer"), "authors", "valid list"),
}


@pytest.mark.parametrize(("line", "field", "says"), DOCUMENT_FAULTS.values(), ids=DOCUMENT_FAULTS.keys())
def test_document_faults(tmp_path: Path, line: Any, field: str, says: str) -> None:
    (fault,) = gold.check(write(tmp_path, line))
    assert fault.field == field
    assert re.search(says, str(fault))


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "gold.jsonl"
    file.write_bytes(b'{"id": "\xff"}\n')
    (fault,) = gold.check(file)
    assert "not readable" in fault.found and "UTF-8" in fault.expected


def test_an_id_twice_names_the_first_line(tmp_path: Path) -> None:
    (fault,) = gold.check(write(tmp_path, document(), document(id="b"), document()))
    assert (fault.line, fault.field, fault.found) == (3, "id", "also that of line 1")


def test_one_fault_hides_no_other(tmp_path: Path) -> None:
    bad = claim(quantity="9x", bound="upto", metric="throughput", value="9", confidence="high")
    file = write(tmp_path, "{", document(bad, claim(role="goal")), document(claim(form="rate"), id="b"))
    found = [(fault.line, fault.claim, fault.field) for fault in gold.check(file)]
    first = ["bound", "value", "quantity", "metric", "confidence"]
    assert found == [(1, None, "line"), *((2, 1, name) for name in first), (2, 2, "role"), (3, 1, "form")]


def test_load_raises_the_first_fault(tmp_path: Path) -> None:
    file = write(tmp_path, document(claim(bound="upto"), claim(form="rate")))
    with pytest.raises(gold.GoldError, match=r"gold\.jsonl:1: document '2404\.16710' claim 1 .'2\.5x'.: bound") as info:
        gold.load(file)
    assert info.value.fault == gold.check(file)[0]


def test_load_goes_on_without_the_faulty_documents(tmp_path: Path) -> None:
    file = write(tmp_path, document(claim(bound="upto"), claim(form="rate")), document(claim(), id="b"))
    problems: list[gold.Fault] = []
    loaded = gold.load(file, on_problem=problems.append)
    assert [found.id for found in loaded] == ["b"]
    assert [fault.field for fault in problems] == ["bound", "form"]


def test_notes_and_open_labels_are_accepted(tmp_path: Path) -> None:
    marks = {
        "note": "?",
        "rules": [],
        "open": ["unit"],
        "other": {"unit": "%"},
        "maybe": [],
        "optional": True,
    }
    assert load_one(tmp_path, document(claim(**marks))) == load_one(tmp_path, document(claim()))
