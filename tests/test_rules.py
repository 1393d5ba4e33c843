"""Every example and counter-example of every shipped rule; adding a case to a rule file adds a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from extractor import pipeline, rules
from extractor.quantities import Evidence, Rejection
from extractor.records import Record
from extractor.rulecheck import Case, cases, check, failures
from extractor.rules import Rule, RuleSet

CASES = list(cases(rules.load()))


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case_comes_out(case: Case) -> None:
    failure = check(case, pipeline=pipeline.default().rules_only())
    assert failure is None, str(failure)


# --- the check itself, over a stand-in for the pipeline -----------------------------------------------------


class Canned:
    """An analyser that finds what it is told to."""

    def __init__(self, records: list[Record], rejections: list[Rejection]) -> None:
        self.found = records, rejections

    def analyse(self, text: str, title: str = "") -> tuple[list[Record], list[Rejection]]:
        return self.found


def claim(start: int, end: int, by: str = "up-to") -> Record:
    return Record(
        quantity="2x", start=start, end=end, value=2.0, low=None, high=None, spread=None, unit="x",
        bound="up_to", statistic=None, form="ratio", direction="increase", type="speed", role="result",
        sentence=(0, 20), evidence={"bound": Evidence(by, 0, 5)},
    )  # fmt: skip


def rule(kind: str, example: Mapping[str, object], counter: Mapping[str, object]) -> RuleSet:
    return RuleSet((Rule("up-to", kind, "says", {"tag": "UP"}, (example,), (counter,), "file.yaml"),))


TEXT = {"text": "is up to «2x» faster"}
OTHER = {"text": "runs «7» times", "none": True}

MODIFIERS = [
    ("as stated", {"bound": "up_to", "value": 2, "unit": "x"}, [claim(9, 11)], []),
    ("no claim", {"bound": "up_to"}, [], ["expected a claim, found none (no rejection)"]),
    ("claim elsewhere", {"bound": "up_to"}, [claim(12, 14)], ["expected a claim, found none (no rejection)"]),
    ("other value", {"value": 3}, [claim(9, 11)], ["value: expected 3, found 2.0"]),
    ("other unit", {"unit": "%"}, [claim(9, 11)], ["unit: expected '%', found 'x'"]),
    ("claim not wanted", {"none": True}, [claim(9, 11)], ["expected no claim, found '2x'"]),
    (
        "another rule did it",
        {"bound": "up_to"},
        [claim(9, 11, by="peak")],
        ["expected this rule in the evidence, found bound by peak"],
    ),
]


@pytest.mark.parametrize(("fields", "found", "expected"), [m[1:] for m in MODIFIERS], ids=[m[0] for m in MODIFIERS])
def test_difference_is_told(fields: dict[str, object], found: list[Record], expected: list[str]) -> None:
    example = next(cases(rule("modifier", TEXT | fields, OTHER)))
    failure = check(example, pipeline=Canned(found, []))
    assert list(failure.differences if failure else []) == expected


def test_field_that_no_claim_has_is_told_with_the_known_ones() -> None:
    example = next(cases(rule("modifier", TEXT | {"bounds": "up_to"}, OTHER)))
    failure = check(example, pipeline=Canned([claim(9, 11)], []))
    assert failure is not None and "unknown field 'bounds'; known are text, none" in str(failure)


REJECTS = [
    ("example rejected by the rule", "example", [], "up-to", None),
    ("example rejected by another", "example", [], "other", "expected a rejection by this rule"),
    ("example became a claim", "example", [claim(9, 11)], "up-to", "expected no claim, found '2x'"),
    ("counter left alone", "counter", [claim(9, 11)], "other", None),
    ("counter rejected", "counter", [], "up-to", "rejected by this rule, which it must not be"),
]


@pytest.mark.parametrize(("kind", "found", "by", "expected"), [r[1:] for r in REJECTS], ids=[r[0] for r in REJECTS])
def test_rejecting_rule(kind: str, found: list[Record], by: str, expected: str | None) -> None:
    case = next(case for case in cases(rule("reject", TEXT, TEXT)) if case.side == kind)
    failure = check(case, pipeline=Canned(found, [Rejection(9, 11, by)]))
    assert (failure is None) if expected is None else expected in str(failure)


def test_cue_must_be_named_only_where_it_gives_a_direction() -> None:
    stated = TEXT | {"form": "ratio"}
    found = Canned([claim(9, 11)], [])
    assert [failure.case.side for failure in failures(rule("cue", stated, TEXT), pipeline=found)] == ["example"]
    level = replace(claim(9, 11), direction="none")
    assert failures(rule("cue", stated, TEXT), pipeline=Canned([level], [])) == []
