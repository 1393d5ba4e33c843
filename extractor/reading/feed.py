"""Author feeds: a line of category and date, a line of title and names glued together, the abstract.

CLApr 25, 2024Code
LayerSkip: Enabling Early Exit Inference and Self-Speculative DecodingMostafa Elhoushi, … et al.
We present LayerSkip, an end-to-end solution …
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from extractor.reading.dates import MONTH, iso_date
from extractor.reading.inputs import Entry, Input
from extractor.reading.names import split_glued
from extractor.reading.problems import Problem

# `AIJun 1`, `CLApr 25, 2024Code`: the mark at the end links to code and the like.
_HEADER = re.compile(rf"(?P<category>[A-Za-z][A-Za-z-]*?)(?P<date>{MONTH} \d{{1,2}}(?:, \d{{4}})?)(?:[A-Z]\w*)?\s*")
# `… et al. · meta-ai`: more authors than are shown, and who they work for.
_AFTER_NAMES = re.compile(r"(?:,? et al\.?)?(?: · .*)?\s*$")


def sniff(source: Input) -> bool:
    """Whether a line is a category glued to a date."""
    return any(map(_HEADER.fullmatch, source.start.splitlines()))


def read(source: Input) -> Iterator[Entry | Problem]:
    """The entries of a feed; what stands before the first header line is dropped.

    A date without a year stays one (`--06-01`). Only the names that the feed shows are known.
    """
    lines = source.page()
    headers = [number for number, line in enumerate(lines) if _HEADER.fullmatch(line)]
    for start, end in pairwise([*headers, len(lines)]):
        yield _entry(lines[start:end], line=start + 1)


def _entry(lines: list[str], *, line: int) -> Entry:
    header = _HEADER.fullmatch(lines[0])
    assert header is not None
    title, _, abstract = "\n".join(lines[1:]).strip().partition("\n")
    title, authors = split_glued(_AFTER_NAMES.sub("", title))
    return Entry(
        line=line,
        abstract=abstract.strip(),
        title=title.strip(),
        authors=authors,
        date=iso_date(header["date"]),
        categories=[header["category"]],
    )
