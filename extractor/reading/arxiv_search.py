"""arXiv search pages: title, authors, the abstract short, then from `▽ More` to `△ Less` in full, dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from extractor.reading.dates import iso_date
from extractor.reading.identifiers import arxiv_id, arxiv_url, doi
from extractor.reading.inputs import Entry, Input
from extractor.reading.problems import Problem

_AUTHORS = "Authors:"
_ABSTRACT = "Abstract:"
_MORE = "▽ More"
_LESS = "△ Less"
_CATEGORY = (
    r"(?:[a-z][a-z-]+\.[A-Za-z][A-Za-z-]+|hep-(?:th|ph|ex|lat)|nucl-(?:th|ex)"
    r"|(?:quant|math)-ph|astro-ph|cond-mat|gr-qc)"
)
# What may stand between two entries, before the title: list marks, identifier with its links, categories,
# DOI.
_HEADER = re.compile(
    rf"\s*(?:[-•]|\d+\.|(?:\d+\.\s*)?arXiv:\S.*|{_CATEGORY}(?:\s+{_CATEGORY})*"
    r"|doi|(?:doi\s+)?10\.\d{4,9}/\S+|)\s*"
)
_DAY = r"\d{1,2} [A-Z][a-z]+, \d{4}"
_AFTER_ABSTRACT = re.compile(
    rf"^\s*(?:Submitted {_DAY}|originally announced "
    r"|(?:Comments|Journal ref|Report number|MSC Class|ACM Class):)",
    re.MULTILINE,
)
# The first of these that a page has: submission of the first version, submission, month of the announcement.
_DATES = (rf"v1 submitted ({_DAY})", rf"\bSubmitted ({_DAY})", r"originally announced ([A-Z][a-z]+ \d{4})")
_HIDDEN_AUTHORS = re.compile(r",?\s*et al\.?\s*(?:\(\d+ additional authors not shown\))?\s*")


def sniff(source: Input) -> bool:
    """Whether authors, an abstract and a submission date are marked as the page marks them."""
    head = source.start
    dated = re.search(rf"^\s*Submitted {_DAY}|originally announced", head, re.MULTILINE)
    return bool(dated) and all(re.search(rf"^\s*{mark}", head, re.MULTILINE) for mark in (_AUTHORS, _ABSTRACT))


def read(source: Input) -> Iterator[Entry | Problem]:
    """The entries of a search page.

    The abstract is the full one where the page has it, else the short one as it stands. The date is that of
    the first version where the page gives it (`v1 submitted …`), else the `Submitted` date, else the
    announced month.
    """
    lines = source.page()
    marks = [number for number, line in enumerate(lines) if line.lstrip().startswith(_AUTHORS)]
    starts = [_start(lines, mark) for mark in marks]
    for mark, (start, end) in zip(marks, pairwise([*starts, len(lines)]), strict=True):
        yield _entry(lines[start:mark], "\n".join(lines[mark:end]), line=start + 1)


def _start(lines: list[str], mark: int) -> int:
    """Index of the first line of the entry whose authors stand at `mark`: its title or header lines."""
    start = mark
    while start and not lines[start - 1].strip():
        start -= 1
    start = max(start - 1, 0)
    while start and _HEADER.fullmatch(lines[start - 1]):
        start -= 1
    while start < mark and not lines[start].strip():
        start += 1
    return start


def _entry(heading: list[str], rest: str, *, line: int) -> Entry:
    filled = [text.strip() for text in heading if text.strip()] or [""]
    header = "\n".join(filled[:-1])
    names, _, body = rest.partition(_ABSTRACT)
    identifier = arxiv_id(header)
    abstract, after = _abstract(body)
    return Entry(
        line=line,
        id=identifier,
        title=filled[-1],
        authors=_authors(names),
        abstract=abstract,
        date=_date(after),
        categories=re.findall(rf"(?<![\w./]){_CATEGORY}(?![\w./])", header),
        doi=doi(header),
        url=arxiv_url(identifier) if identifier else None,
    )


def _abstract(body: str) -> tuple[str, str]:
    """The abstract, once, and what follows it."""
    short, _, full = body.partition(_MORE)
    full, less, after = full.partition(_LESS)
    if less:
        return full.strip(), after
    for text in (full, short):
        end = _AFTER_ABSTRACT.search(text)
        kept = text[: end.start()] if end else text
        if kept.strip():
            return kept.strip(), body
    return "", body


def _authors(text: str) -> list[str]:
    shown = _HIDDEN_AUTHORS.sub("", text.strip().removeprefix(_AUTHORS))
    return [" ".join(name.split()) for name in shown.split(",") if name.strip()]


def _date(text: str) -> str | None:
    for pattern in _DATES:
        if match := re.search(pattern, text):
            return iso_date(match[1])
    return None
