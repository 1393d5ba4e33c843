"""AITopics author pages: an entry is a title, the authors as `Last, First, Last, First`, an abstract."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from extractor.reading.inputs import Entry, Input
from extractor.reading.names import surnames_first
from extractor.reading.problems import Problem

_FURNITURE = "Try a different view from the menu above"
_NAME = r"(?:\p{Lu}|\p{Lo}|['’]|(?:van|von|de|der|den|di|da|dos|la|le|el|al|bin|ten|ter)\b)[^,:;?!()\d]{0,38}"
_AUTHORS = regex.compile(rf"{_NAME}(?:, ?{_NAME})+\.?")
_PROSE = 80  # no author line or section link of these pages is a sentence; no abstract is shorter

NumberedLine = tuple[int, str]


def sniff(source: Input) -> bool:
    """Whether the page's notice is there, or a title, an author line and an abstract follow one another."""
    head = source.start
    return _FURNITURE in head or any(_blocks(list(_numbered(head.splitlines()))))


def read(source: Input) -> Iterator[Entry | Problem]:
    """The entries of a page, wherever an author line has a title before it and an abstract after it.

    The lone name before the first entry is the page's heading. Authors come out given name first.
    """
    found = False
    for line, title, authors, abstract in _blocks(list(_numbered(source.page()))):
        if abstract:
            found = True
            yield Entry(line=line, title=title, authors=surnames_first(authors), abstract=abstract)
        elif found or authors.count(",") > 1:
            yield source.problem(line, "no abstract after the author line", "add its abstract on a line of its own")


def _numbered(lines: list[str]) -> Iterator[NumberedLine]:
    return ((number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip())


def _blocks(lines: list[NumberedLine]) -> Iterator[tuple[int, str, str, str]]:
    """Line, title, authors and abstract (empty if there is none) of everything that has an author line."""
    names = [bool(_AUTHORS.fullmatch(text)) for _, text in lines] + [False, False]
    for index in range(1, len(lines)):
        if not names[index] or names[index - 1]:
            continue
        line, title = lines[index - 1]
        after = lines[index + 1][1] if index + 1 < len(lines) else ""
        is_abstract = len(after) >= _PROSE and not names[index + 1] and not names[index + 2]
        yield line, title, lines[index][1], after if is_abstract else ""
