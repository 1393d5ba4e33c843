"""Bounds and statistics of quantities, by the cues of `rules/modifiers.yaml`.

Cues follow ConText: a cue stands before or behind the number, its scope is the coordinated list that follows, and a
repeated preposition, a verb or the end of the clause ends the scope.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from extractor.phrases import phrase
from extractor.quantities import Evidence, Quantity
from extractor.rules import Rule, RuleSet
from extractor.tokens import TAGS, TaggedSentence, Token

# Which bound wins where two stand on one number.
BOUND_ORDER = ("at_least", "at_most", "up_to", "approx")
_REACH = 90
_MAX_CUES = 4
# What may stand between a cue and its number, or between two cues.
_FILLER = (
    r"(?:[\s$({}~\\,!]|\\!|\b(?:an?|the|by|to|of|as|only|just|even|impressive|remarkable|total|whopping|factor of|"
    r"additional|further|staggering|substantial|significant|respectively)\s|\\(?:mathbf|text|textbf|mathrm|boldmath|bm|bf|em|textit|emph)\b)*"
)
_STATISTICS = {"average": "mean", "mean": "mean", "avg": "mean", "median": "median"}
# First words of modifiers behind a number that patterns need not see.
_TRAILING = frozenset(("on", ",", "or", "+", "at", "in", "(average)", "(on", "(geomean)"))
_ENDERS = frozenset(
    TAGS[name] for name in ("UP", "DOWN", "GOOD", "BAD", "LEVEL", "STOP", "BY", "RETAIN", "THAT", "SHARE", "BE", "EQ")
)
_JOINTS = frozenset((TAGS["AND"], TAGS["COMMA"]))
# A noun of change before the number begins a claim of its own: "up to 30%, and an improvement of 10%".
_CHANGE_NOUNS = frozenset(TAGS[name] for name in ("UPN", "DOWNN", "GOODN", "BADN"))


@dataclass(frozen=True, slots=True)
class Modifier:
    """A modifier found on a quantity."""

    rule: str
    field: str
    value: str
    start: int
    end: int


class ModifierFinder:
    """Finds the modifiers of each quantity of a sentence."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules.of("modifier")
        self._over = phrase(rules, "over-as-bound")
        self._direct = phrase(rules, "direct-modifier")
        self._of_metric = phrase(rules, "statistic-of-metric")
        self._in_metric = phrase(rules, "statistic-in-metric")
        self._sentence_mean = phrase(rules, "sentence-average")
        self._values = [next(iter(rule.body["sets"].items())) for rule in self._rules]
        self._before = _side(self._rules, "before", r"(?r)(?:CUES)" + _FILLER)
        self._after = _side(self._rules, "after", r"[$}]*(?:CUES)")

    def find(self, text: str, quantity: Quantity, start: int, end: int) -> list[Modifier]:
        """The modifiers written at a quantity, within text[start:end]."""
        begin = quantity.new_start if quantity.olds else quantity.start
        return [*self._chain(text, begin, max(start, quantity.start - _REACH)), *self._behind(text, quantity, end)]

    def spans(
        self, text: str, quantities: Sequence[Quantity], found: Sequence[list[Modifier]]
    ) -> dict[int, tuple[int, int]]:
        """Start -> (index, end) of each quantity with the modifiers that name no property, which no pattern need see.

        Where two quantities would share a modifier, it stays with the first.
        """
        placed = {}
        floor = 0
        for index, (quantity, marks) in enumerate(zip(quantities, found, strict=True)):
            begin, stop = self._span(text, quantity, marks)
            ceiling = quantities[index + 1].start if index + 1 < len(quantities) else stop
            placed[min(max(begin, floor), quantity.start)] = (index, max(min(stop, ceiling), quantity.end))
            floor = max(min(stop, ceiling), quantity.end)
        return placed

    def _span(self, text: str, quantity: Quantity, marks: Sequence[Modifier]) -> tuple[int, int]:
        begin, stop = quantity.start, quantity.end
        for mark in marks:
            if mark.end <= begin and self._direct.fullmatch(text, mark.start, mark.end):
                begin = mark.start
            elif mark.start >= stop and text[mark.start : mark.end].split(maxsplit=1)[0] in _TRAILING:
                stop = mark.end
        return begin, stop

    def of_metric(self, text: str, quantity: Quantity, metric: Token) -> None:
        """Give the quantity the statistic that its metric begins with: `reduces average latency by 1.9x`."""
        match = self._in_metric.match(text, metric.start, metric.end) or self._of_metric.match(
            text, max(0, metric.start - _REACH), metric.start
        )
        if match is not None:
            quantity.statistic = _STATISTICS[match.group("word").lower()]
            quantity.evidence["statistic"] = Evidence(quantity.statistic, *match.span("word"))

    def of_sentence(self, text: str, sentence: TaggedSentence, quantities: Sequence[Quantity]) -> None:
        """`On average, …` at the head of a sentence holds for its gains and levels."""
        match = self._sentence_mean.match(text, sentence.start, sentence.end)
        if match is None:
            return
        for quantity in quantities:
            if quantity.statistic is None and quantity.noun is None and quantity.bound != "up_to":
                quantity.statistic = "mean"
                quantity.evidence["statistic"] = Evidence("mean", *match.span())

    def drop_spatial_over(self, text: str, quantities: Sequence[Quantity], start: int) -> None:
        """`400 queries over 10 projects`: behind a noun, `over` before a count is a place and no bound."""
        for quantity in quantities:
            cue = quantity.evidence.get("bound")
            if quantity.noun is None or cue is None or text[cue.start : cue.end].lower() != "over":
                continue
            if self._over.match(text, start, cue.start) is None:
                quantity.bound = "exact"
                del quantity.evidence["bound"]

    def _chain(self, text: str, position: int, floor: int) -> list[Modifier]:
        found: list[Modifier] = []
        while len(found) < _MAX_CUES:
            match = self._before.match(text, floor, position)
            if match is None or match.start() == position:
                break
            found.append(self._modifier(match))
            position = match.start()
        return found

    def _behind(self, text: str, quantity: Quantity, end: int) -> list[Modifier]:
        match = self._after.match(text, quantity.end, min(end, quantity.end + _REACH))
        return [self._modifier(match)] if match else []

    def _modifier(self, match: regex.Match[str]) -> Modifier:
        number = next(
            k for k in range(len(self._rules)) if f"r{k}" in match.re.groupindex and match.start(f"r{k}") >= 0
        )
        name, value = self._values[number]
        return Modifier(self._rules[number].id, name, value, *match.span(f"r{number}"))


