"""Factors reasoned by hand from the table of the contract, a row a case."""

from __future__ import annotations

import math
from typing import Any

import pytest

from extractor import factor
from extractor.claims import Claim
from extractor.factor import Factor, improvement
from extractor.records import Old, Record


def record(unit: str, value: float | tuple[float, float], **fields: Any) -> Record:
    """A result of the given number; a pair is a range."""
    low, high = value if isinstance(value, tuple) else (None, None)
    plain: dict[str, Any] = {"form": "level", "direction": "none", "type": "speed", "role": "result"}
    return Record(
        quantity="?", start=0, end=1, value=None if isinstance(value, tuple) else value, low=low, high=high,
        spread=None, unit=unit, bound="exact", statistic=None, sentence=(0, 1), **plain | fields,
    )  # fmt: skip


def old(value: float | None, unit: str, low: float | None = None, high: float | None = None) -> Old:
    return Old(text="?", start=0, end=1, value=value, low=low, high=high, unit=unit)


def ratio(value: float | tuple[float, float], direction: str, **fields: Any) -> Record:
    return record("x", value, form="ratio", direction=direction, **fields)


def change(value: float | tuple[float, float], direction: str, unit: str = "%", **fields: Any) -> Record:
    return record(unit, value, form="change", direction=direction, **fields)


def share(value: float | tuple[float, float], unit: str = "%", **fields: Any) -> Record:
    return record(unit, value, form="share", **fields)


def moved(before: Old, value: float | tuple[float, float], unit: str, **fields: Any) -> Record:
    return record(unit, value, from_=before, **fields)


# What the text says, the claim, the polarity of its metric, and the factor.
SINGLE = [
    ("2.16x speedup", ratio(2.16, "increase"), "higher", 2.16),
    ("5x slowdown of the speed", ratio(5, "decrease"), "higher", 0.2),
    ("5.6 times smaller memory", ratio(5.6, "decrease", type="memory"), "lower", 5.6),
    ("31x less time", ratio(31, "decrease"), "lower", 31),
    ("4x longer latency", ratio(4, "increase"), "lower", 0.25),
    ("halves the cost (ratio 2)", ratio(2, "decrease", type="cost"), "lower", 2),
    ("1x throughput: as good as before", ratio(1, "increase"), "higher", 1),
    ("two orders of magnitude faster", ratio(100, "increase"), "higher", 100),
    ("throughput higher by 48%", change(48, "increase"), "higher", 1.48),
    ("throughput 18.9% lower", change(18.9, "decrease"), "higher", 0.811),
    ("latency reduced by 50%", change(50, "decrease"), "lower", 2),
    ("latency reduced by 20%", change(20, "decrease"), "lower", 1.25),
    ("energy 25% higher", change(25, "increase", type="energy"), "lower", 0.8),
    ("overhead of 22%", change(22, "increase"), "lower", 1 / 1.22),
    ("throughput 111% higher", change(111, "increase"), "higher", 2.11),
    ("SLO violations down by 24%", change(24, "decrease", type="reliability"), "lower", 1 / 0.76),
    ("traffic drops by half", change(0.5, "decrease", "x", type="communication"), "lower", 2),
    ("throughput drops by half", change(0.5, "decrease", "x"), "higher", 0.5),
    ("accuracy falls by a quarter, no %", change(0.25, "decrease", "x", type="quality"), "higher", 0.75),
    ("throughput grows by a third", change(1 / 3, "increase", "x"), "higher", 4 / 3),
    ("a change of -2% called a decrease", change(-2, "decrease"), "higher", 0.98),
    ("storage from 57Gb to 8Gb", moved(old(57, "Gbit"), 8, "Gbit", type="memory"), "lower", 7.125),
    ("from 51 to 21 minutes", moved(old(51, "min"), 21, "min"), "lower", 51 / 21),
    ("from 2 h to 30 min", moved(old(2, "h"), 30, "min"), "lower", 4),
    ("from 800 ms to 1 s: worse", moved(old(800, "ms"), 1, "s"), "lower", 0.8),
    ("from 1 GB to 1 Gbit", moved(old(1, "GB"), 1, "Gbit", type="memory"), "lower", 8),
    ("accuracy from 60% to 75%", moved(old(60, "%"), 75, "%", type="quality"), "higher", 1.25),
    ("accuracy from 0.5 to 75%", moved(old(0.5, ""), 75, "%", type="quality"), "higher", 1.5),
    ("error from 121.4% to 2.3%", moved(old(121.4, "%"), 2.3, "%", type="quality"), "lower", 121.4 / 2.3),
    ("throughput from 40 to 10 token/s", moved(old(40, "token/s"), 10, "token/s"), "higher", 0.25),
    ("from 8 to 2 GPUs", moved(old(8, "gpu"), 2, "gpu", type="compute"), "lower", 4),
    ("retains 99.7% of performance", share(99.7, type="quality"), "higher", 0.997),
    ("with 25% of the tokens", share(25, type="compute"), "lower", 4),
    ("a third of the memory", share(1 / 3, "x", type="memory"), "lower", 3),
    ("half of the throughput", share(0.5, "x"), "higher", 0.5),
    ("120% of the baseline's time", share(120), "lower", 1 / 1.2),
]  # fmt: skip

