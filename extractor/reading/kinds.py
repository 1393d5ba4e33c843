"""The kinds of input, what each looks like, and which one an input is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from extractor.reading import (
    aitopics,
    arxiv_search,
    atom,
    bibtex,
    feed,
    huggingface,
    jsonlines,
    tables,
    text,
)
from extractor.reading.inputs import Entry, Input
from extractor.reading.problems import Problem, ReadingError


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of input: its name (for `--from`), what it looks like, how it is told and read.

    `suffixes` are those that promise this kind; they decide nothing, but a file that breaks the promise is
    refused instead of being read as plain text.
    """

    name: str
    looks: str
    sniff: Callable[[Input], bool]
    read: Callable[[Input], Iterator[Entry | Problem]]
    suffixes: tuple[str, ...] = ()
    has_columns: bool = False


# In the order in which they are tried; plain text is what nothing else claims.
KINDS = (
    Kind(
        "parquet",
        "a Parquet file with an abstract column, better a title too",
        tables.sniff_parquet,
        tables.read_parquet,
        (".parquet", ".pq"),
        has_columns=True,
    ),
    Kind("atom", "an Atom feed (XML), as arXiv's API answers", atom.sniff, atom.read, (".xml", ".atom")),
    Kind(
        "arxiv-snapshot",
        "the arXiv metadata snapshot: JSON lines with authors_parsed and versions",
        jsonlines.sniff_snapshot,
        jsonlines.read_snapshot,
    ),
    Kind(
        "jsonl",
        "JSON lines: an object a line with a title and an abstract (labelled documents too)",
        jsonlines.sniff,
        jsonlines.read,
        (".jsonl", ".ndjson", ".json"),
        has_columns=True,
    ),
    Kind(
        "arxiv-search",
        'a saved arXiv search page, as text: "Authors:", "Abstract:", "Submitted 15 January, 2026; …"',
        arxiv_search.sniff,
        arxiv_search.read,
    ),
    Kind(
        "feed",
        'a saved author feed, as text: "CLApr 25, 2024Code", then title and authors, then abstract',
        feed.sniff,
        feed.read,
    ),
    Kind(
        "huggingface",
        'a saved Hugging Face papers page, as text: title, abstract, "• 8 authors", "·", "Mar 27, 2024"',
        huggingface.sniff,
        huggingface.read,
    ),
    Kind(
        "csv",
        "a table with a header line, cells separated by commas or semicolons, an abstract column",
        tables.sniff_csv,
        tables.read_csv,
        (".csv",),
        has_columns=True,
    ),
    Kind(
        "tsv",
        "a table with a header line, cells separated by tabs, an abstract column",
        tables.sniff_tsv,
        tables.read_tsv,
        (".tsv", ".tab"),
        has_columns=True,
    ),
    Kind("bibtex", "BibTeX entries with an abstract field", bibtex.sniff, bibtex.read, (".bib", ".bibtex")),
    Kind(
        "aitopics",
        'a saved AITopics author page, as text: title, "Last, First, Last, First", abstract',
        aitopics.sniff,
        aitopics.read,
    ),
    Kind(
        "text",
        "plain text (UTF-8): one abstract, perhaps after a title and an empty line",
        lambda source: not _unreadable(source),
        text.read,
    ),
)

_MAGIC = (
    (b"%PDF", "a PDF", "extract its text first (pdftotext)"),
    (b"PK\x03\x04", "a ZIP archive (.docx and .xlsx are such, too)", "unpack it, or save it as text or CSV"),
    (b"BZh", "bzip2-compressed data", "decompress it first (bunzip2)"),
    (b"\xfd7zXZ", "xz-compressed data", "decompress it first (unxz)"),
    (b"\x28\xb5\x2f\xfd", "Zstandard-compressed data", "decompress it first (unzstd)"),
)


def kind_of(source: Input, *, name: str | None = None) -> Kind:
    """The kind called `name`, else the one that the input's content shows.

    Raises ReadingError for an unknown name, for content of no known kind, and for column names on a kind
    without.
    """
    kind = _named(name) if name else _detected(source)
    for option in ("title_column", "abstract_column"):
        wanted = getattr(source, option)
        if wanted is not None and not kind.has_columns:
            tabular = ", ".join(each.name for each in KINDS if each.has_columns)
            raise ReadingError(
                f"{source.name}: expected a kind with columns ({tabular}) because {option} is {wanted!r}, "
                f"found: {kind.name}; check the column's name, or leave it out"
            )
    return kind


def _named(name: str) -> Kind:
    for kind in KINDS:
        if kind.name == name:
            return kind
    known = ", ".join(kind.name for kind in KINDS)
    raise ReadingError(f"unknown kind of input: expected one of {known}; found: {name}")


def _detected(source: Input) -> Kind:
    for kind in KINDS:
        if kind.sniff(source):
            return kind
    found, advice = _unreadable(source) or ("nothing known", "name the kind with --from")
    expected = "; ".join(f"{kind.name}: {kind.looks}" for kind in KINDS)
    raise ReadingError(f"{source.name}: found {found}; {advice}. Expected one of these kinds:\n  {expected}")


def _unreadable(source: Input) -> tuple[str, str] | None:
    """What stands in the way of reading the input as plain text, and what to do about it."""
    start = source.start.lstrip()
    if not start:
        return "nothing: the input is empty", "check that it was saved"
    for magic, found, advice in _MAGIC:
        if source.head.startswith(magic):
            return found, advice
    if b"\0" in source.head:
        return f"binary data (it starts with {source.head[:4].hex(' ')})", "export it as one of the kinds"
    return _markup(start) or _table(source) or _broken_promise(source, start)


def _markup(start: str) -> tuple[str, str] | None:
    if re.match(r"<(?:!doctype html|html|head|body)\b", start, re.IGNORECASE):
        return "an HTML page", "open it in a browser, select all, copy, and save that as plain text"
    if root := re.match(r"(?:<[?!][^>]*>\s*)*<(?P<name>[\w:.-]+)", start):
        return f"XML with the root <{root['name']}>", "of XML only Atom feeds are read"
    if re.match(r'\[\s*(?:[\[{"]|\])|\{\s*["}]', start):
        return "JSON that is no object a line", "write an object a line (jq -c '.[]' does that to an array)"
    return None


def _table(source: Input) -> tuple[str, str] | None:
    if names := tables.unnamed_table(source):
        found = f"a table without a known abstract column: {', '.join(names)}"
        return found, "name the column with --abstract-column"
    return None


def _broken_promise(source: Input, start: str) -> tuple[str, str] | None:
    promised = [kind.name for kind in KINDS if source.suffix in kind.suffixes]
    if promised:
        found = f"text that does not look like {promised[0]} although the file is called so: {start[:40]!r}"
        return found, f"check the file, or say --from {promised[0]} or --from text"
    return None
