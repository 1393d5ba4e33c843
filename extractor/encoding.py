"""What the claim model sees of a number, as integers: the words of its title and its sentence, and what the rules read.

A word is its place in the vocabulary, its beginning, its end, its shape and, joined by hyphens, its last part. Beside
it stand marks: its tag, whether it is the number asked about, how far from it, how many numbers lie between.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import regex

from extractor.records import Record
from extractor.tokens import TAGS
from extractor.words import UNTAGGED, Words

Integers = npt.NDArray[np.int64]

# Sizes of the tables that words are looked up in; a hash of a text is its row where it has none of its own.
PREFIXES, SUFFIXES, UNKNOWN, SHAPES = 4096, 4096, 1024, 16
# Rows before those of the vocabulary: nothing, a word that training hides, words outside the vocabulary.
FIRST_WORD = 2 + UNKNOWN
HIDDEN = (1, PREFIXES, SUFFIXES, 13, 0)
NUMBER = "<num>"
# Sizes of the tables of marks: tag, kind, unit, field, numbers between, distance, name, metric.
MARKS = (64, 4, 6, 3, 10, 40, 4, 2)
_TAG, _KIND, _UNIT, _FIELD, _BETWEEN, _DISTANCE, _NAME, _METRIC = range(len(MARKS))
# Rows for what the rules read: hashed `field=value`, then the place in the abstract, the number's place among those
# of its sentence, and how many these are.
READINGS, PLACES, ORDERS = 1024, 10, 4
RULE_ROWS = READINGS + PLACES + 2 * ORDERS
_READ = ("form", "direction", "type", "role", "bound", "statistic", "unit")
_BY_RULE = ("form", "direction", "type", "role")
_WORD_KIND, _OTHER_NUMBER, _THIS_NUMBER = 1, 2, 3
_UNIT_ROWS = {"x": 1, "%": 2, "pp": 3, "": 4}
_OTHER_UNIT = 5
_TAG_ROWS = {name: row for row, name in enumerate((UNTAGGED, *TAGS), start=1)}
# Words of a window: those of the title, and on each side of the number.
MAX_TITLE, REACH = 24, 64
# Distances up to this many words count one by one, farther ones in steps of _STEP.
_NEAR, _STEP, _STEPS = 12, 8, 3
_BEFORE = _NEAR + _STEPS + 1
_MOST_BETWEEN = 3
# The row of each distance from -REACH to REACH.
_DISTANCES = np.array(
    [
        1 + (far if far < _NEAR else _NEAR + min(_STEPS, (far - _NEAR) // _STEP)) + (_BEFORE if distance < 0 else 0)
        for distance in range(-REACH, REACH + 1)
        for far in (abs(distance),)
    ]
)
_BEHIND_NUMBER = regex.compile(r"^[\d.,\s$\\{}~-]+")


class Vocabulary:
    """The rows of words in the model's tables."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        self._rows = {word: row for row, word in enumerate(words, start=FIRST_WORD)}
        self._known: dict[str, tuple[int, ...]] = {}

    def __len__(self) -> int:
        return FIRST_WORD + len(self.words)

    def row(self, low: str) -> int:
        """The row of a word in lower case; 0 for one outside the vocabulary."""
        return self._rows.get(low, 0)

    def rows(self, word: str) -> tuple[int, ...]:
        """The rows of a word as it is written."""
        known = self._known.get(word)
        if known is None:
            known = self._looked_up(word)
            if len(self._known) < _REMEMBERED:
                self._known[word] = known
        return known

    def number(self, surface: str) -> tuple[int, ...]:
        """The rows of a number with the unit written as `surface`."""
        return (*self.rows("1")[:4], self.row(surface))

    def _looked_up(self, word: str) -> tuple[int, ...]:
        low = normal(word)
        last = "" if low == NUMBER else _last_part(low)
        return (
            self.row(low) or 2 + _hash(low, UNKNOWN),
            _hash(low[:3], PREFIXES),
            _hash(low[-3:], SUFFIXES),
            _shape(word),
            self.row(last) if last else 0,
        )


# Words whose rows are kept; a corpus has no end of them.
_REMEMBERED = 200_000


def normal(word: str) -> str:
    """A word as the vocabulary has it: in lower case, all numbers alike."""
    return NUMBER if word[0].isdigit() else word.lower()


def _hash(text: str, rows: int) -> int:
    return zlib.crc32(text.encode("utf8", "replace")) % rows


def _last_part(low: str) -> str:
    """What stands behind the last hyphen, dash or slash of a compound."""
    for mark in "-–/":
        if mark in low[1:-1]:
            return low.rsplit(mark, 1)[1]
    return ""


def _shape(word: str) -> int:
    """How a word is written: its capitals, digits and marks, as a small number."""
    if word[0].isdigit():
        return 1
    if word[0] == "\\":
        return 3
    if not word[0].isalpha():
        return 2
    digits = any(letter.isdigit() for letter in word)
    if word.islower():
        return 4 + digits
    if word.isupper():
        return 7 if digits else 6 if len(word) > 1 else 8
    if word[0].isupper() and word[1:].islower():
        return 9 + digits
    return 11 + digits


