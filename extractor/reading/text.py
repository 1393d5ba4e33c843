"""Plain text: one input is one abstract, perhaps with its title on a line of its own."""

from __future__ import annotations

from collections.abc import Iterator

from extractor.reading.inputs import Entry, Input
from extractor.reading.problems import Problem

_LONGEST_TITLE = 250  # characters; titles on arXiv end below this


def read(source: Input) -> Iterator[Entry | Problem]:
    """The whole input as one abstract.

    A first line that is followed by an empty one, has at most 250 characters and does not end in a full
    stop is the title.
    """
    lines = "".join(source.lines()).split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    title, following, rest = lines[first].strip(), lines[first + 1 : first + 2], "\n".join(lines[first + 2 :])
    has_title = len(title) <= _LONGEST_TITLE and not title.endswith(".") and bool(rest.strip())
    if has_title and not following[0].strip():
        yield Entry(line=first + 1, title=title, abstract=rest.strip())
    else:
        yield Entry(line=first + 1, abstract="\n".join(lines[first:]).strip())
