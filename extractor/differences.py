"""Every difference between gold and predicted claims, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from extractor.claims import Claim, Document, Role
from extractor.matching import Alignment, Pair, Side, align, check_role, of_role, old_value, paired

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
    check_role(role)
    found: list[Error] = []
    for side in paired(gold, predicted, ignore_unknown=ignore_unknown):
        alignment = align(of_role(side.gold, role), of_role(side.predicted, role))
        here = [error for pair in alignment.pairs for error in _pair_errors(side.document, pair)]
        here += _unmatched(side, alignment, role)
        found += sorted(here, key=_place)
    return found


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


def _unmatched(side: Side, alignment: Alignment, role: Role | None) -> Iterator[Error]:
    """Errors of the claims without a match; one that the other side has under another role is a wrong role."""
    document = side.document
    elsewhere_gold = [claim for claim in side.gold if role is not None and claim.role != role]
    elsewhere_predicted = [claim for claim in side.predicted if role is not None and claim.role != role]
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
    old = old_value(claim)
    return text if old is None else f"{old:.12g} -> {text}"


def _place(error: Error) -> tuple[int, int]:
    claim = error.gold or error.predicted
    return (claim.start, claim.end) if claim else (0, 0)


def to_data(error: Error) -> dict[str, Any]:
    """An error as plain dictionaries, lists, strings and numbers, ready for JSON."""
    claims = {"gold": error.gold, "predicted": error.predicted}
    dumped = {side: claim and claim.model_dump(mode="json", by_alias=True) for side, claim in claims.items()}
    rest = ("slot", "expected", "found")
    return {"document": error.document, "kind": error.kind, **dumped, **{k: getattr(error, k) for k in rest}}
