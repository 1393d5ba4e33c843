"""How far two labellings of the same documents agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extractor.bootstrap import RESAMPLES
from extractor.claims import CLOSED_FIELDS, Document
from extractor.evaluation import Report, report
from extractor.matching import Pair, align, sides


@dataclass(frozen=True, slots=True)
class Agreement:
    """Scores of the second labelling against the first, and Cohen's kappa of the fields over all roles.

    F1 is the same whichever labelling counts as gold. Kappa (1 is full agreement, 0 what chance would give) is None
    where both labellings give all matched claims one and the same value.
    """

    scores: Report
    kappa: dict[str, float | None]


def agreement(one: Sequence[Document], other: Sequence[Document], *, resamples: int = RESAMPLES) -> Agreement:
    """Compare two labellings; ValueError where they are not of the same documents with the same texts."""
    _check_same(one, other)
    pairs = [pair for side in sides(one, other, role=None) for pair in align(side.gold, side.predicted).pairs]
    kappa = {field: _kappa(pairs, field) for field in CLOSED_FIELDS}
    return Agreement(report(one, other, resamples=resamples), kappa)


def _check_same(one: Sequence[Document], other: Sequence[Document]) -> None:
    texts = [{document.id: (document.abstract, document.title) for document in side} for side in (one, other)]
    for name in [*texts[0], *texts[1]]:
        if name not in texts[0] or name not in texts[1]:
            which = "second" if name in texts[0] else "first"
            raise ValueError(f"document {name!r} is not in the {which} labelling; agreement needs the same documents")
        if texts[0][name] != texts[1][name]:
            raise ValueError(f"document {name!r} has another title or abstract in the second labelling")


def _kappa(pairs: Sequence[Pair], field: str) -> float | None:
    """Cohen's kappa (Cohen 1960, Educational and Psychological Measurement 20)."""
    ours = [getattr(pair.gold, field) for pair in pairs]
    theirs = [getattr(pair.predicted, field) for pair in pairs]
    count = len(pairs)
    by_chance = sum(ours.count(value) * theirs.count(value) for value in set(ours)) / count**2 if count else 1.0
    same = sum(a == b for a, b in zip(ours, theirs, strict=True))
    return (same / count - by_chance) / (1 - by_chance) if by_chance < 1 else None
