"""Levels set against each other: the old level of a new one, stated beside it."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.kinds import Reading
from extractor.phrases import phrase
from extractor.quantities import Quantity
from extractor.rules import RuleSet

# Readings under which a number can be the level that another is set against.
_OPPOSABLE = frozenset(
    (
        "quality-level",
        "metric-right-in",
        "metric-left",
        "metric-right",
        "percent-of-something",
        "plain-level",
        "changed-adjacent",
        "share-of",
        "moved-to",
    )
)


class OldLevelFinder:
    """Pairs the levels of a sentence that belong to one claim."""

    def __init__(self, rules: RuleSet) -> None:
        self._opposed = phrase(rules, "opposed-levels")
        self._versus = phrase(rules, "versus")
        self._further = phrase(rules, "further")

    def opposed(self, text: str, quantities: Sequence[Quantity], readings: Sequence[Reading]) -> dict[int, int]:
        """Pairs like `91.2% vs. 88.0%`: index of the proposal's level -> index of the other's."""
        pairs: dict[int, int] = {}
        for index in range(len(quantities) - 1):
            if pairs.get(index - 1) == index or not _comparable(quantities[index], quantities[index + 1]):
                continue
            if self._set_against(text, quantities, readings, index):
                pairs[index] = index + 1
        return pairs

    def further(self, text: str, quantities: Sequence[Quantity], readings: Sequence[Reading]) -> dict[int, int]:
        """`achieves 75.3%, and accuracy is further improved to 76.2%`: index of the new level -> index of the old."""
        pairs = {}
        for index in range(1, len(quantities)):
            old, new = quantities[index - 1], quantities[index]
            moved = readings[index].frame.rule == "moved-to" and readings[index - 1].form == "level"
            if moved and old.unit == new.unit and old.noun is None and self._further.search(text, old.end, new.start):
                pairs[index] = index - 1
        return pairs

    def _set_against(self, text: str, quantities: Sequence[Quantity], readings: Sequence[Reading], index: int) -> bool:
        gap = (quantities[index].end, quantities[index + 1].start)
        if self._versus.fullmatch(text, *gap):
            return True
        levels = readings[index].form != "change" and readings[index + 1].frame.rule in _OPPOSABLE
        return levels and self._opposed.fullmatch(text, *gap) is not None


def _comparable(left: Quantity, right: Quantity) -> bool:
    if left.unit != right.unit or left.unit in ("x", "pp") or left.noun is not None or right.noun is not None:
        return False
    return not left.olds and not right.olds
