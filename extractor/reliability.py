"""How far a claim's confidence can be trusted: how often records of a confidence are right, and what a floor costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extractor.claims import Document, Role
from extractor.matching import align, sides

# Where the bins of the reliability table begin, and the floors of the curve.
_BINS = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_FLOORS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class Bin:
    """Claims of a confidence from `low` up to `high`: how many, their mean confidence, how many records are right."""

    low: float
    high: float
    claims: int
    confidence: float
    right: int


@dataclass(frozen=True, slots=True)
class Floor:
    """Claims of at least a confidence: how many are kept and right, of how many that gold has."""

    confidence: float
    kept: int
    right: int
    gold: int

    @property
    def precision(self) -> float:
        """The share of the kept records that are right; 0 without any."""
        return self.right / self.kept if self.kept else 0.0

    @property
    def recall(self) -> float:
        """The share of gold's records that are kept and right; 0 without any."""
        return self.right / self.gold if self.gold else 0.0


def reliability(
    gold: Sequence[Document], predicted: Sequence[Document], *, role: Role | None = "result"
) -> tuple[list[Bin], list[Floor]]:
    """The reliability of the confidence of predicted claims, and precision and recall of the record by its floor.

    A record is right where its claim is matched and every field of the record is; one that matches no claim of gold is
    wrong. Claims without a confidence count as 0. Raises ValueError as `evaluation.evaluate` does.
    """
    judged: list[tuple[float, bool]] = []
    total = 0
    for side in sides(gold, predicted, role=role):
        found = align(side.gold, side.predicted)
        total += len(side.gold)
        judged += [(pair.predicted.confidence or 0.0, pair.recorded) for pair in found.pairs]
        judged += [(claim.confidence or 0.0, False) for claim in found.spurious]
    bins = [_bin(judged, low, high) for low, high in zip(_BINS, (*_BINS[1:], 1.01), strict=True)]
    return [one for one in bins if one.claims], [_floor(judged, confidence, total) for confidence in _FLOORS]


def _bin(judged: Sequence[tuple[float, bool]], low: float, high: float) -> Bin:
    inside = [(confidence, right) for confidence, right in judged if low <= confidence < high]
    mean = sum(confidence for confidence, _ in inside) / len(inside) if inside else 0.0
    return Bin(low, min(high, 1.0), len(inside), mean, sum(right for _, right in inside))


def _floor(judged: Sequence[tuple[float, bool]], confidence: float, total: int) -> Floor:
    kept = [right for known, right in judged if known >= confidence]
    return Floor(confidence, len(kept), sum(kept), total)
