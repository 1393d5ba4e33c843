"""JSON lines: objects with an abstract, labelled documents among them, and the arXiv snapshot."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from extractor.reading.columns import Columns
from extractor.reading.dates import iso_date
from extractor.reading.identifiers import arxiv_url, doi
from extractor.reading.inputs import Entry, Input
from extractor.reading.names import split_names
from extractor.reading.problems import Problem

_REPAIR = "write one JSON object a line, or take the line out"


def sniff(source: Input) -> bool:
    """Whether the first line that is not blank starts an object and its first key."""
    return bool(re.match(r'\s*\{[^\S\n]*["}]', source.start))


def sniff_snapshot(source: Input) -> bool:
    """Whether the objects have the keys that only the snapshot has."""
    return sniff(source) and bool(re.search(r'"(?:authors_parsed|versions|journal-ref)"\s*:', source.start))


def read(source: Input) -> Iterator[Entry | Problem]:
    """A document an object, its keys guessed like column names. Claims are not taken along."""
    columns = lru_cache(maxsize=64)(lambda names: Columns.of(source, names))

    def build(record: dict[str, Any], line: int) -> Entry | Problem:
        found = columns(tuple(record))
        if missing := found.missing(source):
            keys = ", ".join(record) or "none"
            return source.problem(
                line, f"no {missing[0]}: the keys are {keys}", f"name its key (--{missing[0]}-column)"
            )
        if reason := found.not_text(record):
            return source.problem(line, reason, "write it as a JSON string")
        return found.entry(record, line=line)

    return _objects(source, build)


def read_snapshot(source: Input) -> Iterator[Entry | Problem]:
    """The arXiv metadata snapshot, a line at a time, without the padding around titles and abstracts.

    The date is that of the first version, else that of the last update.
    """
    return _objects(source, _snapshot_entry)


def _objects(source: Input, build: Callable[[dict[str, Any], int], Entry | Problem]) -> Iterator[Entry | Problem]:
    for number, line in enumerate(source.lines(), start=1):
        if not line.strip():
            continue
        record = _parsed(line)
        yield build(record, number) if isinstance(record, dict) else source.problem(number, record, _REPAIR)


def _parsed(line: str) -> dict[str, Any] | str:
    """The object on a line, or what is wrong with it."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}"
    return value if isinstance(value, dict) else f"expected a JSON object, found {line.strip()[:40]}"


def _snapshot_entry(record: dict[str, Any], line: int) -> Entry:
    text = {name: value for name, value in record.items() if isinstance(value, str)}
    identifier = text.get("id")
    return Entry(
        line=line,
        id=identifier,
        title=text.get("title", "").strip(),
        abstract=text.get("abstract", "").strip(),
        authors=_snapshot_authors(record),
        date=_snapshot_date(record),
        categories=text.get("categories", "").split(),
        doi=doi(text.get("doi", "")),
        url=arxiv_url(identifier) if identifier else None,
    )


def _snapshot_authors(record: dict[str, Any]) -> list[str]:
    parsed = record.get("authors_parsed")
    if isinstance(parsed, list):
        return Columns.among(["authors"]).entry({"authors": parsed}, line=0).authors
    return split_names(str(record.get("authors") or ""))


def _snapshot_date(record: dict[str, Any]) -> str | None:
    versions = record.get("versions")
    first = versions[0] if isinstance(versions, list) and versions else None
    created = first.get("created") if isinstance(first, dict) else None
    return iso_date(str(created or record.get("update_date") or ""))
