"""Match predicted claims with labelled ones and compare each pair, field by field and slot by slot.

Two claims are matched where their quantities overlap, as the file formats' contract says: equal values first, then the
larger overlap, ties by offset, so that the order of the input has no effect.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, get_args

from extractor.claims import LIST_SLOTS, SLOTS, Claim, Document, Mention, Role
from extractor.units import unit_key

# The fields that a right record has right, and all that are compared.
RECORD_FIELDS = ("value", "unit", "bound", "form", "direction", "type", "role")
FIELDS = (*RECORD_FIELDS, "statistic")


class Side(NamedTuple):
    """The claims of one document, labelled and predicted."""

    document: str
    gold: list[Claim]
    predicted: list[Claim]


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
    moved = not _close((old_value(gold) or 0.0,), (old_value(predicted) or 0.0,))
    return (different, moved, -overlap, gold.start, gold.end, predicted.start, predicted.end)


def _values(claim: Claim) -> tuple[float | None, ...]:
    """The value, or low and high of a range, and then the old level's value where there is one."""
    numbers = (claim.value,) if claim.value is not None else (claim.low, claim.high)
    old = old_value(claim)
    return numbers if old is None else (*numbers, old)


def old_value(claim: Claim) -> float | None:
    """The value of the old level of a from-to claim."""
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
    left = list(slot_mentions(predicted))
    items = []
    for slot, mention in slot_mentions(gold):
        hit = next((item for item in left if _same_item(item, slot, mention)), None)
        if hit is not None:
            left.remove(hit)
        items.append(SlotItem(slot, mention, hit[1] if hit else None))
    return items + [SlotItem(slot, None, mention) for slot, mention in left]


def _same_item(item: tuple[str, Mention], slot: str, mention: Mention) -> bool:
    return item[0] == slot and same_phrase(item[1].text, mention.text)


def slot_mentions(claim: Claim) -> Iterator[tuple[str, Mention]]:
    """Every phrase of the claim's slots with the name of its slot."""
    for slot in SLOTS:
        found = getattr(claim, slot)
        for mention in found if slot in LIST_SLOTS else [found] if found else []:
            yield slot, mention


def paired(gold: Sequence[Document], predicted: Sequence[Document], *, ignore_unknown: bool = False) -> list[Side]:
    """The claims of both sides of every gold document, in the order of gold.

    A document without a prediction counts as predicted without claims. Raises ValueError on an id that occurs twice,
    and on predicted ids that gold does not have, unless `ignore_unknown`, which leaves those documents out.
    """
    wanted, given = _by_id(gold, "gold"), _by_id(predicted, "predictions")
    unknown = [name for name in given if name not in wanted]
    if unknown and not ignore_unknown:
        raise ValueError(
            f"predictions for {len(unknown)} documents that gold does not have: {_listed(unknown)}; "
            "score against the gold file that they belong to, or ask for unknown documents to be ignored"
        )
    return [Side(name, claims, given.get(name, [])) for name, claims in wanted.items()]


def sides(
    gold: Sequence[Document], predicted: Sequence[Document], *, role: Role | None, ignore_unknown: bool = False
) -> list[Side]:
    """The claims of `role` on both sides (of all with None), by document id; raises as `paired` and `check_role` do.

    Sorted, because resamples are drawn by place and must not depend on the order of the input.
    """
    check_role(role)
    documents = sorted(paired(gold, predicted, ignore_unknown=ignore_unknown), key=lambda side: side.document)
    return [Side(one.document, of_role(one.gold, role), of_role(one.predicted, role)) for one in documents]


def check_role(role: str | None) -> None:
    """ValueError where it is neither a role nor None."""
    if role is not None and role not in get_args(Role):
        raise ValueError(f"role is {role!r}; expected one of {', '.join(get_args(Role))}, or None for all roles")


def of_role(claims: Sequence[Claim], role: Role | None) -> list[Claim]:
    """The claims of a role, or all with None."""
    return [claim for claim in claims if role is None or claim.role == role]


def _by_id(documents: Sequence[Document], side: str) -> dict[str, list[Claim]]:
    twice = [name for name, count in Counter(document.id for document in documents).items() if count > 1]
    if twice:
        raise ValueError(f"{side} have these document ids more than once: {_listed(twice)}; keep one of each")
    return {document.id: document.claims for document in documents}


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:10]))
    return shown if len(names) <= 10 else f"{shown} and {len(names) - 10} more"
