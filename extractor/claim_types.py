"""The claim type: by what is counted, by the unit, by the metric, and else by `rules/types.yaml`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import regex

from extractor.kinds import Reading
from extractor.quantities import Quantity
from extractor.rules import Rule, RuleSet

# Text around a number in which type rules look for words, in characters to each side.
_AROUND = 60
# A part of a time, of steps or of a number says nothing of speed: `75% of the iteration time`.
_PARTS = frozenset(("share-of", "share-verb", "retained-share", "percent-of-something"))
# Performance that is retained is quality: `while retaining 99.7% of original performance`.
_KEPT = "retained-share"
_WHOLES = frozenset(("speed", "compute", "scale"))


@dataclass(frozen=True, slots=True)
class _TypeRule:
    id: str
    type: str
    units: frozenset[str]
    forms: frozenset[str]
    frames: frozenset[str]
    words: regex.Pattern[str] | None
    before: regex.Pattern[str] | None
    over: bool
    vote: bool


class TypeFinder:
    """Finds the claim type of a quantity."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = [_compiled(rule) for rule in rules.of("type")]
        self._counted = {
            word: (str(rule.body["type"]), rule.id)
            for rule in rules.of("noun")
            if "type" in rule.body
            for word in rule.body["words"]
        }

    def find(
        self, text: str, sentence: tuple[int, int], quantity: Quantity, reading: Reading, form: str,
        domain: Callable[[], tuple[str, str] | None],
    ) -> tuple[str, str]:  # fmt: skip
        """The type and the rule that gave it; `domain` says what the document's words vote for."""
        if quantity.noun is not None and quantity.unit in self._counted:
            return self._counted[quantity.unit]
        if quantity.noun is not None and form == "level":
            return "scale", "counted-noun"
        for rule in self._rules:
            if rule.over and _fits(rule, text, sentence, quantity, reading, form):
                return rule.type, rule.id
        term = reading.metric.term if reading.metric else None
        if term is not None and not (form == "share" and reading.frame.rule in _PARTS and term.type in _WHOLES):
            voted = domain() if term.vote and reading.frame.rule != _KEPT else None
            return voted or (term.type, term.rule)
        for rule in self._rules:
            if _fits(rule, text, sentence, quantity, reading, form):
                return (domain() if rule.vote else None) or (rule.type, rule.id)
        raise AssertionError("the last type rule fits everything")


def _compiled(rule: Rule) -> _TypeRule:
    body = rule.body
    return _TypeRule(
        rule.id,
        body["sets"]["type"],
        frozenset(body.get("units", ())),
        frozenset(body.get("forms", ())),
        frozenset(body.get("frames", ())),
        _words(body.get("words", ())),
        regex.compile(f"(?r)(?:{body['before']})", regex.I) if "before" in body else None,
        bool(body.get("over")),
        bool(body.get("vote")),
    )


def _fits(
    rule: _TypeRule, text: str, sentence: tuple[int, int], quantity: Quantity, reading: Reading, form: str
) -> bool:
    if (rule.units and quantity.unit not in rule.units) or (rule.forms and form not in rule.forms):
        return False
    if rule.frames and reading.frame.rule not in rule.frames:
        return False
    if rule.before is not None and rule.before.match(text, sentence[0], quantity.start) is None:
        return False
    low, high = max(sentence[0], quantity.start - _AROUND), min(sentence[1], quantity.end + _AROUND)
    return rule.words is None or rule.words.search(text, low, high) is not None


def _words(words: list[str]) -> regex.Pattern[str] | None:
    return regex.compile(r"\b(?:" + "|".join(map(regex.escape, words)) + r")\b", regex.I) if words else None


class DomainFinder:
    """Whether a document speaks of systems or of learning, by a vote of its words."""

    def __init__(self, rules: RuleSet) -> None:
        self._sides = [(str(r.body["type"]), r.id, _words(r.body["words"])) for r in rules.of("domain")]

    def find(self, title: str, text: str) -> tuple[str, str] | None:
        """The type that `performance` has here and the rule of the winning side; None for a tie."""
        votes = sorted(
            (
                (len(words.findall(text)) + 2 * len(words.findall(title)), kind, rule)
                for kind, rule, words in self._sides
                if words
            ),
            reverse=True,
        )
        if not votes or (len(votes) > 1 and votes[0][0] == votes[1][0]):
            return None
        return votes[0][1], votes[0][2]