def _side(rules: Sequence[Rule], side: str, frame: str) -> regex.Pattern[str]:
    groups = []
    for number, rule in enumerate(rules):
        if cues := rule.body.get(side):
            body = "|".join(cue.replace(" ", r"[\s~]+") for cue in cues)
            edge = r"(?<![\p{L}\d])(?=\p{L})|(?=[^\p{L}])" if side == "before" else ""
            groups.append(f"(?P<r{number}>(?:{edge})(?:{body}))")
    return regex.compile(frame.replace("CUES", "|".join(groups)), regex.IGNORECASE)


def apply(quantities: Sequence[Quantity], found: Sequence[list[Modifier]]) -> None:
    """Write the modifiers' fields as evidence into their quantities; the stronger of two bounds wins."""
    for quantity, modifiers in zip(quantities, found, strict=True):
        for modifier in modifiers:
            _set(quantity, modifier)


def _set(quantity: Quantity, modifier: Modifier) -> None:
    if modifier.field == "bound":
        if quantity.bound == "exact" or BOUND_ORDER.index(modifier.value) < BOUND_ORDER.index(quantity.bound):
            quantity.bound = modifier.value
        else:
            return
    elif quantity.statistic is None:
        quantity.statistic = modifier.value
    else:
        return
    quantity.evidence[modifier.field] = Evidence(modifier.rule, modifier.start, modifier.end)


def carry(sentence: TaggedSentence, quantities: Sequence[Quantity], found: Sequence[list[Modifier]]) -> None:
    """Carry a modifier before a list to the later members of the list that have none of their own."""
    for index in range(1, len(quantities)):
        if any(modifier.start < quantities[index].start for modifier in found[index]):
            continue
        earlier, later = quantities[index - 1], quantities[index]
        if not _comparable(earlier, later) or not _same_list(sentence, index):
            continue
        for modifier in found[index - 1]:
            if modifier.end <= earlier.start:
                _set(later, modifier)
                found[index].append(
                    Modifier(modifier.rule, modifier.field, modifier.value, modifier.start, modifier.end)
                )


def carry_back(
    text: str, sentence: TaggedSentence, quantities: Sequence[Quantity], found: Sequence[list[Modifier]]
) -> None:
    """`19.8% reduction and 19% savings, on average`: a statistic behind a comma holds for the list before it."""
    for index in range(len(quantities) - 1, 0, -1):
        later, earlier = quantities[index], quantities[index - 1]
        if earlier.statistic is not None or not _comparable(earlier, later) or not _same_list(sentence, index):
            continue
        for modifier in found[index]:
            if modifier.field == "statistic" and modifier.start >= later.end and "," in text[later.end : modifier.end]:
                _set(earlier, modifier)
                found[index - 1].append(modifier)


def _comparable(earlier: Quantity, later: Quantity) -> bool:
    gains = ("x", "%", "pp")
    if earlier.noun is not None and later.noun is not None:
        return True
    return earlier.unit == later.unit or (earlier.unit in gains and later.unit in gains)


def _same_list(sentence: TaggedSentence, index: int) -> bool:
    if index not in sentence.places or index - 1 not in sentence.places:
        return False
    between = sentence.tags[sentence.places[index - 1] + 1 : sentence.places[index]]
    if len(between) > 14 or any(tag in _ENDERS for tag in between):
        return False
    joints = [k for k, tag in enumerate(between) if tag in _JOINTS]
    return bool(joints) and not any(tag in _CHANGE_NOUNS for tag in between[joints[-1] + 1 :])
