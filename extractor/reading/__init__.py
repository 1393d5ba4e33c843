"""Reading documents: saved pages, arXiv's formats, tables, BibTeX and plain text, told by their content."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TextIO

from extractor.claims import Document, Source
from extractor.reading.inputs import Entry, Input, open_source, undecodable
from extractor.reading.kinds import KINDS, Kind, kind_of
from extractor.reading.problems import Problem, ReadingError, ReadingWarning

__all__ = ["KINDS", "Kind", "Problem", "ReadingError", "ReadingWarning", "read"]


def read(
    source: str | Path | BinaryIO | TextIO,
    *,
    kind: str | None = None,
    title_column: str | None = None,
    abstract_column: str | None = None,
    on_problem: Callable[[Problem], None] | None = None,
) -> Iterator[Document]:
    """Read the documents of an input.

    `source` is a path, `-` for standard input, or an open stream, binary or text; gzip is undone where it
    is found. `kind` is the name of one of `KINDS`; without it the content decides. `title_column` and
    `abstract_column` name the columns (or JSON keys) of a table instead of having them guessed.

    A document that cannot be read is handed to `on_problem` (without it: a ReadingWarning) and the rest
    goes on. Text is raw: only the container's encoding is undone. A document's id is what its container
    calls it (arXiv identifier, DOI, BibTeX key, id column), else the input's stem and its running number,
    which counts problems too.

    Raises ReadingError if the input or an argument cannot be used, before the first document is asked for.
    """
    opened = open_source(source, title_column=title_column, abstract_column=abstract_column)
    try:
        chosen = kind_of(opened, name=kind)
        items = _items(opened, chosen)
        first = next(items)
    except ReadingError:
        opened.close()
        raise
    return _documents(opened, chosen, chain([first], items), on_problem or _warn)


def _items(source: Input, kind: Kind) -> Iterator[Entry | Problem]:
    """What the reader makes of the input, at least one item; a problem where the input breaks off."""
    empty = True
    try:
        for item in kind.read(source):
            empty = False
            yield item
    except (OSError, EOFError, zlib.error, UnicodeError) as error:
        yield source.problem(1, f"the input breaks off, the rest is left out: {error}", "fetch or write it again")
    else:
        if empty:
            yield source.problem(1, f"no document found, expected {kind.looks}", "leave out --from, or check the input")


def _documents(
    source: Input, kind: Kind, items: Iterator[Entry | Problem], on_problem: Callable[[Problem], None]
) -> Iterator[Document]:
    try:
        for number, item in enumerate(items, start=1):
            problem = item if isinstance(item, Problem) else _fault(source, item)
            if problem is None and isinstance(item, Entry):
                yield _document(source, kind, item, number)
            elif problem is not None:
                on_problem(problem)
    finally:
        source.close()


def _fault(source: Input, entry: Entry) -> Problem | None:
    """Why an entry makes no document."""
    if not entry.abstract.strip():
        return source.problem(entry.line, "no abstract", "add one, or leave the document out")
    texts = (entry.title, entry.abstract, entry.id, *entry.authors, *entry.categories, entry.doi, entry.url)
    if reason := undecodable("\n".join(filter(None, texts))):
        return source.problem(entry.line, reason, "save the input as UTF-8 (iconv -t UTF-8)")
    return None


def _document(source: Input, kind: Kind, entry: Entry, number: int) -> Document:
    return Document(
        id=entry.id or f"{source.stem}-{number}",
        title=entry.title,
        abstract=entry.abstract,
        authors=[name for name in entry.authors if name],
        date=entry.date,
        categories=[category for category in entry.categories if category],
        doi=entry.doi,
        url=entry.url,
        source=Source(file=source.file, kind=kind.name, line=entry.line, number=number),
    )


def _warn(problem: Problem) -> None:
    warnings.warn(str(problem), ReadingWarning, stacklevel=3)
