"""Numbers in raw text: where they stand and what they are worth, by the rules of `rules/numbers.yaml`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import regex

from extractor.rules import Rule, RuleError, RuleSet

SCALES = {
    "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12, "bn": 1e9, "mn": 1e6, "mln": 1e6, "thousand": 1e3,
    "hundred thousand": 1e5, "million": 1e6, "billion": 1e9, "trillion": 1e12, "quadrillion": 1e15,
    "lakh": 1e5, "crore": 1e7,
}  # fmt: skip
_BOTTOMS = {
    "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "tenth": 10,
    "hundredth": 100,
}  # fmt: skip


@dataclass(slots=True)
class Number:
    """A number as it stands in the text; a range of orders of magnitude has low and high instead of a value."""

    start: int
    end: int
    value: float | None
    rule: str
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    scaled: bool = False


# The longest number that is read, in characters.
_LONGEST = 80
# Where a number may start: a gate before the alternation of all rules, so that plain text costs next to nothing.
_STARTS = re.compile(
    # The first letters of all that follows: most places fail here at once.
    r"(?=[-+−\d.\\xX×aothfsendq])(?:"
    r"[-+−](?=\d)|\d|\.(?=\d)|\\[dt]?frac|(?:[xX×]|\\times\s?)(?=\d)|"
    r"\b(?:an?|one)\s+(?=order|third|quarter|fourth|fifth|sixth|seventh|eighth|tenth|hundred|million|thousand)|"
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    r"hundred|thousand|half|halve[sd]|halving|twice|thrice|doubl|tripl|quadrupl|order[ -]of[ -]))",
    re.IGNORECASE,
)


class NumberScanner:
    """All number rules as one compiled alternation."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules.of("number")
        shared = rules.shared.get("number", {})
        self._words = {rule.id: rule.body.get("words", {}) for rule in self._rules}
        lists: Any = {
            f"words{k}": list(rule.body["words"])
            for k, rule in enumerate(self._rules)
            if r"\L<words>" in str(rule.body["pattern"])
        }
        parts = [f"(?P<r{k}>{_pattern(rule, k, shared)})" for k, rule in enumerate(self._rules)]
        self._scan = regex.compile("|".join(parts), **lists)
        self._ids = {f"r{k}": rule for k, rule in enumerate(self._rules)}

    def scan(self, text: str) -> Iterator[Number]:
        """Every number of `text`, left to right, without overlap."""
        end = 0
        for start in _STARTS.finditer(text):
            if start.start() < end:
                continue
            match = self._scan.match(text, start.start())
            if match is None or match.end() == match.start():
                continue
            end = match.end()
            if end - match.start() > _LONGEST:
                continue  # a run of digits is no measurement, and no float holds it
            rule = self._ids.get(match.lastgroup or "") or self._rule(match)
            number = READERS[rule.body["read"]](match, self._words[rule.id])
            if number.value is not None and not isfinite(number.value):
                continue
            number.rule = rule.id
            number.unit = rule.body.get("unit")
            yield number

    def _rule(self, match: regex.Match[str]) -> Rule:
        """The rule that matched, where a group inside it was the last to close."""
        return self._ids[next(name for name in self._ids if match.start(name) >= 0)]

    def spans_without_gate(self, text: str) -> Iterator[tuple[int, int]]:
        """The spans that a scan of every character finds; the same as those of `scan`, and slower."""
        return (match.span() for match in self._scan.finditer(text))


def _pattern(rule: Rule, number: int, shared: Mapping[str, Any]) -> str:
    pattern = str(rule.body["pattern"])
    if rule.body["read"] not in READERS:
        raise RuleError(f"{rule.file}: rule {rule.id!r}: `read` is {rule.body['read']!r}; one of {', '.join(READERS)}")
    for name, text in shared.items():
        pattern = pattern.replace(name, f"(?>{text})" if name == "DIGITS" else text)
    return pattern.replace(r"\L<words>", rf"\L<words{number}>")


def to_float(digits: str) -> float:
    """The number that digits with separators stand for."""
    return float(regex.sub(r"[\s,\\{}\u202f\u2009]", "", digits))


def _signed(match: regex.Match[str], value: float) -> float:
    sign = match.group("sign")
    return -value if sign and sign.strip() in "-−" else value


def tidy(value: float) -> float:
    """The value without the noise of binary scaling: 1.1 billion is 1100000000."""
    return float(f"{value:.12g}")


def _decimal(match: regex.Match[str], _words: Mapping[str, float]) -> Number:
    scale = match.group("scale")
    factor = SCALES[_scale_key(scale)] if scale else 1.0
    value = tidy(_signed(match, to_float(match.group("number")) * factor))
    return Number(*match.span(), value, "", scaled=bool(scale))


def _scale_key(scale: str) -> str:
    # The long s folds to s without regard to case.
    word = regex.sub(r"[\s~$\-]+", " ", scale).strip().lower().replace("ſ", "s")
    return word.removesuffix("s") if len(word) > 3 else word


def _exponent(match: regex.Match[str]) -> int:
    return max(-300, min(300, int(match.group("exponent").replace("−", "-"))))


def _scientific(match: regex.Match[str], _words: Mapping[str, float]) -> Number:
    mantissa = to_float(match.group("number"))
    value = float(f"{mantissa:.15g}e{_exponent(match)}") if mantissa < 1e15 else mantissa * 10.0 ** _exponent(match)
    return Number(*match.span(), _signed(match, value), "")


def _power(match: regex.Match[str], _words: Mapping[str, float]) -> Number:
    return Number(*match.span(), float(f"1e{_exponent(match)}"), "")


def _word(match: regex.Match[str], words: Mapping[str, float]) -> Number:
    return Number(*match.span(), float(words[match.group("word")]), "")


def _word_scale(match: regex.Match[str], words: Mapping[str, float]) -> Number:
    scale = match.group().split()[-1].rsplit("-", 1)[-1]
    return Number(*match.span(), tidy(words[match.group("word")] * SCALES[scale]), "", scaled=True)


def _count(text: str, words: Mapping[str, float]) -> float:
    return float(words[text]) if text in words else float(text)


def _orders(match: regex.Match[str], words: Mapping[str, float]) -> Number:
    first = tidy(10.0 ** _count(match.group("count"), words))
    second = match.group("count2")
    if second is None:
        return Number(*match.span(), first, "")
    return Number(*match.span(), None, "", low=first, high=tidy(10.0 ** _count(second, words)))


def _fraction(match: regex.Match[str], _words: Mapping[str, float]) -> Number:
    return Number(*match.span(), int(match.group("top")) / int(match.group("bottom")), "")


def _one_in(match: regex.Match[str], words: Mapping[str, float]) -> Number:
    top, bottom = (words[part] if part in words else float(part) for part in match.group("top", "bottom"))
    return Number(*match.span(), top / bottom, "")


def _fraction_word(match: regex.Match[str], words: Mapping[str, float]) -> Number:
    top = match.group("top")
    return Number(*match.span(), (words[top] if top else 1) / _BOTTOMS[match.group("bottom")], "")


READERS: Mapping[str, Callable[[regex.Match[str], Mapping[str, float]], Number]] = {
    "decimal": _decimal,
    "scientific": _scientific,
    "power": _power,
    "word": _word,
    "word_scale": _word_scale,
    "orders": _orders,
    "fraction": _fraction,
    "fraction_word": _fraction_word,
    "one_in": _one_in,
}
