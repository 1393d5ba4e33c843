"""BibTeX entries that have an abstract."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bibtexparser.bibdatabase import UndefinedString, as_text
from bibtexparser.bparser import BibTexParser

from extractor.reading.dates import iso_date
from extractor.reading.identifiers import arxiv_url, doi
from extractor.reading.inputs import Entry, Input
from extractor.reading.names import given_first
from extractor.reading.problems import Problem

_START = re.compile(r"\s*@\s*(?P<type>[A-Za-z]+)\s*(?P<bracket>[{(])")
_NO_ENTRY = ("string", "preamble", "comment")
# bibtexparser trims the lines of a value; its white space is carried past it as characters that nobody
# assigns.
_CARRIED = {ord(space): 0xF0000 + ord(space) for space in "\n\r\t\v\f\x1c\x1d\x1e\x85\u2028\u2029"}
_BACK = {carried: space for space, carried in _CARRIED.items()}


def sniff(source: Input) -> bool:
    """Whether a line starts an entry: `@article{key,`."""
    return any("," in line for line in source.start.splitlines() if _START.match(line))


def read(source: Input) -> Iterator[Entry | Problem]:
    """The entries of a bibliography, one at a time, so that a broken one costs no other.

    The id is the entry's key. Only the outer braces or quotes of a field and string macros are undone. A
    year and a month make the date.
    """
    parser = BibTexParser(ignore_nonstandard_types=False, interpolate_strings=False)
    parser.expect_multiple_parse = True
    for line, text in _chunks(source):
        parser.bib_database.entries.clear()
        start = _START.match(text)
        if start and not _parsed(parser, text):
            yield source.problem(line, "broken BibTeX entry", "check its key, commas, braces and quotes")
        for record in parser.bib_database.entries:
            yield _entry(record, line)


def _chunks(source: Input) -> Iterator[tuple[int, str]]:
    """The text from each line that starts an entry to the next, with its line."""
    first, chunk = 1, ""
    for number, line in enumerate(source.lines(), start=1):
        if _START.match(line):
            yield first, chunk
            first, chunk = number, ""
        chunk += line
    yield first, chunk


def _parsed(parser: Any, text: str) -> bool:
    """Whether the parser made an entry of the text, or needed not to."""
    try:
        parser.parse(_guarded(text), partial=True)
    except (UndefinedString, RecursionError):  # a macro nobody defined; braces nested some hundred deep
        return False
    start = _START.match(text)
    return bool(parser.bib_database.entries) or bool(start and start["type"].lower() in _NO_ENTRY)


def _guarded(text: str) -> str:
    """The text with the white space inside field values exchanged for what the parser leaves alone."""
    start = _START.match(text)
    outer = 1 if start and start["bracket"] == "{" else 0
    depth, quoted, guarded = 0, False, []
    for char in text:
        depth += (char == "{") - (char == "}")
        quoted ^= char == '"' and depth == outer
        guarded.append(char.translate(_CARRIED) if quoted or depth > outer else char)
    return "".join(guarded)


def _entry(record: dict[str, Any], line: int) -> Entry:
    field = {name: _text(value) for name, value in record.items()}
    eprint = (
        field.get("eprint", "") if "arxiv" in field.get("archiveprefix", field.get("eprinttype", "")).lower() else ""
    )
    return Entry(
        line=line,
        id=field["ID"],
        title=field.get("title", "").strip(),
        abstract=field.get("abstract", "").strip(),
        authors=[given_first(name) for name in re.split(r"\s+and\s+", field.get("author", "").strip()) if name],
        date=_date(field),
        categories=field.get("primaryclass", "").split(),
        doi=doi(field.get("doi", "")),
        url=field.get("url") or (arxiv_url(eprint) if eprint else None),
    )


def _text(value: Any) -> str:
    """A field's text with its macros filled in; empty where a macro is not defined (`month = sept`)."""
    try:
        return str(as_text(value)).translate(_BACK)
    except UndefinedString:
        return ""


def _date(field: dict[str, str]) -> str | None:
    """`date` as it is, else `year` with `month` (a name, a number, or with a day: `25 apr`)."""
    year, month = field.get("year", ""), field.get("month", "").strip()
    if month.isdecimal():
        month = f"{year}-{month}"
    named = iso_date(f"{month} {year}") if month and not month.startswith(year) else iso_date(month)
    return iso_date(field.get("date", "")) or named or iso_date(year)
