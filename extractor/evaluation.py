"""Score predicted claims against labelled ones.

Two claims are matched where their quantities overlap. From the matched pairs come four scores, each stricter than the
one before or about another part: `detection` (the value), `record` (every field), `context` (the slots) and `full`
(record and slots). Counts are summed over documents before any ratio is taken; every ratio keeps its counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from extractor.bootstrap import RESAMPLES, Interval, interval, ratio, resampled_sums
from extractor.claims import CLOSED_FIELDS, SLOTS, Claim, Document, Role
from extractor.matching import FIELDS, Alignment, Pair, align, sides, slot_mentions

SCORES = ("detection", "record", "context", "full")

_TYPES, _ROLES = CLOSED_FIELDS["type"], CLOSED_FIELDS["role"]
_CONFUSED = {name: CLOSED_FIELDS[name] for name in ("form", "direction", "type", "role")}


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 (0 to 1; 0 where undefined) with their counts and 95 % intervals.

    An interval is None where it was not asked for or no resample defines the figure.
    """

    true_positives: int
    predicted: int
    gold: int
    precision: float
    recall: float
    f1: float
    precision_interval: Interval | None
    recall_interval: Interval | None
    f1_interval: Interval | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How many of the matched pairs have a field right (0 to 1; 0 without pairs), with a 95 % interval."""

    right: int
    pairs: int
    accuracy: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Confusion:
    """Matched pairs by the gold value (row) and the predicted value (column) of one field."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """All figures over the claims of one role on each side, or of every role (`role` None).

    `types` and `roles` hold the four scores over the claims of that type or role on each side.
    """

    role: Role | None
    documents: int
    gold: int
    predicted: int
    detection: Score
    record: Score
    context: Score
    full: Score
    fields: dict[str, Accuracy]
    slots: dict[str, Score]
    types: dict[str, dict[str, Score]]
    roles: dict[str, dict[str, Score]]
    confusion: dict[str, Confusion]


@dataclass(frozen=True, slots=True)
class Report:
    """The headline, over claims of role `result`, and the same over all roles."""

    result: Scores
    all: Scores


class Counts(NamedTuple):
    """What is right, and how much there is on each side."""

    right: int
    predicted: int
    gold: int


# (group, name): a score under ("", "record"), ("field", "unit"), ("slot", "metric"), or under its type or role.
_Key = tuple[str, str]
_Rows = dict[_Key, Counts]


def evaluate(
    gold: Sequence[Document],
    predicted: Sequence[Document],
    *,
    role: Role | None = "result",
    ignore_unknown: bool = False,
    resamples: int = RESAMPLES,
) -> Scores:
    """Score predictions over the claims of `role` on each side, or over all with None.

    A gold document without a prediction counts as predicted without claims. `resamples` sets the bootstrap's size, 0
    leaves the intervals out. Raises ValueError on an unknown role, an id that occurs twice, and a predicted id that
    gold does not have (unless `ignore_unknown`, which leaves those documents out).
    """
    documents = sides(gold, predicted, role=role, ignore_unknown=ignore_unknown)
    rows = [_rows(side.gold, side.predicted) for side in documents]
    table = _table(rows, resamples=resamples)
    claims = table["", "detection"]
    return Scores(
        role=role,
        documents=len(documents),
        gold=claims.gold,
        predicted=claims.predicted,
        **{name: table["", name] for name in SCORES},
        fields={name: _accuracy(table["field", name]) for name in FIELDS},
        slots={name: table["slot", name] for name in SLOTS},
        types={of: {name: table[of, name] for name in SCORES} for of in _TYPES},
        roles={of: {name: table[of, name] for name in SCORES} for of in _ROLES},
        confusion=_confusions([align(side.gold, side.predicted) for side in documents]),
    )


def report(
    gold: Sequence[Document],
    predicted: Sequence[Document],
    *,
    ignore_unknown: bool = False,
    resamples: int = RESAMPLES,
) -> Report:
    """Score predictions over role `result` and over all roles; options and errors as for `evaluate`."""
    result = evaluate(gold, predicted, role="result", ignore_unknown=ignore_unknown, resamples=resamples)
    every = evaluate(gold, predicted, role=None, ignore_unknown=ignore_unknown, resamples=resamples)
    return Report(result, every)


def _rows(gold: Sequence[Claim], predicted: Sequence[Claim]) -> _Rows:
    """All counts of one document."""
    alignment = align(gold, predicted)
    slots = {name: _slot_counts(alignment, name) for name in SLOTS}
    rows = {("", name): counts for name, counts in score_counts(alignment).items()}
    rows |= {("slot", name): counts for name, counts in slots.items()}
    rows |= {("field", name): _field_counts(alignment, name) for name in FIELDS}
    for field, labels in (("type", _TYPES), ("role", _ROLES)):
        for label in labels:
            only = [[claim for claim in side if getattr(claim, field) == label] for side in (gold, predicted)]
            rows |= {(label, name): counts for name, counts in score_counts(align(*only)).items()}
    return rows


def score_counts(alignment: Alignment) -> dict[str, Counts]:
    """What each of the four scores is worked out from, in the order of SCORES."""
    pairs = alignment.pairs
    predicted, gold = len(pairs) + len(alignment.spurious), len(pairs) + len(alignment.missing)
    slots = [_slot_counts(alignment, name) for name in SLOTS]
    return {
        "detection": Counts(sum(pair.detected for pair in pairs), predicted, gold),
        "record": Counts(sum(pair.recorded for pair in pairs), predicted, gold),
        "context": Counts(*(sum(column) for column in zip(*slots, strict=True))),
        "full": Counts(sum(pair.complete for pair in pairs), predicted, gold),
    }


def _slot_counts(alignment: Alignment, slot: str) -> Counts:
    items = [item for pair in alignment.pairs for item in pair.slots if item.slot == slot]
    return Counts(
        right=sum(item.agrees for item in items),
        predicted=sum(item.predicted is not None for item in items) + _slot_size(alignment.spurious, slot),
        gold=sum(item.gold is not None for item in items) + _slot_size(alignment.missing, slot),
    )


def _slot_size(claims: Sequence[Claim], slot: str) -> int:
    return sum(name == slot for claim in claims for name, _ in slot_mentions(claim))


def _field_counts(alignment: Alignment, field: str) -> Counts:
    pairs = len(alignment.pairs)
    return Counts(sum(pair.right[field] for pair in alignment.pairs), pairs, pairs)


def _table(rows: Sequence[_Rows], *, resamples: int) -> dict[_Key, Score]:
    """A score for every key, from the counts summed over documents, with intervals from resampled sums."""
    keys = list(_rows([], []))
    shape = len(keys), len(Counts._fields)
    counts = np.array([[row[key] for key in keys] for row in rows], dtype=np.int64)
    counts = counts.reshape(len(rows), shape[0] * shape[1])
    samples = resampled_sums(counts, resamples=resamples)
    samples = samples.reshape(len(samples), *shape)
    totals = counts.sum(axis=0).reshape(shape).tolist()
    return {key: _score(Counts(*totals[at]), samples[:, at]) for at, key in enumerate(keys)}


def _score(counts: Counts, samples: NDArray[np.float64]) -> Score:
    right, predicted, gold = counts
    some_right, some_predicted, some_gold = samples.T
    return Score(
        true_positives=right,
        predicted=predicted,
        gold=gold,
        precision=right / predicted if predicted else 0.0,
        recall=right / gold if gold else 0.0,
        f1=2 * right / (predicted + gold) if predicted + gold else 0.0,
        precision_interval=interval(ratio(some_right, some_predicted)),
        recall_interval=interval(ratio(some_right, some_gold)),
        f1_interval=interval(ratio(2 * some_right, some_predicted + some_gold)),
    )


def _accuracy(score: Score) -> Accuracy:
    return Accuracy(score.true_positives, score.gold, score.recall, score.recall_interval)


def _confusions(alignments: Sequence[Alignment]) -> dict[str, Confusion]:
    pairs = [pair for alignment in alignments for pair in alignment.pairs]
    return {field: _confusion(pairs, field, labels) for field, labels in _CONFUSED.items()}


def _confusion(pairs: Sequence[Pair], field: str, labels: tuple[str, ...]) -> Confusion:
    seen = Counter((getattr(pair.gold, field), getattr(pair.predicted, field)) for pair in pairs)
    return Confusion(labels, tuple(tuple(seen[row, column] for column in labels) for row in labels))
