"""Numbers: what they are worth, and that the gate before the scan passes over none of them."""

import json
from pathlib import Path

import pytest

from extractor import rules
from extractor.values import NumberScanner, to_float

GOLD = Path(__file__).parent.parent / "gold" / "dev.jsonl"

VALUES = [
    ("scores 1.2e-3 here", [0.0012]),
    (r"$3.1 \times 10^{5}$ points", [310000.0]),
    ("10^9 cells", [1e9]),
    ("$1.1$ billion pairs", [1.1e9]),
    ("a 557-million-parameter model", [557e6]),
    ("48,000 prompts and 96K more", [48000.0, 96000.0]),
    ("1{,}000 and 10 000", [1000.0, 10000.0]),
    ("two orders of magnitude", [100.0]),
    ("twice as fast, a thousand times smaller", [2.0, 1000.0]),
    ("half of the requests, two thirds of the rest", [0.5, 2 / 3]),
    ("1/3 of the energy", [1 / 3]),
    ("by a factor of two", [2.0]),
    ("a threefold increase", [3.0]),
    ("within four seconds", [4.0]),
    ("-2.1 and +1.3", [-2.1, 1.3]),
    ("release 3.1.2", []),
    ("once or twice a day", []),
    ("first half", []),
    ("9" * 400, []),
    ("10^" + "9" * 5000, []),
    ("3e300 trillion", [3e300]),
]


@pytest.fixture(scope="module")
def scanner() -> NumberScanner:
    return NumberScanner(rules.load())


@pytest.mark.parametrize(("text", "values"), VALUES)
def test_values(scanner: NumberScanner, text: str, values: list[float]) -> None:
    assert [number.value for number in scanner.scan(text)] == pytest.approx(values)


def test_a_range_of_magnitudes_has_two_ends(scanner: NumberScanner) -> None:
    [number] = scanner.scan("2-3 orders of magnitude")
    assert (number.value, number.low, number.high) == (None, 100.0, 1000.0)


@pytest.mark.parametrize(("digits", "value"), [("1,000.5", 1000.5), (r"2{,}000", 2000.0), ("10 000", 10000.0)])
def test_separators(digits: str, value: float) -> None:
    assert to_float(digits) == value


def test_the_gate_loses_no_number(scanner: NumberScanner) -> None:
    for line in GOLD.open(encoding="utf8"):
        text = json.loads(line)["abstract"]
        gated = [(number.start, number.end) for number in scanner.scan(text)]
        assert gated == list(scanner.spans_without_gate(text))
