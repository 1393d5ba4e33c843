"""Quantities: numbers joined with their units and nouns, less what is no quantity.

A quantity is what gets a claim: `2.16x`, `57Gb`, `between 5 and 8 ms`, `128M` image-text pairs. Names, years,
enumerations and formulas are turned away by the rules of `rules/reject.yaml`, each rejection with its rule.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import regex

from extractor.formulas import math_spans
from extractor.phrases import phrase
from extractor.rules import Rule, RuleSet
from extractor.units import match_currency_before, match_unit
from extractor.values import Number, NumberScanner

# A document's limits: text beyond MAX_TEXT characters and candidates beyond MAX_NUMBERS are not read.
MAX_TEXT = 100_000
MAX_NUMBERS = 2_000
_LOOK_BACK = 240
_LOOK_AHEAD = 80

_CLOSING = regex.compile(r"[\s$}]*")


@dataclass(slots=True)
class Evidence:
    """What set a field: a rule's id and the span that it saw, in the abstract or the title."""

    rule: str
    start: int
    end: int
    field: str = "abstract"


@dataclass(slots=True)
class Quantity:
    """A number with its unit: `end` takes in the unit, `number_end` does not."""

    start: int
    end: int
    number_end: int
    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None
    spread: float | None = None
    rule: str = ""
    unit_rule: str = ""
    unit_start: int = 0
    noun: tuple[int, int] | None = None
    olds: list[Quantity] = field(default_factory=list)  # every A of `from A to B`, while and if the level moved
    new_start: int = -1  # where B begins
    new: tuple[float | None, float | None, float | None] = (None, None, None)  # value, low and high of B
    first: Quantity | None = None  # the A of a range
    bare: bool = False
    scaled: bool = False
    signed: str = ""  # "+" or "-" when it is written with that sign
    bound: str = "exact"
    statistic: str | None = None
    evidence: dict[str, Evidence] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A number that is no quantity, and the rule that says so."""

    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class _RejectRule:
    id: str
    before: regex.Pattern[str] | None
    number: regex.Pattern[str] | None
    after: regex.Pattern[str] | None
    unless_unit: bool

    def applies(self, text: str, quantity: Quantity) -> bool:
        start, end = quantity.start, quantity.number_end
        if self.unless_unit and not quantity.bare:
            return False
        if self.number is not None and self.number.fullmatch(text, start, end) is None:
            return False
        if self.after is not None and self.after.match(text, end, end + _LOOK_AHEAD) is None:
            return False
        return self.before is None or self.before.match(text, max(0, start - _LOOK_BACK), start) is not None


class QuantityFinder:
    """Finds the quantities of a text."""

    def __init__(self, rules: RuleSet) -> None:
        self._numbers = NumberScanner(rules)
        self._factor = phrase(rules, "factor-of")
        self._rejects = [_reject_rule(rule) for rule in rules.of("reject")]

    def find(self, text: str) -> tuple[list[Quantity], list[Rejection]]:
        """Each number of `text` that is a quantity, in order and still unjoined, and the numbers turned away."""
        found: list[Quantity] = []
        rejected: list[Rejection] = []
        math = math_spans(text)
        for number in self._scanned(text):
            if found and number.start < found[-1].end:
                continue
            quantity = with_unit(text, number, self._factor)
            rule = self._rejected_by(text, quantity, math)
            if rule is None:
                found.append(quantity)
            else:
                rejected.append(Rejection(number.start, number.end, rule))
        return found, rejected

    def candidates(self, text: str) -> list[Quantity]:
        """Each number of `text` with its unit, also those that are no quantity; a unit may reach over the next one."""
        return [with_unit(text, number, self._factor) for number in self._scanned(text)]

    def _scanned(self, text: str) -> Iterator[Number]:
        return islice(self._numbers.scan(text[:MAX_TEXT]), MAX_NUMBERS)

    def _rejected_by(self, text: str, quantity: Quantity, math: Sequence[tuple[int, int, bool]]) -> str | None:
        before = bisect_right(math, quantity.start, key=lambda span: span[0]) - 1
        if before >= 0 and quantity.start < math[before][1] and not math[before][2]:
            return "formula"
        return next((rule.id for rule in self._rejects if rule.applies(text, quantity)), None)


def _reject_rule(rule: Rule) -> _RejectRule:
    body = rule.body
    return _RejectRule(
        rule.id,
        regex.compile(f"(?r)(?:{body['before']})") if "before" in body else None,
        regex.compile(f"(?:{body['number']})") if "number" in body else None,
        regex.compile(f"(?:{body['after']})") if "after" in body else None,
        bool(body.get("unless_unit")),
    )


def with_unit(text: str, number: Number, factor: regex.Pattern[str]) -> Quantity:
    """The number joined with the currency before it or the unit after it; behind a `factor of` it is a ratio."""
    quantity = Quantity(
        number.start,
        number.end,
        number.end,
        number.value,
        "",
        number.low,
        number.high,
        rule=number.rule,
        scaled=number.scaled,
    )
    quantity.unit_start = number.end
    quantity.signed = {"+": "+", "-": "-", "−": "-"}.get(text[number.start], "")
    if number.unit is not None:
        quantity.unit, quantity.unit_rule = number.unit, number.rule
        return quantity
    currency = match_currency_before(text, number.start)
    if currency is not None and currency.start < number.start:
        escaped = text[currency.start] == "\\"
        quantity.start, quantity.unit, quantity.unit_rule = (
            currency.start + escaped,
            currency.unit,
            currency.rule,
        )
        quantity.unit_start = currency.start
        return quantity
    unit = match_unit(text, number.end)
    if unit is None and factor.match(text, max(0, number.start - 40), number.start):
        quantity.unit, quantity.unit_rule = "x", "factor-of"
    elif unit is None:
        quantity.bare = True
    else:
        quantity.unit, quantity.end, quantity.unit_rule, quantity.unit_start = (
            unit.unit,
            unit.end,
            unit.rule,
            unit.start,
        )
    return quantity


def closing_end(text: str, end: int) -> int:
    """The place behind closing math and braces after `end`."""
    match = _CLOSING.match(text, end)
    return match.end() if match else end
