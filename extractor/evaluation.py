"""Score predicted claims against labelled ones.

Two claims are matched where their quantities overlap. From the matched pairs come four scores, each stricter than the
one before or about another part: `detection` (the value), `record` (every field), `context` (the slots) and `full`
(record and slots). Counts are summed over documents before any ratio is taken; every ratio keeps its counts.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from extractor.bootstrap import RESAMPLES, Interval, interval, ratio, resampled_sums
from extractor.claims import (
    LIST_SLOTS,
    SLOTS,
    Claim,
    ClaimType,
    Direction,
    Document,
    Form,
    Mention,
    Role,
)
from extractor.units import unit_key

# The fields that a right record has right, and all that are compared.
RECORD_FIELDS = ("value", "unit", "bound", "form", "direction", "type", "role")
FIELDS = (*RECORD_FIELDS, "statistic")
SCORES = ("detection", "record", "context", "full")

_TYPES: tuple[str, ...] = get_args(ClaimType)
_ROLES: tuple[str, ...] = get_args(Role)
_CONFUSED: dict[str, tuple[str, ...]] = {
    "form": get_args(Form),
    "direction": get_args(Direction),
    "type": _TYPES,
    "role": _ROLES,
}

ErrorKind = Literal[
    "missing",
    "spurious",
    "value",
    "unit",
    "bound",
    "form",
    "direction",
    "type",
    "role",
    "statistic",
    "slot",
]


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


@dataclass(frozen=True, slots=True)
class Error:
    """One difference between gold and prediction.

    `missing` has no predicted claim, `spurious` no gold one. `expected` and `found` are the differing values or, for
    kind `slot`, the phrases; a phrase of one side only has None on the other. `slot` names the slot.
    """

    document: str
    kind: ErrorKind
    gold: Claim | None
    predicted: Claim | None
    slot: str | None = None
    expected: str | None = None
    found: str | None = None


class SlotItem(NamedTuple):
    """One decision on a slot: the gold phrase and the predicted one, None where a side lacks it."""

    slot: str
    gold: Mention | None
    predicted: Mention | None

    @property
    def agrees(self) -> bool:
        """Whether both sides have it."""
        return self.gold is not None and self.predicted is not None


@dataclass(frozen=True, slots=True)
class Pair:
    """A gold claim with the prediction matched to it, and what of it is right."""

    gold: Claim
    predicted: Claim
    right: dict[str, bool]
    slots: list[SlotItem]

    @property
    def detected(self) -> bool:
        """Whether the values are equal."""
        return self.right["value"]

    @property
    def recorded(self) -> bool:
        """Whether every field of the record is right."""
        return all(self.right[name] for name in RECORD_FIELDS)

    @property
    def complete(self) -> bool:
        """Whether the record is right and every slot item agrees."""
        return self.recorded and all(item.agrees for item in self.slots)


@dataclass(frozen=True, slots=True)
class Alignment:
    """The claims of one document on both sides: matched, only in gold, only predicted."""

    pairs: list[Pair]
    missing: list[Claim]
    spurious: list[Claim]


class _Counts(NamedTuple):
    right: int
    predicted: int
    gold: int


# (group, name): a score under ("", "record"), ("field", "unit"), ("slot", "metric"), or under its type or role.
_Key = tuple[str, str]
_Rows = dict[_Key, _Counts]


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
    sides = _sides(gold, predicted, role=role, ignore_unknown=ignore_unknown)
    # Sorted, because the resamples are drawn by place and must not depend on the order of the input.
    sides.sort(key=lambda side: side[0])
    rows = [_rows(of_gold, of_predicted) for _, of_gold, of_predicted in sides]
    table = _table(rows, resamples=resamples)
    claims = table["", "detection"]
    return Scores(
        role=role,
        documents=len(sides),
        gold=claims.gold,
        predicted=claims.predicted,
        **{name: table["", name] for name in SCORES},
        fields={name: _accuracy(table["field", name]) for name in FIELDS},
        slots={name: table["slot", name] for name in SLOTS},
        types={of: {name: table[of, name] for name in SCORES} for of in _TYPES},
        roles={of: {name: table[of, name] for name in SCORES} for of in _ROLES},
        confusion=_confusions([align(one, other) for _, one, other in sides]),
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


def errors(
    gold: Sequence[Document],
    predicted: Sequence[Document],
    *,
    role: Role | None = "result",
    ignore_unknown: bool = False,
) -> list[Error]:
    """Every difference, by document in the order of gold and by offset; raises as `evaluate` does.

    With `role`, a claim that the other side has under another role is one error of kind `role`, not a missing and a
    spurious one.
    """
    _check_role(role)
    found: list[Error] = []
    for document, one, other in _paired(gold, predicted, ignore_unknown=ignore_unknown):
        alignment = align(_of_role(one, role), _of_role(other, role))
        here = [error for pair in alignment.pairs for error in _pair_errors(document, pair)]
        here += _unmatched(document, alignment, one, other, role)
        found += sorted(here, key=_place)
    return found


def to_data(result: Report | Scores | Sequence[Error]) -> Any:
    """Figures or errors as plain dictionaries, lists, strings and numbers, ready for JSON."""
    if isinstance(result, Report | Scores):
        return dataclasses.asdict(result)
    return [_error_data(error) for error in result]


def to_json(result: Report | Scores | Sequence[Error], *, indent: int | None = None) -> str:
    """Figures or errors as JSON with raw Unicode, the same text for the same input."""
    return json.dumps(to_data(result), ensure_ascii=False, indent=indent)


def align(gold: Sequence[Claim], predicted: Sequence[Claim]) -> Alignment:
    """Match the claims of one document and compare each pair, field by field and slot by slot."""
    matched = match(gold, predicted)
    used_gold, used_predicted = {i for i, _ in matched}, {j for _, j in matched}
    return Alignment(
        pairs=[_compare(gold[i], predicted[j]) for i, j in matched],
        missing=[claim for i, claim in enumerate(gold) if i not in used_gold],
        spurious=[claim for j, claim in enumerate(predicted) if j not in used_predicted],
    )


def match(gold: Sequence[Claim], predicted: Sequence[Claim]) -> list[tuple[int, int]]:
    """Pairs of indices of claims whose spans overlap, one to one.

    Equal values come first, then equal old levels, then the larger overlap, ties by offset. Only claims that tie in
    all of these (the same span, the same old level) are taken in the order given.
    """
    ranked = sorted(
        (_preference(one, other), i, j)
        for i, one in enumerate(gold)
        for j, other in enumerate(predicted)
        if one.start < other.end and other.start < one.end
    )
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in ranked:
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return list(pairs.items())


def same_phrase(one: str, other: str) -> bool:
    """Whether two phrases agree: token F1 of at least 0.5, or the tokens of one hold those of the other.

    Case, articles, common prepositions, LaTeX markup and a plural `s` do not count. Phrases that share no token agree
    only if they are the same text.
    """
    left, right = _tokens(one), _tokens(other)
    common = (left & right).total()
    if not common:
        return one.strip().lower() == other.strip().lower()
    shorter, both = min(left.total(), right.total()), left.total() + right.total()
    return common == shorter or 2 * common / both >= 0.5


_FILLERS = frozenset(
    ["the", "a", "an", "our", "its", "their", "this", "these", "of", "and", "in", "on", "to", "for", "with"]
)
_MARKUP = re.compile(r"\\[a-zA-Z]+|[${}~]")
_RUN = re.compile(r"[a-z0-9+%./-]+")


@lru_cache(maxsize=65536)
def _tokens(phrase: str) -> Counter[str]:
    plain = _MARKUP.sub(" ", phrase.lower())
    # Points, slashes and hyphens join a token ("cnn/dm", "gpt-4") but do not end it.
    words = (run.rstrip("./-") for run in _RUN.findall(plain))
    return Counter(_singular(word) for word in words if word and word not in _FILLERS)


def _singular(word: str) -> str:
    # Three letters before it, so that "gpus" loses its s but "as", "3s" and "gas" keep theirs.
    stem = word[-4:-1]
    return word[:-1] if word.endswith("s") and len(stem) == 3 and stem.isalpha() else word


def _preference(gold: Claim, predicted: Claim) -> tuple[float, ...]:
    """A sort key of overlapping claims, the better match first."""
    overlap = min(gold.end, predicted.end) - max(gold.start, predicted.start)
    different = not _close(_values(gold), _values(predicted))
    moved = not _close((_old(gold) or 0.0,), (_old(predicted) or 0.0,))
    return (different, moved, -overlap, gold.start, gold.end, predicted.start, predicted.end)


def _values(claim: Claim) -> tuple[float | None, ...]:
    """The value, or low and high of a range, and then the old level's value where there is one."""
    numbers = (claim.value,) if claim.value is not None else (claim.low, claim.high)
    old = _old(claim)
    return numbers if old is None else (*numbers, old)


