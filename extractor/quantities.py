"""Quantities: numbers joined with their units and nouns, less what is no quantity.

A quantity is what gets a claim: `2.16x`, `57Gb`, `between 5 and 8 ms`, `128M` image-text pairs. Names, years,
enumerations and formulas are turned away by the rules of `rules/reject.yaml`, each rejection with its rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import regex

from extractor.rules import Rule, RuleSet
from extractor.units import match_currency_before, match_unit
from extractor.values import Number, NumberScanner, tidy

# A document's limits: text beyond MAX_TEXT characters and candidates beyond MAX_NUMBERS are not read.
MAX_TEXT = 100_000
MAX_NUMBERS = 2_000
_LOOK_BACK = 240
_LOOK_AHEAD = 80

_MATH = regex.compile(r"(?<!\\)\$(?P<body>[^$]{1,240}?)(?<!\\)\$|\\\((?P<body>.{1,240}?)\\\)")
# What may stand in math beside the number and its unit without making it a formula.
_PLAIN_MATH = regex.compile(
    r"\\(?:times|sim|approx|geq?|leq?|pm|mp|%|,|;|!|:|\ |mathrm|text|rm|textrm|mathbf|boldsymbol|bf|ll|gg|gtrsim|lesssim|simeq|mu|"
    r"circ|degree|gt|lt|cdot|mathit|it|mbox|textbf|emph|operatorname|to|rightarrow|ldots|dots|sim|geqslant|leqslant|quad|"
    r"xspace|left|right|thinspace|Omega|AA|infty|uparrow|downarrow|big)(?![a-zA-Z])|[\s{}()\[\],.;:~<>=+\-–−^*/×≈≤≥±%x\\_|'&@]"
    r"|\d|(?<![a-zA-Z])(?:ms|ns|us|s|kg|g|m|cm|mm|nm|km|GHz|MHz|kHz|Hz|GB|MB|KB|TB|Gb|Mb|W|mW|kW|J|mJ|pJ|eV|keV|MeV|GeV|TeV|K|M|B|T|k|"
    r"dB|dBm|V|A|mA|mV|h|d|yr|pc|kpc|Mpc|fps|FPS|min|Gbps|Mbps|Kbps|FLOPS|TFLOPS|GFLOPS|pp|pts|and|to|or|fold|times|percent|deg|rad|hours|X"
    r")(?![a-zA-Z])"
)
# `VARIABLE =` alone before the number is an assignment, which is a quantity of that variable.
_ASSIGNED = regex.compile(
    r"(?:\\?\p{L}+(?:[_^]\{?[\w\\]+\}?)?(?:\([\w\\]+\))?|\\(?:text|mathrm)\{[^}]*\})\s*[=<>≈~]?\s*$"
)
_JOIN = regex.compile(
    r"[\s$}~]*(?:-{1,3}|–|—|−|‐|‑|\\(?:sim|text?endash|to)\b|~|to|till|through|\.\.\.?|\\ldots)[\s${~]*"
)
_JOINED = regex.compile(r"[\s$}~,]*(?:and|or)[\s${~]*")
_AND = regex.compile(r"[\s$}~]*(?:and|to|-|–)[\s${~]*")
_BETWEEN = regex.compile(r"(?r)\b(?:between|Between)[\s${~]+")
_RANGING = regex.compile(
    r"(?r)\b(?:rang(?:ing|es?|ed)|var(?:ying|y|ies|ied)|scal(?:ing|es?)|anywhere|sizes?|models|spanning|spans?)\s+(?:in\s\w+\s)?from[\s${~]+(?:(?:about|around|over|as low as|as little as|as few as|a few|~|\\sim|\\approx)[\s$]*)?"
)
_FAR_JOIN = regex.compile(
    r"[\s$}~]*(?:up\s+)?to(?:\s+(?:about|around|over|only|just|nearly|almost|approximately|roughly|below|under|above|less than|more than|as low as|as high as|as much as|at least|at most|merely|a mere|up to))?[\s${~<>]*(?:\\(?:sim|approx|geq?|leq?)\s*)?"
)
_FROM = regex.compile(
    r"(?r)\b(?:from|From)[\s${~]+(?:(?:about|around|over|approximately|roughly|as low as|~|\\sim|\\approx)[\s$]*)?"
)
_SPREAD = regex.compile(r"[\s$}~]*(?:±|\\pm|\+/-|\+-|\\,\\pm)[\s${~]*(?P<spread>\d+(?:\.\d+)?)")
# `by a factor of 3.2` is a ratio.
_FACTOR = regex.compile(
    r"(?r)\b[Ff]actors?\s+(?:of|up to|between|ranging from)\s+(?:(?:about|around|over|up to|more than|at least|nearly|approximately|roughly|almost|as much as|between|\d[\d.]*\s+(?:to|and))\s+)?[\s$~\\a-z]{0,8}"
)
_LISTED = regex.compile(r"[\s$}]*-?[\s]*(?:,\s*(?:and|or|to)?|and|or|/|to|vs\.?|versus)[\s${~]*")
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
    olds: list[Quantity] = field(
        default_factory=list
    )  # every A of `from A to B`, while and if the level moved
    new_start: int = -1  # where B begins
    first_end: int = -1  # where the number A ends
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
        self._rejects = [_reject_rule(rule) for rule in rules.of("reject")]

    def find(self, text: str) -> tuple[list[Quantity], list[Rejection]]:
        """The quantities of `text` in order, and the numbers turned away."""
        found: list[Quantity] = []
        rejected: list[Rejection] = []
        math = math_spans(text)
        for count, number in enumerate(self._numbers.scan(text[:MAX_TEXT])):
            if count >= MAX_NUMBERS:
                break
            if found and number.start < found[-1].end:
                continue
            quantity = with_unit(text, number)
            rule = self._rejected_by(text, quantity, math)
            if rule is None:
                found.append(quantity)
            else:
                rejected.append(Rejection(number.start, number.end, rule))
        return _merged(text, found), rejected

    def _rejected_by(
        self, text: str, quantity: Quantity, math: Sequence[tuple[int, int, bool]]
    ) -> str | None:
        for start, end, plain in math:
            if start <= quantity.start < end and not plain:
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


def math_spans(text: str) -> list[tuple[int, int, bool]]:
    """Each `$…$` of the text and whether it is plain: only numbers, units, relations, or one assignment."""
    spans = []
    position = 0
    while (match := _MATH.search(text, position)) is not None:
        body = match.group("body")
        if len(regex.findall(r"(?<![\\\p{L}])\p{L}{3,}\s+\p{L}{2,}\s+\p{L}{2,}", body)) > 0:
            position = match.start() + 1  # prose between two dollar amounts
            continue
        spans.append((*match.span(), is_plain_math(body)))
        position = match.end()
    return spans


def is_plain_math(body: str) -> bool:
    """Whether math is a quantity with its relation, `x = 3` included, and no formula."""
    relation = regex.match(
        r"(.{1,40}?)(?:=|<|>|\\(?:approx|sim|leq?|geq?|simeq|lesssim|gtrsim)(?![a-z])|≈|≤|≥|~)(?=\s*\\?[<>=~]?\s*[\d.+\-−])",
        body,
    )
    if relation and _ASSIGNED.fullmatch(relation.group(1).strip()):
        body = body[relation.end() :]
    rest = _PLAIN_MATH.sub("", body)
    return not rest and not regex.search(r"[_]|\d\s*[+*/]\s*\d|\^\s*\{?\s*-?\d+\s*/", body)


def with_unit(text: str, number: Number) -> Quantity:
    """The number joined with the currency before it or the unit after it."""
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
        quantity.start, quantity.unit, quantity.unit_rule = currency.start + escaped, currency.unit, currency.rule
        quantity.unit_start = currency.start
        return quantity
    unit = match_unit(text, number.end)
    if unit is None and _FACTOR.match(text, max(0, number.start - 40), number.start):
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


def _merged(text: str, found: list[Quantity]) -> list[Quantity]:
    """Ranges and spreads joined, so that each is one quantity."""
    merged: list[Quantity] = []
    for quantity in found:
        if merged and _moved_unit(text, merged[-1], quantity):
            quantity.olds, quantity.new_start = [merged[-1]], quantity.start
            quantity.high = quantity.value
            merged[-1] = quantity
        elif merged and _joins(text, merged[-1], quantity):
            merged[-1] = _range(text, merged[-1], quantity)
            _take_further_old(text, merged)
        elif not (merged and quantity.start < merged[-1].end):
            _take_spread(text, quantity)
            merged.append(quantity)
    for quantity in merged:
        if not quantity.olds and quantity.low is not None and quantity.high is not None:
            quantity.low, quantity.high = sorted((quantity.low, quantity.high))
    return merged


def _take_further_old(text: str, merged: list[Quantity]) -> None:
    """`from A and B to C`: A is an old level of C too."""
    if len(merged) < 2 or merged[-1].olds or not _JOINED.fullmatch(text, merged[-2].end, merged[-1].start):
        return
    first, joined = merged[-2], merged[-1]
    if not _FROM.match(text, max(0, first.start - 30), first.start) or joined.new_start < 0:
        return
    second = with_unit(text, Number(joined.start, joined.first_end, joined.low, "numeral"))
    joined.olds = [first, second]
    del merged[-2]


def _take_spread(text: str, quantity: Quantity) -> None:
    for end in (quantity.end, quantity.number_end):
        match = _SPREAD.match(text, end)
        if match is None:
            continue
        quantity.spread = float(match.group("spread"))
        quantity.end = max(quantity.end, match.end())
        unit = match_unit(text, match.end())
        if unit is not None and quantity.bare:
            quantity.unit, quantity.end, quantity.unit_rule, quantity.unit_start = (
                unit.unit,
                unit.end,
                unit.rule,
                unit.start,
            )
            quantity.bare = False
        return


def _joins(text: str, left: Quantity, right: Quantity) -> bool:
    """Whether two neighbours are the ends of one range."""
    if left.value is None or right.value is None or not _same_unit(left, right):
        return False
    gap = (left.end, right.start)
    if _BETWEEN.match(text, max(0, left.start - 20), left.start):
        return _AND.fullmatch(text, *gap) is not None
    if _FROM.match(text, max(0, left.start - 40), left.start) and _FAR_JOIN.fullmatch(text, *gap):
        return right.value != left.value
    if _JOIN.fullmatch(text, *gap) is None:
        return right.value < 0 and left.end == right.start and _glued_sign(text, right)
    return right.value != left.value


# Units of one dimension, between which `from 10 hours to 12 minutes` moves.
_DIMENSIONS = (
    frozenset(("year", "month", "week", "day", "h", "min", "s", "ms", "us", "ns")),
    frozenset(("B", "kB", "MB", "GB", "TB", "PB", "KiB", "MiB", "GiB")),
)


def _moved_unit(text: str, left: Quantity, right: Quantity) -> bool:
    """Whether two neighbours are `from A to B` in two units of one dimension."""
    if left.unit == right.unit or left.value is None or right.value is None:
        return False
    alike = any(left.unit in units and right.unit in units for units in _DIMENSIONS)
    return alike and bool(
        _FROM.match(text, max(0, left.start - 40), left.start) and _FAR_JOIN.fullmatch(text, left.end, right.start)
    )


def _glued_sign(text: str, right: Quantity) -> bool:
    if text[right.start] not in "-−" or right.value is None:
        return False
    right.value = -right.value
    return True


def _same_unit(left: Quantity, right: Quantity) -> bool:
    return left.bare or left.unit == right.unit or (right.unit == "" and left.unit != "")


def _range(text: str, left: Quantity, right: Quantity) -> Quantity:
    between = _BETWEEN.match(text, max(0, left.start - 20), left.start)
    low, high = left.value, right.value
    if left.bare and right.scaled and not left.scaled and right.value and left.value is not None:
        low = _shared_scale(left.value, right)
    start = between.start() if between else left.start
    joined = Quantity(
        start, right.end, right.number_end, None, right.unit or left.unit, low, high, rule="range"
    )
    joined.signed = left.signed
    joined.unit_rule, joined.unit_start = (
        (right.unit_rule, right.unit_start) if right.unit else (left.unit_rule, left.unit_start)
    )
    joined.new_start, joined.first_end = right.start, left.number_end
    joined.bare, joined.scaled = right.bare and left.bare, right.scaled or left.scaled
    if _FROM.match(text, max(0, left.start - 40), left.start) and not _RANGING.match(
        text, max(0, left.start - 60), left.start
    ):
        joined.olds = [left]  # `from A to B`: a moved level or a span, decided with the verb
    return joined


def _shared_scale(value: float, right: Quantity) -> float:
    """`1-2 million`: the scale of the second number holds for the first where that keeps them in order."""
    assert right.value is not None
    for factor in (1e12, 1e9, 1e6, 1e3):
        if right.value >= factor and value * factor <= right.value:
            return value * factor
    return value


def share_units(text: str, quantities: Sequence[Quantity]) -> None:
    """`2, 3 and 4 GB`, `2- and 4-bit`, `64 and 128 GPUs`: a bare number of a list takes the unit or noun behind it."""
    for left, right in zip(reversed(quantities[:-1]), reversed(quantities[1:]), strict=True):
        if not left.bare or left.noun is not None or (right.bare and right.noun is None):
            continue
        if _LISTED.fullmatch(text, left.end, right.start) is None:
            continue
        left.unit, left.noun, left.unit_rule, left.unit_start = (
            right.unit,
            right.noun,
            "shared-unit",
            right.unit_start,
        )
        left.bare = right.bare
        if right.scaled and not left.scaled and left.value and right.value:
            left.value, left.scaled = tidy(_shared_scale(left.value, right)), True


def closing_end(text: str, end: int) -> int:
    """The place behind closing math and braces after `end`."""
    match = _CLOSING.match(text, end)
    return match.end() if match else end
