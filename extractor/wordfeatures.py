"""What the context model sees: the words around a number, each with features of its own and in relation to the number.

Features are short texts such as `g=over` (the word stands behind "over") or `side=R|g=on` (right of the number, behind
"on"); `extractor.context` weighs them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import regex

from extractor.records import Record
from extractor.tokens import TAGS, Token

# Words that say how what follows relates to the number.
GOVERNORS = frozenset(
    "of in on for with by at from to over than under against versus vs across without when while using after before "
    "during within between among via through as like into per compared relative respect unlike where whereas despite "
    "if because even including such and".split()
)
_BARRIERS = frozenset((";", ".", ":", "while", "whereas", "which", "that"))
JOINTS = frozenset((",", "and", "or", "&"))
_MARKS = frozenset((",", ";", ":", "("))
# Words that begin and end no phrase.
EDGES = frozenset(
    ". - = the a an is are was were be can could may might will would has have who also not we".split()
).union(GOVERNORS, JOINTS, _MARKS)
_NAMES = {letter: name for name, letter in TAGS.items()}
VERBS = frozenset(("UP", "DOWN", "GOOD", "BAD", "LEVEL", "BE", "USE", "RETAIN"))
_WORD = regex.compile(
    r"\\?[\p{L}][\p{L}\p{M}\d_]*(?:(?:[-–/+^@&.]|['’](?=[a-z]))\\?[\p{L}\d]+)*|\d[\d.,]*\d|\d|[^\s\w]"
)
# A distance in words is as good as the end of its bucket.
_BUCKETS = (0, 1, 2, 3, 4, 4, 6, 6, 6, 9, 9, 9, 9, 9, 9)
_FAR = 15
# Words on each side of a number that are looked at: more than nearly every sentence has, so that the work for a
# number is bounded however long its sentence is.
REACH = 80


@dataclass(slots=True)
class Words:
    """The words of a window: places, lower-case texts, which quantity a word is (-1: none), tags, what governs them."""

    starts: list[int]
    ends: list[int]
    low: list[str]
    quantities: list[int]
    tags: list[str]
    governors: list[str]
    places: list[int]  # the word of each quantity
    features: list[list[str]]

    def around(self, k: int) -> Words:
        """The words within reach of word `k`."""
        part = slice(max(0, k - REACH), k + REACH + 1)
        return Words(
            self.starts[part],
            self.ends[part],
            self.low[part],
            self.quantities[part],
            self.tags[part],
            self.governors[part],
            self.places,
            self.features[part],
        )


def words_of(
    text: str,
    window: tuple[int, int],
    quantities: Sequence[tuple[int, int]],
    tagged: Sequence[Token],
    *,
    title: frozenset[str],
    name: frozenset[str],
    hardware: regex.Pattern[str],
) -> Words:
    """The words of text[window] with the features that do not depend on which number is asked about.

    Args:
        text: the abstract.
        window: where the words stand.
        quantities: the places of all quantities in the window, in order; each is one word.
        tagged: the window's tokens with the tags of the lexicons.
        title: the words of the title, in lower case.
        name: the words of the own system's name, in lower case.
        hardware: what a word that names a machine looks like.
    """
    words = _split(text, window, quantities)
    _tag(words, tagged)
    distances = _govern(words)
    spelled = [text[start:end] for start, end in zip(words.starts, words.ends, strict=True)]
    machines = [hardware.fullmatch(low) is not None for low in words.low]
    for k in range(len(words.low)):
        features = _own(words, k, spelled[k], distances[k])
        features += _neighbours(words, k)
        if words.low[k] in title:
            features.append("in-title")
        if words.low[k] in name:
            features.append("own-name")
        if machines[k]:
            features += ("machine", f"machine|g={words.governors[k]}")
        features += [f"machine{d}" for d in (-1, 1, 2) if 0 <= k + d < len(machines) and machines[k + d]]
        words.features.append(features)
    return words


def _split(text: str, window: tuple[int, int], quantities: Sequence[tuple[int, int]]) -> Words:
    words = Words([], [], [], [], [], [], [], [])
    position, ahead = window[0], 0
    while position < window[1]:
        if ahead < len(quantities) and quantities[ahead][0] <= position:
            start, end = quantities[ahead]
            _append(words, start, end, "<q>", ahead)
            position, ahead = max(end, position), ahead + 1
            continue
        match = _WORD.match(text, position, window[1])
        if match is None:
            position += 1
            continue
        limit = quantities[ahead][0] if ahead < len(quantities) else window[1]
        end = min(match.end(), limit)
        _append(words, position, end, text[position:end].lower(), -1)
        position = end
    return words


def _append(words: Words, start: int, end: int, low: str, quantity: int) -> None:
    words.starts.append(start)
    words.ends.append(end)
    words.low.append(low)
    words.quantities.append(quantity)
    if quantity >= 0:
        words.places.append(len(words.low) - 1)


def _tag(words: Words, tagged: Sequence[Token]) -> None:
    """The tag of the token over each word, with the claim type of a property; `-` for words that no pattern sees."""
    at = 0
    for start in words.starts:
        while at < len(tagged) and tagged[at].end <= start:
            at += 1
        token = tagged[at] if at < len(tagged) and tagged[at].start <= start else None
        words.tags.append("-" if token is None else _NAMES[token.tag])


def _govern(words: Words) -> list[int]:
    """Sets for each word the last cue before it; returns how far behind it the word stands, at most 5."""
    governor, distance, distances = "^", 0, []
    for low, tag, quantity in zip(words.low, words.tags, words.quantities, strict=True):
        if quantity >= 0:
            governor, distance = "<q>", 0
        elif low in GOVERNORS or (low in _MARKS and governor != "^"):
            governor, distance = low, 0
        elif tag in VERBS:
            governor, distance = f"V{tag}", 0
        else:
            distance += 1
        words.governors.append(governor)
        distances.append(min(distance, 5))
    return distances


@lru_cache(maxsize=65536)
def _shape(word: str) -> str:
    return re.sub(r"\d+", "d", re.sub(r"[a-z]+", "x", re.sub(r"[A-Z]+", "X", word)))[:6]


def _own(words: Words, k: int, spelled: str, distance: int) -> list[str]:
    low, tag, governor = words.low[k], words.tags[k], words.governors[k]
    return [
        "bias",
        f"w={low}",
        f"suffix={low[-3:]}",
        f"prefix={low[:3]}",
        f"shape={_shape(spelled)}",
        f"tag={tag}",
        f"g={governor}",
        f"g|d={governor}|{distance}",
        f"g|tag={governor}|{tag}",
        f"g|capital={governor}|{spelled[:1].isupper()}",
    ]


def _neighbours(words: Words, k: int) -> list[str]:
    low, tags = words.low, words.tags
    features = [
        part
        for d in (-2, -1, 1, 2)
        for part in ((f"w{d}={low[k + d]}", f"tag{d}={tags[k + d]}") if 0 <= k + d < len(low) else (f"edge{d}",))
    ]
    if k:
        features.append(f"pair={low[k - 1]}|{low[k]}")
    if k + 1 < len(low):
        features.append(f"pair={low[k]}|{low[k + 1]}")
    return features


def features_of(words: Words, quantity: int, record: Record) -> tuple[Words, list[list[str]]]:
    """The words within reach of one quantity (by its index among the window's) and the features of each for it."""
    near = words.around(words.places[quantity])
    view = _View(near, near.quantities.index(quantity), record)
    return near, [[*near.features[k], *view.of(k)] for k in range(len(near.low))]


class _View:
    """The words of a window as seen from one number."""

    def __init__(self, words: Words, target: int, record: Record) -> None:
        self._words, self._target = words, target
        self._numbers = _running(q >= 0 for q in words.quantities)
        self._barriers = _running(low in _BARRIERS for low in words.low)
        self._commas = _running(low == "," for low in words.low)
        unit = record.unit if record.unit in {"x", "%", "pp", ""} else "u"
        self._claim = (record.form, unit, record.role)
        metric = record.metric
        self._metric = (metric.start, metric.end) if metric is not None and metric.field == "abstract" else (0, 0)
        self._constant = ["respectively"] if "respectively" in words.low else []
        own = [k for k, quantity in enumerate(words.quantities) if quantity >= 0]
        self._order = f"{min(own.index(target), 3)}/{min(len(own), 4)}"
        self._segments = _segments(words, target) if self._constant or len(own) > 1 else None

    def of(self, k: int) -> list[str]:
        words = self._words
        target, tag, governor = self._target, words.tags[k], words.governors[k]
        form, unit, role = self._claim
        low, high = (k, target) if k < target else (target, k)
        numbers = min(self._numbers[high] - self._numbers[low + (low == target)], 3) if low != high else 0
        barriers = min(self._barriers[high] - self._barriers[low], 2)
        commas = min(self._commas[high] - self._commas[low], 3)
        side = "L" if k < target else "R" if k > target else "T"
        near = f"{self._last(k) == target:d}{self._next(k) == target:d}"
        features = [
            f"distance={_bucket(k - target)}",
            f"side={side}",
            f"side|g={side}|{governor}",
            f"side|tag={side}|{tag}",
            f"side|numbers={side}|{numbers}",
            f"side|barriers={side}|{barriers}",
            f"side|between={side}|{numbers}|{barriers}|{commas}",
            f"side|g|numbers={side}|{governor}|{numbers}",
            f"side|tag|numbers={side}|{tag}|{numbers}",
            f"side|g|form={side}|{governor}|{form}",
            f"side|tag|form={side}|{tag}|{form}",
            f"side|g|unit={side}|{governor}|{unit}",
            f"side|role={side}|{role}",
            f"side|tag|role={side}|{tag}|{role}",
            f"side|g|role={side}|{governor}|{role}",
            f"side|between|form={side}|{numbers}|{barriers}|{form}",
            f"near={near}",
            f"near|g={near}|{governor}",
            f"side|order={side}|{self._order}",
            *self._constant,
        ]
        if words.starts[k] < self._metric[1] and self._metric[0] < words.ends[k]:
            features += ("metric", f"metric|side={side}")
        if self._segments is not None and self._segments[k]:
            features += (f"segment={self._segments[k]}", f"segment|tag={self._segments[k]}|{tag}")
        return features

    def _last(self, k: int) -> int:
        """The last number up to the word, -1 without any."""
        return next((j for j in range(k, -1, -1) if self._words.quantities[j] >= 0), -1)

    def _next(self, k: int) -> int:
        return next((j for j in range(k, len(self._words.low)) if self._words.quantities[j] >= 0), -1)


def _running(flags: object) -> list[int]:
    return [0, *accumulate(int(flag) for flag in flags)]  # type: ignore[attr-defined]


def _bucket(distance: int) -> str:
    length = abs(distance)
    return f"{'-' if distance < 0 else '+'}{_BUCKETS[length] if length < len(_BUCKETS) else _FAR}"


def _segments(words: Words, target: int) -> list[str]:
    """For each word whether its part between commas and joints has the number (T), another one (Q) or none (N)."""
    kinds = [""] * len(words.low)
    bounds = [-1, *(k for k, low in enumerate(words.low) if low in JOINTS)]
    for start, end in zip(bounds, [*bounds[1:], len(words.low)], strict=True):
        inside = range(start + 1, end)
        has_number = any(words.quantities[k] >= 0 for k in inside)
        kind = "T" if target in inside else "Q" if has_number else "N"
        for k in inside:
            kinds[k] = kind
    return kinds