def _old(claim: Claim) -> float | None:
    return claim.from_.value if claim.from_ else None


def _close(one: Sequence[float | None], other: Sequence[float | None]) -> bool:
    """Equal within 1e-6 relative, below 1 within 1e-6 as such."""
    return len(one) == len(other) and all(
        a is not None and b is not None and abs(a - b) <= 1e-6 * max(1, abs(a), abs(b))
        for a, b in zip(one, other, strict=True)
    )


def _compare(gold: Claim, predicted: Claim) -> Pair:
    right = {name: getattr(gold, name) == getattr(predicted, name) for name in FIELDS}
    right["value"] = _close(_values(gold), _values(predicted))
    right["unit"] = unit_key(gold.unit) == unit_key(predicted.unit)
    return Pair(gold, predicted, right, _align_slots(gold, predicted))


def _align_slots(gold: Claim, predicted: Claim) -> list[SlotItem]:
    """Each gold phrase with the first predicted one left that agrees with it, then the predicted ones left over."""
    left = list(_slot_mentions(predicted))
    items = []
    for slot, mention in _slot_mentions(gold):
        hit = next((item for item in left if _same_item(item, slot, mention)), None)
        if hit is not None:
            left.remove(hit)
        items.append(SlotItem(slot, mention, hit[1] if hit else None))
    return items + [SlotItem(slot, None, mention) for slot, mention in left]


