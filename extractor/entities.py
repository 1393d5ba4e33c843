"""The document's own system: its name from title or abstract, or the phrase that stands for it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import regex

from extractor.phrases import phrase
from extractor.quantities import Evidence
from extractor.records import Phrase
from extractor.rules import RuleSet

_GENERIC = frozenset(
    "the a an this that on towards toward it in for how why what we our when is are to using beyond learning".split()
)


# Where the own system's name is looked for in the abstract, in this order.
_IN_ABSTRACT = ("called-name", "introduced-name", "introduced-acronym")


class SystemFinder:
    """Finds the name of the paper's own system, or the phrase that stands for it."""

    def __init__(self, rules: RuleSet) -> None:
        self._title = phrase(rules, "title-name")
        self._abstract = [(phrase(rules, name), name) for name in _IN_ABSTRACT]
        self._own = phrase(rules, "own-phrase")
        self._common = phrase(rules, "common-acronym")
        self._repeated = phrase(rules, "title-repeated-name")
        self._title_end = phrase(rules, "title-end-name")

    def own(self, title: str, abstract: str) -> tuple[Phrase, Evidence] | None:
        """The name of the paper's own system, from the title first, then from the sentence that introduces it."""
        match = self._title.match(title)
        if match and _is_name(match.group("name")):
            return _found(match, "title", "title-name")
        for pattern, rule in self._abstract:
            match = pattern.search(abstract)
            if match and _is_name(match.group("name")) and not self._common.fullmatch(match.group("name")):
                return _found(match, "abstract", rule)
        return self._in_both(title, abstract)

    def _in_both(self, title: str, abstract: str) -> tuple[Phrase, Evidence] | None:
        """A name that the title puts at a telling place and the abstract has too."""
        for pattern, rule, times in (
            (self._repeated, "title-repeated-name", 2),
            (self._title_end, "title-end-name", 1),
        ):
            match = pattern.search(title)
            if match and abstract.count(match.group("name")) >= times:
                return _found(match, "title", rule)
        return None

    def stand_ins(self, abstract: str) -> list[tuple[int, int]]:
        """Where phrases stand for the own system (`our approach`), in order."""
        return [match.span() for match in self._own.finditer(abstract)]


def nearest_stand_in(
    abstract: str, spans: Sequence[tuple[int, int]], sentence: tuple[int, int]
) -> tuple[Phrase, Evidence] | None:
    """The first phrase for the own system in the sentence, else the last one before it."""
    ahead = bisect_left(spans, sentence[0], key=lambda span: span[0])
    inside = ahead < len(spans) and spans[ahead][0] < sentence[1]
    if not inside and not ahead:
        return None
    start, end = spans[ahead] if inside else spans[ahead - 1]
    return Phrase(abstract[start:end], "abstract", start, end), Evidence("own-phrase", start, end)


def _is_name(name: str) -> bool:
    words = name.split()
    if words[0].lower() in _GENERIC:
        return False
    return any(regex.search(r"\p{Lu}.*\p{Lu}|\d|\\", word) for word in words) or (len(words) == 1 and name[0].isupper())


def _found(match: regex.Match[str], field: str, rule: str) -> tuple[Phrase, Evidence]:
    start, end = match.span("name")
    return Phrase(match.group("name"), field, start, end), Evidence(rule, start, end, field)
