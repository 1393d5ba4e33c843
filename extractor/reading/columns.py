"""Which column or key holds what, and the document that a row or an object makes."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from extractor.reading import identifiers
from extractor.reading.dates import iso_date
from extractor.reading.inputs import Entry, Input
from extractor.reading.names import given_first, split_names

# Names without case, blanks, `_`, `.` and `-`; the first that a table has is taken.
ALIASES: dict[str, tuple[str, ...]] = {
    "title": ("title", "papertitle", "articletitle"),
    "abstract": ("abstract", "abstracttext", "abstractnote", "paperabstract", "summary", "description"),
    "id": ("id", "arxivid", "arxiv", "doi", "key", "citationkey", "paperid"),
    "authors": ("authors", "author", "authornames"),
    "date": ("date", "published", "publicationdate", "year", "publicationyear", "updatedate", "updated"),
    "categories": ("categories", "category", "primarycategory"),
    "doi": ("doi",),
    "url": ("url", "link", "pdfurl"),
}
_JSON_TYPES = {list: "a list", dict: "an object", bool: "a truth value", int: "a number", float: "a number"}


@dataclass(frozen=True, slots=True)
class Columns:
    """For each field the names of the columns that may hold it, the best first."""

    names: Mapping[str, tuple[str, ...]]

    @classmethod
    def among(cls, names: Iterable[str], *, title: str | None = None, abstract: str | None = None) -> Columns:
        """The columns of a table with these `names`; `title` and `abstract` overrule the guess."""
        present = list(names)
        found = {name: _matching(present, aliases) for name, aliases in ALIASES.items()}
        for name, column in (("title", title), ("abstract", abstract)):
            if column is not None:
                found[name] = _exact(present, column)
        return cls(found)

    @classmethod
    def of(cls, source: Input, names: Iterable[str]) -> Columns:
        """The columns with these `names`, as the source's caller wants them."""
        return cls.among(names, title=source.title_column, abstract=source.abstract_column)

    @property
    def used(self) -> list[str]:
        """All columns that a document needs."""
        return list(dict.fromkeys(name for names in self.names.values() for name in names))

    def missing(self, source: Input) -> list[str]:
        """The fields (title, abstract) that the table has no column for although it needs one."""
        wanted = {"abstract": True, "title": source.title_column is not None}
        return [name for name, needed in wanted.items() if needed and not self.names[name]]

    def entry(self, row: Mapping[str, Any], *, line: int) -> Entry:
        """The document of a row. Text fields are taken as they are, outer white space included."""
        first = {name: _first(row, columns) for name, columns in self.names.items()}
        return Entry(
            line=line,
            abstract=_text(first["abstract"]),
            title=_text(first["title"]),
            id=_text(first["id"]) or None,
            authors=_names(first["authors"]),
            date=_date(first["date"]),
            categories=_words(first["categories"]),
            doi=identifiers.doi(_text(first["doi"])),
            url=_text(first["url"]) or None,
        )

    def not_text(self, row: Mapping[str, Any]) -> str | None:
        """What stands in the place of title or abstract if it is not text: `abstract is a list, not text`."""
        for name in ("abstract", "title"):
            value = _first(row, self.names[name])
            if value is not None and not isinstance(value, str):
                return f"{name} is {_JSON_TYPES.get(type(value), type(value).__name__)}, not text"
        return None


def _matching(present: list[str], aliases: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for alias in aliases for name in present if re.sub(r"[\s_.-]+", "", name).lower() == alias)


def _exact(present: list[str], wanted: str) -> tuple[str, ...]:
    same = tuple(name for name in present if name == wanted)
    return same or tuple(name for name in present if name.lower() == wanted.lower())


def _first(row: Mapping[str, Any], columns: tuple[str, ...]) -> Any:
    """The first value that is not empty."""
    return next((row[column] for column in columns if row.get(column) not in (None, "", [])), None)


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return value if isinstance(value, str) else str(value)


def _date(value: Any) -> str | None:
    return iso_date(value.isoformat() if isinstance(value, datetime.date) else _text(value))


def _words(value: Any) -> list[str]:
    """Categories: a list, or one string that separates them by blanks, commas or semicolons."""
    return [_text(item) for item in value] if isinstance(value, list) else re.split(r"[\s,;]+", _text(value).strip())


def _names(value: Any) -> list[str]:
    """Authors: a list of names, of objects with a `name` or of `[last, first, suffix]`, or one string."""
    return [_name(item) for item in value] if isinstance(value, list) else split_names(_text(value))


def _name(value: Any) -> str:
    if isinstance(value, dict):
        return _text(value.get("name"))
    if isinstance(value, list):
        family, given, *suffix = [*map(_text, value), "", ""]
        return " ".join(part for part in (given, family, *suffix) if part)
    return given_first(_text(value))
