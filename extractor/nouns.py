"""What a number counts: `128M` image-text pairs, a `128`-layer Transformer, `64` NVIDIA P100 GPUs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import regex

from extractor.quantities import Quantity, closing_end
from extractor.rules import RuleSet
from extractor.tokens import TAGS, Token

_WORD = regex.compile(r"[\p{L}][\p{L}\d]*(?:[-/'’.&+][\p{L}\d]+)*")
_HYPHEN = regex.compile(r"[$}]*[-‐‑](?P<noun>\p{L}+)(?!\p{L})")
_GAP = regex.compile(r"\+?(?:[\s~}]|\$(?!\d)|\\[,; ])+(?:\([^()]{1,30}\)\s)?")
_BILLIONS = regex.compile(r"[\d.]+B(?:[\s$]*(?:-{1,2}|–|to)[\s$]*[\d.]+B)?")
_DECIMAL = regex.compile(r"\d\.\d")
_VERSION = regex.compile(r"\.0$")  # "ATM Forum TM 4.0 Specifications" counts nothing
_MAX_WORDS = 6
# Counted in the singular whatever follows: "a 405B parameter language model".
_WHOLE = frozenset(("parameter", "param", "bit", "layer", "qubit"))
_STOPPERS = frozenset(
    TAGS[n]
    for n in (
        "OF",
        "IN",
        "AT",
        "FOR",
        "WITH",
        "THAT",
        "COMPARED",
        "BE",
        "LEVEL",
        "BY",
        "TO",
        "FROM",
        "RETAIN",
        "NOT",
        "AND",
        "COMMA",
        "STOP",
        "OPEN",
        "CLOSE",
        "QTY",
        "RESPECTIVELY",
        "UP",
        "DOWN",
        "GOOD",
        "BAD",
        "SHARE",
        "GAIN",
    )
)


@dataclass(frozen=True, slots=True)
class Noun:
    """A counted noun phrase, the span of its head and the head in the singular."""

    start: int
    end: int
    head: str
    rule: str


class NounFinder:
    """Finds the noun that a bare number counts."""

    def __init__(self, rules: RuleSet) -> None:
        lists = {rule.id: frozenset(str(w).lower() for w in rule.body.get("words", ())) for rule in rules.of("noun")}
        self._irregular = lists.get("plural", frozenset())
        self._verbs = lists.get("verb-noun", frozenset())
        self._singulars: Mapping[str, str] = rules.shared.get("noun", {}).get("singulars", {})
        self._singular = lists.get("singular-unit", frozenset())
        self._excluded = lists.get("no-noun", frozenset())
        implied = [rule for rule in rules.of("noun") if "pattern" in rule.body]
        self._implied = [
            (rule.id, regex.compile(rule.body["pattern"]), regex.compile(f"(?r)(?:{rule.body['before']})"))
            for rule in implied
        ]

    def find(self, text: str, quantity: Quantity, tags: dict[int, Token], *, after_metric: bool = False) -> Noun | None:
        """The noun behind the number; `tags` gives the token that starts at an offset.

        Behind a property (`batch size 32 runs …`) a word in -s that is a verb elsewhere is no noun.
        """
        joined = _HYPHEN.match(text, quantity.end)
        if joined is not None:
            return Noun(
                joined.start("noun"),
                joined.end("noun"),
                self.singular(joined.group("noun")),
                "hyphenated-noun",
            )
        gap = _GAP.match(text, quantity.end)
        if gap is None or _VERSION.search(text, quantity.start, quantity.number_end):
            return None
        return self._phrase(text, gap.end(), quantity, tags, after_metric=after_metric)

    def implied(self, text: str, quantity: Quantity) -> Noun | None:
        """The noun that a number like `7B` counts without saying so, with an empty span."""
        if _BILLIONS.fullmatch(text, quantity.start, quantity.number_end) is None:
            return None
        for rule, behind, before in self._implied:
            if behind.match(text, quantity.end) or before.match(text, max(0, quantity.start - 40), quantity.start):
                return Noun(quantity.end, quantity.end, "parameter", rule)
        return None

    def _phrase(
        self, text: str, start: int, quantity: Quantity, tags: dict[int, Token], *, after_metric: bool
    ) -> Noun | None:
        position = start
        for count in range(_MAX_WORDS):
            word = _WORD.match(text, position)
            if word is None:
                return None
            lower = word.group().lower()
            if count == 0 and lower == "of" and quantity.scaled:
                position = closing_end(text, word.end())
                start = position
                continue
            token = tags.get(word.start())
            if (
                count == 0
                and lower in self._singular
                and (lower in _WHOLE or not self._plural_behind(text, word.end(), tags))
            ):
                return Noun(start, word.end(), self.singular(lower), "singular-unit")
            if (
                token is not None
                and token.tag in _STOPPERS
                and not ((count or not after_metric) and lower in self._verbs)
            ):
                return None
            if self.is_plural(word.group()):
                return Noun(start, word.end(), self.singular(word.group()), "counted-noun")
            gap = _GAP.match(text, word.end())
            counts = not _DECIMAL.search(text, quantity.start, quantity.number_end) or quantity.scaled
            if (
                counts
                and word.group().isupper()
                and len(word.group()) > 1
                and token is not None
                and token.tag == TAGS["WORD"]
                and self._phrase_ends(gap, tags)
            ):
                return Noun(start, word.end(), lower, "counted-acronym")
            if gap is None:
                return None
            position = gap.end()
        return None

    def _phrase_ends(self, gap: regex.Match[str] | None, tags: dict[int, Token]) -> bool:
        token = tags.get(gap.end()) if gap else None
        return gap is None or (token is not None and token.tag in _STOPPERS)

    def _plural_behind(self, text: str, position: int, tags: dict[int, Token]) -> bool:
        gap = _GAP.match(text, position)
        word = _WORD.match(text, gap.end()) if gap else None
        if word is None:
            return False
        token = tags.get(word.start())
        return not (token is not None and token.tag in _STOPPERS) and self.is_plural(word.group())

    def is_plural(self, word: str) -> bool:
        """Whether a word looks like a plural noun."""
        lower = word.lower()
        tail = lower.rsplit("-", 1)[-1]
        if lower in self._excluded or tail in self._excluded:
            return False
        if tail in self._irregular:
            return True
        if word[:-1].isupper() and word.endswith("s") and len(word) > 2:
            return True
        if word.endswith("S") and not word.isupper():  # SaaS
            return False
        return len(tail) > 2 and tail.endswith("s") and not tail.endswith(("ss", "us", "is", "'s", "’s"))

    def singular(self, word: str) -> str:
        """The singular of a noun, lower case."""
        lower = word.lower()
        return self._singulars.get(lower) or _cut(lower)


def _cut(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
