"""Whose number it is: the role of a claim, by the cues of `rules/roles.yaml` and the sentence's place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import regex

from extractor.kinds import Reading, unit_class
from extractor.quantities import Evidence, Quantity
from extractor.rules import Rule, RuleSet

_NEAR = 40
# The first sentence that speaks of the authors' own work.
_OWN = regex.compile(
    r"\b(?:we|our|ours|I)\b|\b(?:this|the (?:present|proposed|current)|in this|here)\s+(?:paper|work|article|study|thesis|research|report|letter|"
    r"approach|method|framework|system|survey|contribution|manuscript|technique|algorithm|model|note|dissertation|project|solution|scheme|results?)\b|\bpresents?\b|\b(?:is|are|was|were|has been|have been) (?:\w+ )?(?:proposed|presented|introduced|developed|designed|investigated)\b|"
    r"\bexperiment(?:s|al)?\b|\bresults (?:show|indicate|demonstrate|suggest|confirm|reveal)\b|\bsimulations?\b|\bnovel\b|\b(?:introduces|proposes|describes)\b",
    regex.I,
)


# Sentences that present the work, and observations that lead up to it.
_PRESENTS = regex.compile(
    r"\b(?:we|this (?:paper|work|article|study|thesis)|here)\b[^.;]{0,60}?\b(?:propos|present|introduc|develop|design|describ|build|implement|devis)\w*|"
    r"\b(?:is|are) (?:\w+ )?(?:proposed|presented|introduced)\b|\b(?:motivated|inspired) by (?:this|these|our)\b|\bin this (?:paper|work|article)\b",
    regex.I,
)
_OBSERVES = regex.compile(
    r"\b(?:we (?:\w+ )?(?:observe|find|found|note|notice|identify|show|see|measure|profile|characteri[sz]e|reveal)|our (?:\w+ )?"
    r"(?:analysis|observations?|profiling|measurements?|characteri[sz]ation|study|findings?|insights?|experiments?)|by profiling)\b",
    regex.I,
)


def own_work_start(text: str, sentences: Sequence[tuple[int, int]], name: str | None = None) -> int:
    """Where the first sentence on the authors' own work begins; 0 when none says so.

    A sentence that has the own system's name speaks of it too.

    Observations that come before the sentence presenting the work motivate it and are not yet own work.
    """
    presents = [start for start, end in sentences if _PRESENTS.search(text, start, end)]
    for start, end in sentences:
        if not _OWN.search(text, start, end) and not (name and text.find(name, start, end) >= 0):
            continue
        if presents and start < presents[0] and _OBSERVES.search(text, start, end):
            continue
        return start
    return 0


@dataclass(frozen=True, slots=True)
class _RoleRule:
    id: str
    role: str
    units: frozenset[str]
    forms: frozenset[str]
    frames: frozenset[str]
    unit_is: frozenset[str]
    metricless: bool
    place: str | None
    text: regex.Pattern[str] | None
    near: regex.Pattern[str] | None
    before: regex.Pattern[str] | None
    after: regex.Pattern[str] | None


class RoleFinder:
    """Finds the role of a quantity."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = [_compiled(rule) for rule in rules.of("role")]

    def find(
        self,
        text: str,
        quantity: Quantity,
        reading: Reading,
        form: str,
        sentence: tuple[int, int],
        own_start: int,
    ) -> tuple[str, Evidence]:
        """The role and what set it."""
        kind = unit_class(quantity)
        place = "before-own" if sentence[0] < own_start else "after-own"
        for rule in self._rules:
            if (rule.units and kind not in rule.units) or (rule.forms and form not in rule.forms):
                continue
            if (rule.frames and reading.frame.rule not in rule.frames) or (
                rule.metricless and reading.metric is not None
            ):
                continue
            if rule.unit_is and (
                quantity.unit not in rule.unit_is or quantity.noun is not None and quantity.unit != "bit"
            ):
                continue
            if rule.place is not None and rule.place != place:
                continue
            span = _cue(rule, text, quantity, sentence)
            if span is not None:
                return rule.role, Evidence(rule.id, *span)
        raise AssertionError("the last role rule fits everything")


def _compiled(rule: Rule) -> _RoleRule:
    body: dict[str, Any] = dict(rule.body)
    flag = regex.I
    return _RoleRule(
        rule.id,
        body["sets"]["role"],
        frozenset(body.get("units", ())),
        frozenset(body.get("forms", ())),
        frozenset(body.get("frames", ())),
        frozenset(body.get("unit_is", ())),
        bool(body.get("metricless")),
        body.get("place"),
        regex.compile(body["text"], flag) if "text" in body else None,
        regex.compile(body["near"], flag) if "near" in body else None,
        regex.compile(f"(?r)(?:{body['before']})", flag) if "before" in body else None,
        regex.compile(f"(?:{body['after']})", flag) if "after" in body else None,
    )


def _cue(rule: _RoleRule, text: str, quantity: Quantity, sentence: tuple[int, int]) -> tuple[int, int] | None:
    """The span of the rule's cue, an empty one for rules without patterns, None where a pattern fails."""
    start, end = sentence
    span = (quantity.start, quantity.start)
    behind = quantity.noun[1] if quantity.noun else quantity.end
    searches = (
        rule.text and rule.text.search(text, start, end),
        rule.near and rule.near.search(text, max(start, quantity.start - _NEAR), min(end, behind + _NEAR)),
        rule.before and rule.before.match(text, start, quantity.start),
        rule.after and rule.after.match(text, behind, end),
    )
    for pattern, found in zip((rule.text, rule.near, rule.before, rule.after), searches, strict=True):
        if pattern is None:
            continue
        if not found:
            return None
        span = found.span()
    return span