RANGES = [
    ("1.1x to 2x faster", ratio((1.1, 2), "increase"), "higher", (1.1, 2)),
    ("2x to 4x slower", ratio((2, 4), "decrease"), "higher", (0.25, 0.5)),
    ("20-50% less latency", change((20, 50), "decrease"), "lower", (1.25, 2)),
    ("3%-7% lower throughput", change((3, 7), "decrease"), "higher", (0.93, 0.97)),
    ("between 10% and 25% of the cost", share((10, 25), type="cost"), "lower", (4, 10)),
    ("from 60 s to 10-20 s", moved(old(60, "s"), (10, 20), "s"), "lower", (3, 6)),
    ("from 60-80 s to 20 s", moved(old(None, "s", 60, 80), 20, "s"), "lower", (3, 4)),
    ("from 20-40 to 60-80 Hz", moved(old(None, "Hz", 20, 40), (60, 80), "Hz"), "higher", (1.5, 4)),
]  # fmt: skip

NONE = [
    ("quality in %", change(21.4, "increase", type="quality"), "higher", factor.SCORE_CHANGE),
    ("error rate 20% lower", change(20, "decrease", type="quality"), "lower", factor.SCORE_CHANGE),
    ("+3.2 points", change(3.2, "increase", "pp", type="quality"), "higher", factor.POINTS),
    ("from 3 to 5 points", moved(old(3, "pp"), 5, "pp", type="quality"), "higher", factor.POINTS),
    ("BLEU up by 2", change(2, "increase", "", type="quality"), "higher", factor.OTHER_UNIT),
    ("5 ms faster", change(5, "decrease", "ms"), "lower", factor.OTHER_UNIT),
    ("2 GB of the memory", share(2, "GB", type="memory"), "lower", factor.OTHER_UNIT),
    ("a ratio of 0.8x", ratio(0.8, "decrease"), "lower", factor.BELOW_ONE),
    ("0.8x to 2x", ratio((0.8, 2), "increase"), "higher", factor.BELOW_ONE),
    ("traffic down by 100%", change(100, "decrease", type="communication"), "lower", factor.WHOLE_GONE),
    ("time down by 50-100%", change((50, 100), "decrease"), "lower", factor.WHOLE_GONE),
    ("cost down by 120%", change(120, "decrease", type="cost"), "higher", factor.WHOLE_GONE),
    ("-5% called an increase", change(-5, "increase"), "higher", factor.NEGATIVE),
    ("2x, polarity unknown", ratio(2, "increase"), None, factor.NO_POLARITY),
    ("share, polarity unknown", share(50), None, factor.NO_POLARITY),
    ("moved, polarity unknown", moved(old(1, "s"), 2, "s"), None, factor.NO_POLARITY),
    ("2x, no direction", ratio(2, "none"), "higher", factor.NO_DIRECTION),
    ("20% of change, no direction", change(20, "none"), "lower", factor.NO_DIRECTION),
    ("0% of the baseline's failures", share(0, type="reliability"), "lower", factor.NOTHING_LEFT),
    ("from 0 to 5 ms", moved(old(0, "ms"), 5, "ms"), "lower", factor.NOTHING_LEFT),
    ("from 1.2 to -0.3", moved(old(1.2, ""), -0.3, "", type="quality"), "higher", factor.NOTHING_LEFT),
    ("from 20 to 40 degrees", moved(old(20, "degC"), 40, "degC", type="other"), "lower", factor.NO_ZERO),
    ("from 30 dB to 33 dB", moved(old(30, "dB"), 33, "dB", type="quality"), "higher", factor.NO_ZERO),
    ("from 3 s to 2 GB", moved(old(3, "s"), 2, "GB"), "lower", factor.OTHER_MEASURE),
    ("from 8 GPUs to 2 nodes", moved(old(8, "gpu"), 2, "cluster"), "lower", factor.OTHER_MEASURE),
    ("from 8 GPUs to 2 GB", moved(old(8, "gpu"), 2, "GB"), "lower", factor.OTHER_MEASURE),
    ("plain level", record("%", 97.21, type="quality"), "higher", ""),
    ("background", ratio(2, "increase", role="background"), "higher", ""),
    ("set-up", ratio(2, "increase", role="setup"), "higher", ""),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "polarity", "expected"), [c[1:] for c in SINGLE], ids=[c[0] for c in SINGLE])
def test_single_factor(claim: Record, polarity: str | None, expected: float) -> None:
    found = improvement(claim, polarity=polarity)
    assert found.factor == pytest.approx(expected, rel=1e-9)
    assert (found.low, found.high, found.note) == (None, None, "")


@pytest.mark.parametrize(("claim", "polarity", "expected"), [c[1:] for c in RANGES], ids=[c[0] for c in RANGES])
def test_range_has_both_ends_and_no_single_factor(
    claim: Record, polarity: str | None, expected: tuple[float, float]
) -> None:
    found = improvement(claim, polarity=polarity)
    assert (found.factor, found.note) == (None, "")
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("claim", "polarity", "note"), [c[1:] for c in NONE], ids=[c[0] for c in NONE])
def test_no_factor_and_why(claim: Record, polarity: str | None, note: str) -> None:
    assert improvement(claim, polarity=polarity) == Factor(note=note)


def test_old_level_without_a_unit_is_in_the_unit_of_the_claim() -> None:
    fields = {"form": "level", "direction": "decrease", "type": "speed", "role": "result"}
    before = {"text": "8", "start": 4, "end": 5, "value": 8}
    claim = Claim.model_validate(
        {"quantity": "2 s", "start": 9, "end": 12, "value": 2, "unit": "s", "from": before, **fields}
    )
    assert improvement(claim, polarity="lower") == Factor(4)


def test_number_that_overflows_has_no_factor() -> None:
    assert improvement(ratio(math.inf, "increase"), polarity="higher") == Factor()
    assert improvement(ratio(math.nan, "increase"), polarity="higher") == Factor()
