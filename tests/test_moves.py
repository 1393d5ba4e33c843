"""`from A to B` in the shapes that abstracts write it in."""

from __future__ import annotations

import pytest

from extractor import extract


@pytest.mark.parametrize(
    ("sentence", "quantity", "ends", "old", "direction"),
    [
        ("Accuracy rose from 47% in early 2023 to 51% in 2025.", "51%", (51, None, None), "47%", "increase"),
        ("It reduces latency from 9 ms to 3-4 ms.", "3-4 ms", (None, 3, 4), "9 ms", "decrease"),
        ("It improves accuracy from below 50% to over 90% here.", "90%", (90, None, None), "50%", "increase"),
        ("It cuts the run time from 10 hours to 12 minutes.", "12 minutes", (12, None, None), "10 hours", "decrease"),
        ("It is fast (0.2-0.6s vs. 160s).", "0.2-0.6s", (None, 0.2, 0.6), "160s", "decrease"),
    ],
)  # fmt: skip
def test_new_level_has_its_old_one(
    sentence: str, quantity: str, ends: tuple[float | None, ...], old: str, direction: str
) -> None:
    (claim,) = extract(f"We present Foo. {sentence}")
    assert claim.quantity == quantity
    assert (claim.value, claim.low, claim.high) == ends
    assert claim.from_ is not None
    assert claim.from_.text == old
    assert claim.direction == direction


def test_levels_of_two_dimensions_are_not_one_move() -> None:
    claims = extract(
        "We present Foo, inducing deviations from 3.5 degrees to 29 degrees and 11 km per hour to 22 km per hour."
    )
    assert [claim.unit for claim in claims] == ["deg", "km/h"]
    assert all(claim.from_ is None or claim.from_.unit in ("", claim.unit) for claim in claims)


def test_counts_share_the_noun_behind_them() -> None:
    claims = extract("We use 115 static and 49 dynamic features.")
    assert [(claim.value, claim.unit) for claim in claims] == [(115, "feature"), (49, "feature")]
