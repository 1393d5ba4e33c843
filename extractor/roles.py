"""Whose number it is: the role of a claim, by the cues of `rules/roles.yaml` and the sentence's place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import regex

from extractor.kinds import Reading, unit_class
from extractor.phrases import phrase
from extractor.quantities import Evidence, Quantity
from extractor.rules import Rule, RuleSet

_NEAR = 40
_FAR = 400


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


class OwnWorkFinder:
    """Finds where an abstract begins to speak of the authors' own work."""

    def __init__(self, rules: RuleSet) -> None:
        self._own = phrase(rules, "own-work")
        self._presents = phrase(rules, "presents-work")
        self._observes = phrase(rules, "observes")

    def start(self, text: str, sentences: Sequence[tuple[int, int]], name: str | None = None) -> int:
        """Where the first sentence on the authors' own work begins; 0 when none says so.

        A sentence that has the own system's name speaks of it too. Observations that come before the sentence
        presenting the work motivate it and are not yet own work.
        """
        presents = [start for start, end in sentences if self._presents.search(text, start, end)]
        for start, end in sentences:
            if not self._own.search(text, start, end) and not (name and text.find(name, start, end) >= 0):
                continue
            if not (presents and start < presents[0] and self._observes.search(text, start, end)):
                return start
        return 0


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
                quantity.unit not in rule.unit_is or (quantity.noun is not None and quantity.unit != "bit")
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


@lru_cache(maxsize=256)
def _search(pattern: regex.Pattern[str], text: str, start: int, end: int) -> regex.Match[str] | None:
    """A search of a whole sentence, done once for all its numbers."""
    return pattern.search(text, start, end)


def _cue(rule: _RoleRule, text: str, quantity: Quantity, sentence: tuple[int, int]) -> tuple[int, int] | None:
    """The span of the rule's cue, an empty one for rules without patterns, None where a pattern fails."""
    start, end = sentence
    span = (quantity.start, quantity.start)
    behind = quantity.noun[1] if quantity.noun else quantity.end
    for pattern, search in (
        (rule.text, lambda p: _search(p, text, start, end)),
        (rule.near, lambda p: p.search(text, max(start, quantity.start - _NEAR), min(end, behind + _NEAR))),
        (rule.before, lambda p: p.match(text, max(start, quantity.start - _FAR), quantity.start)),
        (rule.after, lambda p: p.match(text, behind, min(end, behind + _FAR))),
    ):
        if pattern is None:
            continue
        found = search(pattern)
        if found is None:
            return None
        span = found.span()
    return span