def _same_item(item: tuple[str, Mention], slot: str, mention: Mention) -> bool:
    return item[0] == slot and same_phrase(item[1].text, mention.text)


def _slot_mentions(claim: Claim) -> Iterator[tuple[str, Mention]]:
    for slot in SLOTS:
        found = getattr(claim, slot)
        for mention in found if slot in LIST_SLOTS else [found] if found else []:
            yield slot, mention


def _paired(
    gold: Sequence[Document], predicted: Sequence[Document], *, ignore_unknown: bool
) -> list[tuple[str, list[Claim], list[Claim]]]:
    """The claims of both sides of every gold document, in the order of gold."""
    wanted, given = _by_id(gold, "gold"), _by_id(predicted, "predictions")
    unknown = [name for name in given if name not in wanted]
    if unknown and not ignore_unknown:
        raise ValueError(
            f"predictions for {len(unknown)} documents that gold does not have: {_listed(unknown)}; "
            "score against the gold file that they belong to, or ask for unknown documents to be ignored"
        )
    return [(name, claims, given.get(name, [])) for name, claims in wanted.items()]


def _sides(
    gold: Sequence[Document], predicted: Sequence[Document], *, role: Role | None, ignore_unknown: bool
) -> list[tuple[str, list[Claim], list[Claim]]]:
    _check_role(role)
    paired = _paired(gold, predicted, ignore_unknown=ignore_unknown)
    return [(name, _of_role(one, role), _of_role(other, role)) for name, one, other in paired]


def _check_role(role: str | None) -> None:
    if role is not None and role not in _ROLES:
        raise ValueError(f"role is {role!r}; expected one of {', '.join(_ROLES)}, or None for all roles")


def _by_id(documents: Sequence[Document], side: str) -> dict[str, list[Claim]]:
    twice = [name for name, count in Counter(document.id for document in documents).items() if count > 1]
    if twice:
        raise ValueError(f"{side} have these document ids more than once: {_listed(twice)}; keep one of each")
    return {document.id: document.claims for document in documents}


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:10]))
    return shown if len(names) <= 10 else f"{shown} and {len(names) - 10} more"


def _of_role(claims: Sequence[Claim], role: Role | None) -> list[Claim]:
    return [claim for claim in claims if role is None or claim.role == role]


def _rows(gold: Sequence[Claim], predicted: Sequence[Claim]) -> _Rows:
    """All counts of one document."""
    alignment = align(gold, predicted)
    slots = {name: _slot_counts(alignment, name) for name in SLOTS}
    rows = {("", name): counts for name, counts in _score_counts(alignment).items()}
    rows |= {("slot", name): counts for name, counts in slots.items()}
    rows |= {("field", name): _field_counts(alignment, name) for name in FIELDS}
    for field, labels in (("type", _TYPES), ("role", _ROLES)):
        for label in labels:
            only = [[claim for claim in side if getattr(claim, field) == label] for side in (gold, predicted)]
            rows |= {(label, name): counts for name, counts in _score_counts(align(*only)).items()}
    return rows


