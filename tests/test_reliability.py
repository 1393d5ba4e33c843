"""The reliability of confidences, and precision and recall by a floor."""

from __future__ import annotations

import pytest

from extractor.claims import Claim, Document
from extractor.reliability import reliability


def claim(start: int, value: float, confidence: float | None, role: str = "result") -> Claim:
    """A claim at a place."""
    return Claim.model_validate(
        {
            "quantity": "12%", "start": start, "end": start + 3, "value": value, "unit": "%", "bound": "exact",
            "form": "level", "direction": "none", "type": "quality", "role": role, "confidence": confidence,
        }
    )  # fmt: skip


def documents(*sides: list[Claim]) -> list[list[Document]]:
    """The same document with each side's claims."""
    return [[Document(id="1", title="", abstract="12% " * 10, claims=claims)] for claims in sides]


def test_right_wrong_and_spurious_records_are_counted_by_confidence() -> None:
    gold, predicted = documents(
        [claim(0, 12, None), claim(4, 12, None), claim(8, 12, None)],
        [claim(0, 12, 0.95), claim(4, 13, 0.55), claim(12, 12, 0.52)],
    )
    bins, floors = reliability(gold, predicted)
    assert [(one.low, one.claims, one.right) for one in bins] == [(0.5, 2, 0), (0.9, 1, 1)]
    assert bins[0].confidence == pytest.approx(0.535)
    none, sure = floors[0], floors[-1]
    assert (none.kept, none.right, none.gold) == (3, 1, 3)
    assert (none.precision, none.recall) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert (sure.kept, sure.precision) == (1, 1.0)


def test_claims_without_confidence_are_the_least_sure() -> None:
    bins, floors = reliability(*documents([claim(0, 12, None)], [claim(0, 12, None)]))
    assert [(one.low, one.claims) for one in bins] == [(0.0, 1)]
    assert floors[-1].kept == 0
    assert (floors[-1].precision, floors[-1].recall) == (0.0, 0.0)


def test_only_the_role_that_is_asked_for_counts() -> None:
    gold, predicted = documents([claim(0, 12, None, "setup")], [claim(0, 12, 0.9, "setup")])
    assert reliability(gold, predicted)[0] == []
    assert reliability(gold, predicted, role=None)[0][0].right == 1
