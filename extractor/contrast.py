"""Two sets of predictions on the same labelled documents: which is better, by how much, and on which claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractor.bootstrap import RESAMPLES, Interval, interval, ratio, resampled_sums
from extractor.claims import Claim, Document, Role
from extractor.evaluation import SCORES, score_counts
from extractor.matching import FIELDS, Alignment, align, sides


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of both sides (0 to 1) and second less first, with its paired 95 % interval.

    `better` is the part of the resamples in which the second is ahead, half of the ties counted.
    """

    first: float
    second: float
    difference: float
    interval: Interval | None
    better: float | None


@dataclass(frozen=True, slots=True)
class OneSided:
    """A labelled claim that one side gets and the other misses at `detection`, or finds and has wrong at `record`."""

    document: str
    claim: Claim
    first: bool
    missed: str


@dataclass(frozen=True, slots=True)
class Contrast:
    """F1 of each score, how often each field of matched claims is right, and the claims that only one side gets.

    A claim that one side detects and the other does not is listed once, at `detection`.
    """

    role: Role | None
    documents: int
    gold: int
    scores: dict[str, Difference]
    fields: dict[str, Difference]
    one_sided: list[OneSided]


def contrast(
    gold: Sequence[Document],
    first: Sequence[Document],
    second: Sequence[Document],
    *,
    role: Role | None = "result",
    resamples: int = RESAMPLES,
) -> Contrast:
    """Compare two sets of predictions over the claims of `role`, or of all roles with None.

    Both are resampled with the same documents, so that what is hard for both does not widen the interval. Raises
    ValueError as `extractor.evaluate` does.
    """
    both = [sides(gold, predicted, role=role) for predicted in (first, second)]
    alignments = [[align(side.gold, side.predicted) for side in of_one] for of_one in both]
    rows = [np.array([_row(a) for a in of_one], dtype=np.int64).reshape(len(of_one), -1, 2) for of_one in alignments]
    differences = _differences(rows[0], rows[1], resamples)
    names = [side.document for side in both[0]]
    return Contrast(
        role=role,
        documents=len(names),
        gold=sum(len(side.gold) for side in both[0]),
        scores=dict(zip(SCORES, differences, strict=False)),
        fields=dict(zip(FIELDS, differences[len(SCORES) :], strict=True)),
        one_sided=[
            found
            for name, *pair in zip(names, *alignments, strict=True)
            for found in _one_sided(name, pair[0], pair[1])
        ],
    )


def to_data(found: Contrast, *, listed: bool = True) -> dict[str, Any]:
    """The figures, and with `listed` the one-sided claims, as plain data ready for JSON."""
    data = {f.name: getattr(found, f.name) for f in fields(found) if f.name not in {"scores", "fields", "one_sided"}}
    data |= {name: {k: asdict(v) for k, v in getattr(found, name).items()} for name in ("scores", "fields")}
    if listed:
        data["one_sided"] = [
            {
                "document": one.document, "got_by": "first" if one.first else "second", "missed": one.missed,
                "claim": one.claim.model_dump(mode="json", by_alias=True),
            }
            for one in found.one_sided
        ]  # fmt: skip
    return data


def _row(alignment: Alignment) -> list[tuple[int, int]]:
    """Parts and wholes: 2 x right and the sum of both sides for each score (F1), right and pairs for each field."""
    scores = [(2 * c.right, c.predicted + c.gold) for c in score_counts(alignment).values()]
    pairs = alignment.pairs
    return scores + [(sum(pair.right[name] for pair in pairs), len(pairs)) for name in FIELDS]


def _differences(first: NDArray[np.int64], second: NDArray[np.int64], resamples: int) -> list[Difference]:
    columns = first.shape[1]
    sampled = [resampled_sums(rows.reshape(len(rows), -1), resamples=resamples) for rows in (first, second)]
    figures = [ratio(s.reshape(len(s), columns, 2)[..., 0], s.reshape(len(s), columns, 2)[..., 1]) for s in sampled]
    totals = [[part / whole if whole else 0.0 for part, whole in rows.sum(axis=0).tolist()] for rows in (first, second)]
    ours, theirs = figures
    return [_difference(totals[0][at], totals[1][at], ours[:, at], theirs[:, at]) for at in range(columns)]


def _difference(
    first: float, second: float, some_first: NDArray[np.float64], some_second: NDArray[np.float64]
) -> Difference:
    moved = some_second - some_first
    defined = moved[~np.isnan(moved)]
    better = float(((defined > 0) + 0.5 * (defined == 0)).mean()) if defined.size else None
    return Difference(first, second, second - first, interval(moved), better)


def _one_sided(document: str, first: Alignment, second: Alignment) -> list[OneSided]:
    detected = [{id(pair.gold) for pair in side.pairs if pair.detected} for side in (first, second)]
    recorded = [{id(pair.gold) for pair in side.pairs if pair.recorded} for side in (first, second)]
    claims = [pair.gold for pair in first.pairs] + first.missing
    found = []
    for claim in sorted(claims, key=lambda claim: (claim.start, claim.end)):
        for missed, (ours, theirs) in (("detection", detected), ("record", recorded)):
            if (id(claim) in ours) != (id(claim) in theirs):
                found.append(OneSided(document, claim, id(claim) in ours, missed))
                break
    return found
