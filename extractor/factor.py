"""The improvement factor: how many times better than its reference a claim is.

Above 1 is better, below 1 is worse. The formulas are those of the table in the project's contract: a ratio is
its own factor, a change of a fraction f leaves 1 + f or 1 - f of the reference, a moved level is compared
with its old level, a share of the reference's amount is that amount. Bounds and statistics are left to
whoever shows the factors: an `up_to` is a best case and a `mean` an average, and they should be kept apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

# How `%` and `x` scale to fractions of the reference.
_FRACTION = {"%": 0.01, "x": 1.0}
# Scales without a true zero, on which one level is not so many times another.
_NO_ZERO = frozenset(("degC", "dB", "dBm"))

NO_POLARITY = "it is not known whether higher or lower is better"
NO_DIRECTION = "the text does not say which way it went"
BELOW_ONE = "a ratio below 1 may be meant either way"
SCORE_CHANGE = "a change of a score in % may be relative or in points"
POINTS = "points are no multiple of the reference"
OTHER_UNIT = "the change is not in % of the reference"
WHOLE_GONE = "a decrease by 100 % or more leaves nothing to compare"
NEGATIVE = "the sign and the stated direction do not agree"
NOTHING_LEFT = "levels and shares of 0 or less have no multiple"
NO_ZERO = "the scale of this unit has no true zero"
OTHER_MEASURE = "the two levels are in units that do not convert"


class Factor(NamedTuple):
    """The factor, or its ends for a range; `note` says why a stated gain has none ("" otherwise)."""

    factor: float | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""


class Level(Protocol):
    """A number or range with a unit; None stands for the unit of the claim."""

    @property
    def value(self) -> float | None:
        """The number; None for a range."""

    @property
    def low(self) -> float | None:
        """The lower end of a range."""

    @property
    def high(self) -> float | None:
        """The upper end of a range."""

    @property
    def unit(self) -> str | None:
        """The unit as the contract writes it."""


class Measured(Level, Protocol):
    """What a factor is worked out from: a record of the pipeline or a claim of the library."""

    @property
    def form(self) -> str:
        """`ratio`, `change`, `share` or `level`."""

    @property
    def direction(self) -> str:
        """`increase`, `decrease` or `none`: which way the property goes."""

    @property
    def type(self) -> str:
        """The claim type."""

    @property
    def role(self) -> str:
        """`result`, `background` or `setup`."""

    @property
    def from_(self) -> Level | None:
        """The level before, of a level that moved."""


def improvement(claim: Measured, *, polarity: str | None) -> Factor:
    """The improvement factor of a claim whose metric is better when `higher` or `lower` (None: not known).

    Plain levels, background and set-up have neither factor nor note.
    """
    if claim.role != "result" or (claim.form == "level" and claim.from_ is None):
        return Factor()
    if note := _unfit(claim, polarity):
        return Factor(note=note)
    match claim.form:
        case "level":
            return _of_levels(claim, higher=polarity == "higher")
        case "share":
            return _of_share(claim, higher=polarity == "higher")
        case "ratio":
            return _of_ratio(claim, higher=polarity == "higher")
        case _:
            return _of_change(claim, higher=polarity == "higher")


def _unfit(claim: Measured, polarity: str | None) -> str:
    """Why a gain has no factor, whatever its numbers."""
    if claim.unit == "pp":
        return POINTS
    if claim.form == "change" and claim.type == "quality" and claim.unit == "%":
        return SCORE_CHANGE
    if claim.form != "level" and claim.unit not in _FRACTION:
        return OTHER_UNIT
    if claim.form in ("ratio", "change") and claim.direction == "none":
        return NO_DIRECTION
    return "" if polarity in ("higher", "lower") else NO_POLARITY


def _of_ratio(claim: Measured, *, higher: bool) -> Factor:
    good = (claim.direction == "increase") == higher
    ratios = [number * _FRACTION[claim.unit or "x"] for number in _numbers(claim)]
    if min(ratios) < 1:
        return Factor(note=BELOW_ONE)
    return _spread(ratio if good else 1 / ratio for ratio in ratios)


def _of_change(claim: Measured, *, higher: bool) -> Factor:
    fractions = [number * _FRACTION[claim.unit or "x"] for number in _numbers(claim)]
    if claim.direction == "decrease":
        # `a change of -2.1%` that the text calls a decrease is one of 2.1%, not its opposite.
        fractions = [abs(fraction) for fraction in fractions]
    if min(fractions) < 0:
        return Factor(note=NEGATIVE)
    left = [1 - f if claim.direction == "decrease" else 1 + f for f in fractions]
    if min(left) <= 0:
        return Factor(note=WHOLE_GONE)
    return _spread(amount if higher else 1 / amount for amount in left)


def _of_share(claim: Measured, *, higher: bool) -> Factor:
    shares = [number * _FRACTION[claim.unit or "x"] for number in _numbers(claim)]
    if min(shares) <= 0:
        return Factor(note=NOTHING_LEFT)
    return _spread(share if higher else 1 / share for share in shares)


def _of_levels(claim: Measured, *, higher: bool) -> Factor:
    old = claim.from_
    assert old is not None
    unit = claim.unit or ""
    if unit in _NO_ZERO:
        return Factor(note=NO_ZERO)
    convert = _converter(unit if old.unit is None else old.unit, unit)
    if convert is None:
        return Factor(note=OTHER_MEASURE)
    before, after = [convert(number) for number in _numbers(old)], _numbers(claim)
    if min(*before, *after) <= 0:
        return Factor(note=NOTHING_LEFT)
    return _spread(b / a if higher else a / b for a in before for b in after)


def _converter(unit: str, to: str) -> Callable[[float], float] | None:
    """How numbers of `unit` become numbers of `to`; None where the two measure different things."""
    if unit == to:
        return lambda number: number
    from extractor.units import convert, to_pint, unit_key

    root, other_root = (str(to_pint(1, each).to_root_units().units) for each in (unit, to))
    if root != other_root or (root == "count" and unit_key(unit) != unit_key(to)):
        return None
    return lambda number: convert(number, unit, to)


def _numbers(level: Level) -> list[float]:
    """The value, or both ends of a range; nan where neither is there, which has no factor."""
    ends = [level.value] if level.value is not None else [level.low, level.high]
    return [math.nan if end is None else end for end in ends]


def _spread(factors: Iterable[float]) -> Factor:
    """One factor, or the ends of several."""
    found = list(factors)
    if not all(math.isfinite(factor) for factor in found):
        return Factor()
    return Factor(found[0]) if len(found) == 1 else Factor(low=min(found), high=max(found))
