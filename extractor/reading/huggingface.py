"""Hugging Face papers pages: title, abstract, number of authors (or an organisation), `·` and the date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from extractor.reading.dates import MONTH, iso_date
from extractor.reading.inputs import Entry, Input
from extractor.reading.problems import Problem

_COUNT = re.compile(r"\s*•?\s*\d+ authors?\s*")
# The number after the date counts comments: `Feb 27, 2025 2`.
_DATE = re.compile(rf"\s*({MONTH} \d{{1,2}}(?:, \d{{4}})?)(?: \d+)?\s*")
_DOT = "·"
_NAVIGATION = re.compile(
    r"\s*(?:[\d.,k]+|Submitted by.*|Upvote|new|Subscribe|Papers|Daily Papers"
    r"|by ?AK and the research community|Get trending papers in your email inbox!?|Trending Papers|\W*)\s*"
)
_LONG = 200  # titles are shorter than this; an abstract that is shorter too is known by its sentences
_SENTENCES = re.compile(r".{20,}[.?!] .{20,}[.?!)]")


@dataclass(slots=True)
class _Card:
    """The lines of one paper: where its title stands, the abstract's paragraphs, and what follows them."""

    line: int
    title: str
    paragraphs: list[str] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)


def sniff(source: Input) -> bool:
    """Whether an author count stands on a line, or a middle dot on one with a date on the next."""
    lines = source.start.splitlines()
    dated = any(a.strip() == _DOT and _DATE.fullmatch(b) for a, b in pairwise(lines))
    return dated or any(_COUNT.fullmatch(line) and "•" in line for line in lines)


def read(source: Input) -> Iterator[Entry | Problem]:
    """The papers of a page. It does not name authors; the day in its heading is no paper's date."""
    for card in _cards(source.page()):
        if card.paragraphs:
            abstract = "\n".join(card.paragraphs).strip()
            yield Entry(line=card.line, title=card.title, abstract=abstract, date=_date(card.tail))
        elif any(map(_COUNT.fullmatch, card.tail)):
            yield source.problem(card.line, "no abstract after the title", "save the page with abstracts shown")


def _cards(lines: list[str]) -> Iterator[_Card]:
    """Each line that is neither furniture nor abstract as a title, with what follows it."""
    card = _Card(0, "")
    for number, (line, after) in enumerate(pairwise([*lines, ""]), start=1):
        if not line.strip():
            card.paragraphs.extend([line] if card.paragraphs and not card.tail else [])
        elif _is_furniture(line, after):
            card.tail.append(line)
        elif card.title and not card.tail and _is_abstract(line, further=bool(card.paragraphs)):
            card.paragraphs.append(line)
        else:
            yield card
            card = _Card(number, line.strip())
    yield card


def _is_furniture(line: str, after: str) -> bool:
    """Counts, dates, navigation, and the organisation, which stands right before the dot."""
    return after.strip() == _DOT or any(pattern.fullmatch(line) for pattern in (_COUNT, _DATE, _NAVIGATION))


def _is_abstract(line: str, *, further: bool) -> bool:
    """A long line; the first paragraph may also be short if it has sentences."""
    return len(line) >= _LONG or (not further and bool(_SENTENCES.fullmatch(line.strip())))


def _date(tail: list[str]) -> str | None:
    """The date on the line after the dot."""
    for line, after in pairwise(tail):
        if line.strip() == _DOT and (match := _DATE.fullmatch(after)):
            return iso_date(match[1])
    return None
