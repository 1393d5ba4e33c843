"""Words: a sentence or a title as words with their places, the tags of the lexicons, and the cue that governs each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

import regex

from extractor.tokens import TAGS, Token

# Words that say how what follows relates to the number.
GOVERNORS = frozenset(
    "of in on for with by at from to over than under against versus vs across without when while using after before "
    "during within between among via through as like into per compared relative respect unlike where whereas despite "
    "if because even including such and".split()
)
JOINTS = frozenset((",", "and", "or", "&"))
_MARKS = frozenset((",", ";", ":", "("))
# Words that begin and end no phrase.
EDGES = frozenset(
    ". - = the a an is are was were be can could may might will would has have who also not we".split()
).union(GOVERNORS, JOINTS, _MARKS)
NAMES = {letter: name for name, letter in TAGS.items()}
VERBS = frozenset(("UP", "DOWN", "GOOD", "BAD", "LEVEL", "BE", "USE", "RETAIN"))
# What a word is called that no pattern of the lexicons sees.
UNTAGGED = "-"
WORD = regex.compile(r"\\?[\p{L}][\p{L}\p{M}\d_]*(?:(?:[-–/+^@&.]|['’](?=[a-z]))\\?[\p{L}\d]+)*|\d[\d.,]*\d|\d|[^\s\w]")


@dataclass(slots=True)
class Words:
    """The words of a stretch of text: places, texts, in lower case, which quantity a word is (-1: none), tags."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    low: list[str] = field(default_factory=list)
    quantities: list[int] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)  # the word of each quantity

    def governor(self, k: int) -> tuple[int, int]:
        """The place of the cue before word `k`, as `over` before a baseline; an empty one where nothing governs it."""
        for j in range(k, -1, -1):
            if self.low[j] in GOVERNORS or (self.low[j] in _MARKS and j < k) or self.tags[j] in VERBS:
                return self.starts[j], self.ends[j]
            if self.quantities[j] >= 0:
                break
        return self.starts[k], self.starts[k]


def words_of(text: str, window: tuple[int, int], quantities: Sequence[tuple[int, int]] = ()) -> Words:
    """The words of text[window]; each of `quantities`, which are places in order, is one word."""
    words = Words()
    position, ahead = window[0], 0
    while position < window[1]:
        if ahead < len(quantities) and quantities[ahead][0] <= position:
            start, end = quantities[ahead]
            words.places.append(len(words.low))
            _append(words, text, start, end, ahead)
            position, ahead = max(end, position), ahead + 1
            continue
        match = WORD.match(text, position, window[1])
        if match is None:
            position += 1
            continue
        limit = quantities[ahead][0] if ahead < len(quantities) else window[1]
        end = min(match.end(), limit)
        _append(words, text, position, end, -1)
        position = end
    words.tags = [UNTAGGED] * len(words.low)
    return words


def tag(words: Words, tokens: Sequence[Token]) -> None:
    """Give each word the tag of the token over it."""
    starts = [token.start for token in tokens]
    for k, start in enumerate(words.starts):
        at = bisect_right(starts, start) - 1
        if at >= 0 and start < tokens[at].end:
            words.tags[k] = NAMES[tokens[at].tag]


def _append(words: Words, text: str, start: int, end: int, quantity: int) -> None:
    words.starts.append(start)
    words.ends.append(end)
    words.texts.append(text[start:end])
    words.low.append("<q>" if quantity >= 0 else text[start:end].lower())
    words.quantities.append(quantity)