@dataclass(frozen=True, slots=True)
class Encoded:
    """A title or a sentence as rows: of its words, and of their marks as far as no number is asked about."""

    words: Words
    rows: Integers
    marks: Integers


@dataclass(frozen=True, slots=True)
class Window:
    """What the model sees of one number; the first `titled` words are the title's, the others the sentence's."""

    record: Record
    title: Words
    sentence: Words
    titled: int
    first: int  # the sentence's first word in the window
    rows: Integers  # (words, 5)
    marks: Integers  # (words, len(MARKS))
    target: int
    readings: Integers

    def __len__(self) -> int:
        return len(self.rows)

    def word(self, k: int) -> tuple[Words, int]:
        """The words that word `k` of the window belongs to, and its place there."""
        return (self.title, k) if k < self.titled else (self.sentence, k - self.titled + self.first)


class Encoder:
    """Turns words into rows, with one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def title(self, words: Words, names: frozenset[str]) -> Encoded:
        """The words of a title; `names` are the words of the own system's name, in lower case."""
        return self._encoded(words, {}, 0, frozenset(words.low), names)

    def sentence(
        self, words: Words, units: Mapping[int, tuple[str, str]], title: frozenset[str], names: frozenset[str]
    ) -> Encoded:
        """The words of a sentence; `units` are the unit of each quantity and its text, number included."""
        return self._encoded(words, units, 2, title, names)

    def _encoded(
        self, words: Words, units: Mapping[int, tuple[str, str]], part: int, title: frozenset[str],
        names: frozenset[str],
    ) -> Encoded:  # fmt: skip
        rows, marks = [], []
        for text, low, quantity, tag in zip(words.texts, words.low, words.quantities, words.tags, strict=True):
            if quantity < 0:
                rows.append(self._vocabulary.rows(text))
                named = (low in names) + 2 * (low in title)
                marks.append((_TAG_ROWS[tag], _WORD_KIND, 0, part, 0, 0, named, 0))
                continue
            unit, spelled = units.get(quantity, ("", text))
            rows.append(self._vocabulary.number(_surface(spelled)))
            marks.append((_TAG_ROWS[tag], _OTHER_NUMBER, _UNIT_ROWS.get(unit, _OTHER_UNIT), part, 0, 0, 0, 0))
        return Encoded(words, _table(rows, 5), _table(marks, len(MARKS)))

    def window(self, title: Encoded, sentence: Encoded, quantity: int, record: Record, length: int) -> Window:
        """What the model sees of one quantity of a sentence, by its index; `length` is that of the abstract."""
        titled = min(len(title.rows), MAX_TITLE)
        target = sentence.words.places[quantity]
        first = max(0, target - REACH)
        part = slice(first, target + REACH + 1)
        marks = sentence.marks[part].copy()
        target -= first
        self._relate(marks, target)
        if record.metric is not None and record.metric.field == "abstract":
            starts, ends = np.array(sentence.words.starts[part]), np.array(sentence.words.ends[part])
            marks[:, _METRIC] = (starts < record.metric.end) & (record.metric.start < ends)
        return Window(
            record, title.words, sentence.words, titled, first,
            np.concatenate((title.rows[:titled], sentence.rows[part])),
            np.concatenate((title.marks[:titled], marks)),
            titled + target,
            _readings(record, quantity, len(sentence.words.places), length),
        )  # fmt: skip

    @staticmethod
    def _relate(marks: Integers, target: int) -> None:
        """Mark the number asked about, and how far from it each word stands."""
        marks[target, _KIND] = _THIS_NUMBER
        is_number = marks[:, _UNIT] > 0
        until = is_number.cumsum()
        between = until - until[target] - is_number
        between[:target] = until[target] - 1 - until[:target]
        between = between.clip(0, _MOST_BETWEEN) + _MOST_BETWEEN + 3
        between[:target] -= _MOST_BETWEEN + 2
        marks[:, _BETWEEN] = between
        marks[:, _DISTANCE] = _DISTANCES[REACH - target : REACH - target + len(marks)]


def _table(rows: Sequence[tuple[int, ...]], columns: int) -> Integers:
    return np.array(rows, dtype=np.int64).reshape(len(rows), columns)


def _surface(quantity: str) -> str:
    """The first word behind a number, in lower case."""
    words = _BEHIND_NUMBER.sub("", quantity)[:20].split(" ", 1)
    return words[0].strip().lower()


@lru_cache(maxsize=4096)
def _reading_row(name: str, value: str | None) -> int:
    return _hash(f"{name}={value or ''}", READINGS)


def _readings(record: Record, order: int, numbers: int, length: int) -> Integers:
    """The rows of what the rules read of a number, and of where it stands."""
    read = [_reading_row(name, getattr(record, name)) for name in _READ]
    for name in _BY_RULE:
        evidence = record.evidence.get(name)
        read.append(_reading_row(f"by-{name}", evidence.rule if evidence else None))
    place = min(PLACES - 1, PLACES * record.start // max(1, length))
    return np.array(
        [
            *read,
            READINGS + place,
            READINGS + PLACES + min(ORDERS - 1, order),
            READINGS + PLACES + ORDERS + min(ORDERS, numbers) - 1,
        ],
        dtype=np.int64,
    )
