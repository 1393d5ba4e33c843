"""What a labelled file holds: documents, and claims by role, type and other fields, and how the slots are filled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from extractor.claims import CLOSED_FIELDS, SLOTS, Claim, Document
from extractor.matching import slot_mentions


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts of labelled documents.

    `fields` counts claims by the value of a field, in the order of the guidelines; `slots` gives for each slot the
    claims that have it and the phrases in it; `years` and `categories` (the primary one) count documents.
    """

    documents: int
    without_claims: int
    claims: int
    with_old_level: int
    ranges: int
    fields: dict[str, dict[str, int]]
    slots: dict[str, tuple[int, int]]
    years: dict[str, int]
    categories: dict[str, int]


def statistics(documents: Sequence[Document]) -> Statistics:
    """The counts of the documents and of all their claims."""
    claims = [claim for document in documents for claim in document.claims]
    return Statistics(
        documents=len(documents),
        without_claims=sum(not document.claims for document in documents),
        claims=len(claims),
        with_old_level=sum(claim.from_ is not None for claim in claims),
        ranges=sum(claim.value is None for claim in claims),
        fields={name: _values(claims, name, values) for name, values in CLOSED_FIELDS.items()},
        slots={name: _slot(claims, name) for name in SLOTS},
        years=_counted(document.date[:4] if document.date else "unknown" for document in documents),
        categories=_counted(document.categories[0] if document.categories else "unknown" for document in documents),
    )


def _values(claims: Sequence[Claim], name: str, values: Sequence[str]) -> dict[str, int]:
    found = Counter(getattr(claim, name) for claim in claims)
    return {value: found[value] for value in values}


def _slot(claims: Sequence[Claim], slot: str) -> tuple[int, int]:
    phrases = [sum(name == slot for name, _ in slot_mentions(claim)) for claim in claims]
    return sum(count > 0 for count in phrases), sum(phrases)


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
