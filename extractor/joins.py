"""Quantities joined: ranges, `from A to B`, spreads, and lists that share one unit."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.phrases import phrase
from extractor.quantities import Quantity
from extractor.rules import RuleSet
from extractor.units import match_unit
from extractor.values import tidy

# How far before a range its `from` or `between` may begin.
_LOOK_BACK = 60
# Units of one dimension, between which `from 10 hours to 12 minutes` moves.
_DIMENSIONS = (
    frozenset(("year", "month", "week", "day", "h", "min", "s", "ms", "us", "ns")),
    frozenset(("B", "kB", "MB", "GB", "TB", "PB", "KiB", "MiB", "GiB")),
)
# Scales that the first number of `1-2 million` may share with the second.
_SCALES = (1e12, 1e9, 1e6, 1e3)


class Joiner:
    """Joins neighbouring quantities by the phrases of `rules/phrases.yaml`."""

    def __init__(self, rules: RuleSet) -> None:
        self._range = phrase(rules, "range-join")
        self._between = phrase(rules, "between")
        self._between_join = phrase(rules, "between-join")
        self._from = phrase(rules, "from-old-level")
        self._from_join = phrase(rules, "from-join")
        self._adjunct = phrase(rules, "from-adjunct")
        self._alone = phrase(rules, "stands-alone")
        self._dash = phrase(rules, "dash")
        self._ranging = phrase(rules, "ranging-from")
        self._olds = phrase(rules, "joined-olds")
        self._listed = phrase(rules, "listed")
        self._described = phrase(rules, "listed-nouns")
        self._spread = phrase(rules, "spread")

    def merged(self, text: str, found: Sequence[Quantity]) -> list[Quantity]:
        """Ranges and spreads joined, so that each is one quantity."""
        merged: list[Quantity] = []
        for quantity in self._dashed(text, found):
            if merged and self._moves(text, merged[-1], quantity):
                quantity.olds, quantity.new_start = [merged[-1]], quantity.start
                quantity.new = (quantity.value, quantity.low, quantity.high)
                merged[-1] = quantity
            elif merged and self._joins(text, merged[-1], quantity):
                merged[-1] = self._joined(text, merged[-1], quantity)
                self._take_further_old(text, merged)
            elif not (merged and quantity.start < merged[-1].end):
                self._take_spread(text, quantity)
                merged.append(quantity)
        for quantity in merged:
            if not quantity.olds and quantity.low is not None and quantity.high is not None:
                quantity.low, quantity.high = sorted((quantity.low, quantity.high))
        return merged

    def _dashed(self, text: str, found: Sequence[Quantity]) -> list[Quantity]:
        """Ranges with a dash behind `to`, joined first: the `31-38` of `from 15 to 31-38`."""
        dashed: list[Quantity] = []
        for quantity in found:
            last = dashed[-1] if dashed else None
            if (
                last is not None
                and self._dash.fullmatch(text, last.end, quantity.start)
                and text[max(0, last.start - 10) : last.start].rstrip(" $~{").endswith(" to")
                and self._joins(text, last, quantity)
            ):
                dashed[-1] = self._joined(text, last, quantity)
            else:
                dashed.append(quantity)
        return dashed

    def share_units(self, text: str, quantities: Sequence[Quantity]) -> None:
        """`2, 3 and 4 GB`, `2- and 4-bit`, `64 and 128 GPUs`: a bare number takes the unit or noun of the next."""
        for left, right in zip(reversed(quantities[:-1]), reversed(quantities[1:]), strict=True):
            if not left.bare or left.noun is not None or (right.bare and right.noun is None):
                continue
            listed = self._listed if right.noun is None else self._described
            if listed.fullmatch(text, left.end, right.start) is None:
                continue
            left.unit, left.unit_rule, left.unit_start = right.unit, "shared-unit", right.unit_start
            left.noun, left.bare = right.noun, right.bare
            if right.scaled and not left.scaled and left.value and right.value:
                left.value, left.scaled = tidy(_shared_scale(left.value, right.value)), True

    def _behind_from(self, text: str, quantity: Quantity) -> bool:
        return self._from.match(text, max(0, quantity.start - _LOOK_BACK), quantity.start) is not None

    def _joins(self, text: str, left: Quantity, right: Quantity) -> bool:
        """Whether two neighbours are the ends of one range."""
        if left.value is None or right.value is None or not _same_unit(left, right):
            return False
        gap = (left.end, right.start)
        if self._between.match(text, max(0, left.start - _LOOK_BACK), left.start):
            return self._between_join.fullmatch(text, *gap) is not None
        if self._behind_from(text, left) and self._leads_to(text, left, right):
            return right.value != left.value
        if self._range.fullmatch(text, *gap) is None:
            return _is_glued_sign(text, left, right)
        return right.value != left.value

    def _leads_to(self, text: str, left: Quantity, right: Quantity) -> bool:
        """Whether `to` joins two neighbours, also behind an adjunct: `from 47% in 2023 to 51% in 2025`."""
        adjunct = self._adjunct.match(text, left.end, right.start)
        if adjunct is None:
            return self._from_join.fullmatch(text, left.end, right.start) is not None
        noun = adjunct.group().split()[-1]
        if left.bare and self._alone.match(text, right.end) is None and not text.startswith(noun, right.end + 1):
            return False
        return self._from_join.fullmatch(text, adjunct.end(), right.start) is not None

    def _moves(self, text: str, left: Quantity, right: Quantity) -> bool:
        """Whether two neighbours that make no range are `from A to B`: B is a range or has another unit."""
        if left.value is None or (right.value is not None and left.unit == right.unit):
            return False
        fits = left.unit == right.unit
        fits = fits or any(left.unit in units and right.unit in units for units in _DIMENSIONS)
        return (
            fits
            and right.rule in ("range", "numeral")
            and self._behind_from(text, left)
            and self._leads_to(text, left, right)
        )

    def _joined(self, text: str, left: Quantity, right: Quantity) -> Quantity:
        """The range from `left` to `right`; behind `from` it may turn out to be a level that moved."""
        assert left.value is not None and right.value is not None
        if _is_glued_sign(text, left, right):
            right.value = -right.value
        between = self._between.match(text, max(0, left.start - _LOOK_BACK), left.start)
        low = _shared_scale(left.value, right.value) if left.bare and right.scaled and not left.scaled else left.value
        joined = Quantity(
            between.start() if between else left.start, right.end, right.number_end, None, right.unit or left.unit,
            low, right.value, rule="range",
        )  # fmt: skip
        named = right if right.unit else left
        joined.unit_rule, joined.unit_start, joined.signed = named.unit_rule, named.unit_start, left.signed
        joined.first, joined.new_start, joined.new = left, right.start, (right.value, None, None)
        joined.bare, joined.scaled = right.bare and left.bare, right.scaled or left.scaled
        ranging = self._ranging.match(text, max(0, left.start - _LOOK_BACK), left.start)
        if self._behind_from(text, left) and not ranging:
            joined.olds = [left]
        return joined

    def _take_further_old(self, text: str, merged: list[Quantity]) -> None:
        """`from A and B to C`: A is an old level of C too."""
        if len(merged) < 2 or merged[-1].olds:
            return
        first, joined = merged[-2], merged[-1]
        if joined.first is None or not _same_unit(first, joined.first):
            return
        if self._olds.fullmatch(text, first.end, joined.start) and self._behind_from(text, first):
            joined.olds = [first, joined.first]
            del merged[-2]

    def _take_spread(self, text: str, quantity: Quantity) -> None:
        for end in (quantity.end, quantity.number_end):
            match = self._spread.match(text, end)
            if match is None:
                continue
            quantity.spread = float(match.group("spread"))
            quantity.end = max(quantity.end, match.end())
            unit = match_unit(text, match.end())
            if unit is not None and quantity.bare:
                quantity.unit, quantity.unit_rule, quantity.unit_start = unit.unit, unit.rule, unit.start
                quantity.end, quantity.bare = unit.end, False
            return


def _is_glued_sign(text: str, left: Quantity, right: Quantity) -> bool:
    """Whether the sign of `right` is the hyphen of a range, as in `9%-16%`."""
    return right.value is not None and right.value < 0 and left.end == right.start and text[right.start] in "-−"


def _same_unit(left: Quantity, right: Quantity) -> bool:
    return left.bare or left.unit == right.unit or (right.unit == "" and left.unit != "")


def _shared_scale(value: float, scaled: float) -> float:
    """`1-2 million`: the scale of the second number holds for the first where that keeps them in order."""
    return next((value * scale for scale in _SCALES if scaled >= scale and value * scale <= scaled), value)