def _score_counts(alignment: Alignment) -> dict[str, _Counts]:
    pairs = alignment.pairs
    predicted, gold = len(pairs) + len(alignment.spurious), len(pairs) + len(alignment.missing)
    slots = [_slot_counts(alignment, name) for name in SLOTS]
    return {
        "detection": _Counts(sum(pair.detected for pair in pairs), predicted, gold),
        "record": _Counts(sum(pair.recorded for pair in pairs), predicted, gold),
        "context": _Counts(*(sum(column) for column in zip(*slots, strict=True))),
        "full": _Counts(sum(pair.complete for pair in pairs), predicted, gold),
    }


def _slot_counts(alignment: Alignment, slot: str) -> _Counts:
    items = [item for pair in alignment.pairs for item in pair.slots if item.slot == slot]
    return _Counts(
        right=sum(item.agrees for item in items),
        predicted=sum(item.predicted is not None for item in items) + _slot_size(alignment.spurious, slot),
        gold=sum(item.gold is not None for item in items) + _slot_size(alignment.missing, slot),
    )


def _slot_size(claims: Sequence[Claim], slot: str) -> int:
    return sum(name == slot for claim in claims for name, _ in _slot_mentions(claim))


def _field_counts(alignment: Alignment, field: str) -> _Counts:
    pairs = len(alignment.pairs)
    return _Counts(sum(pair.right[field] for pair in alignment.pairs), pairs, pairs)


def _table(rows: Sequence[_Rows], *, resamples: int) -> dict[_Key, Score]:
    """A score for every key, from the counts summed over documents, with intervals from resampled sums."""
    keys = list(_rows([], []))
    shape = len(keys), len(_Counts._fields)
    counts = np.array([[row[key] for key in keys] for row in rows], dtype=np.int64)
    counts = counts.reshape(len(rows), shape[0] * shape[1])
    samples = resampled_sums(counts, resamples=resamples)
    samples = samples.reshape(len(samples), *shape)
    totals = counts.sum(axis=0).reshape(shape).tolist()
    return {key: _score(_Counts(*totals[at]), samples[:, at]) for at, key in enumerate(keys)}


def _score(counts: _Counts, samples: NDArray[np.float64]) -> Score:
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


def _pair_errors(document: str, pair: Pair) -> Iterator[Error]:
    gold, predicted = pair.gold, pair.predicted
    kinds = [kind for kind in get_args(ErrorKind) if not pair.right.get(kind, True)]
    for kind in kinds:
        yield Error(document, kind, gold, predicted, None, _shown(gold, kind), _shown(predicted, kind))
    for item in pair.slots:
        if not item.agrees:
            expected = item.gold.text if item.gold else None
            found = item.predicted.text if item.predicted else None
            yield Error(document, "slot", gold, predicted, item.slot, expected, found)


def _unmatched(
    document: str, alignment: Alignment, gold: Sequence[Claim], predicted: Sequence[Claim], role: Role | None
) -> Iterator[Error]:
    """Errors of the claims without a match; one that the other side has under another role is a wrong role."""
    elsewhere_gold = [claim for claim in gold if role is not None and claim.role != role]
    elsewhere_predicted = [claim for claim in predicted if role is not None and claim.role != role]
    missed = align(alignment.missing, elsewhere_predicted)
    extra = align(elsewhere_gold, alignment.spurious)
    for pair in (*missed.pairs, *extra.pairs):
        one, other = pair.gold, pair.predicted
        yield Error(document, "role", one, other, None, one.role, other.role)
    for claim in missed.missing:
        yield Error(document, "missing", claim, None, None, _shown(claim, "value"), None)
    for claim in extra.spurious:
        yield Error(document, "spurious", None, claim, None, None, _shown(claim, "value"))


def _shown(claim: Claim, field: str) -> str | None:
    """A field as text: a value as `2.16`, `2..5` for a range, `57 -> 8.2` with an old level."""
    if field != "value":
        found = getattr(claim, field)
        return None if found is None else str(found)
    numbers = [claim.value] if claim.value is not None else [claim.low, claim.high]
    text = "..".join(f"{number:.12g}" for number in numbers if number is not None)
    old = _old(claim)
    return text if old is None else f"{old:.12g} -> {text}"


def _place(error: Error) -> tuple[int, int]:
    claim = error.gold or error.predicted
    return (claim.start, claim.end) if claim else (0, 0)


def _error_data(error: Error) -> dict[str, Any]:
    claims = {"gold": error.gold, "predicted": error.predicted}
    dumped = {side: claim and claim.model_dump(mode="json", by_alias=True) for side, claim in claims.items()}
    rest = ("slot", "expected", "found")
    return {"document": error.document, "kind": error.kind, **dumped, **{k: getattr(error, k) for k in rest}}
