"""Claims of a pandas data frame of abstracts, as a data frame with the columns of the tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor import pipeline, tables

if TYPE_CHECKING:
    import pandas as pd

_DTYPES = {tables.NUMBER: "float64", tables.OFFSET: "int64", tables.TEXT: "object", tables.LIST: "object"}


@dataclass(frozen=True, slots=True)
class _Paper:
    """One row of the input."""

    id: str
    title: str
    abstract: str
    authors: list[str]
    date: str | None
    url: str | None


def extract_frame(
    df: pd.DataFrame,
    *,
    text: str = "abstract",
    title: str = "title",
    id: str = "id",
    authors: str = "authors",
    date: str = "date",
    url: str = "url",
    rules_dirs: Sequence[Path] = (),
) -> pd.DataFrame:
    """Every claim of the abstracts of a data frame, one a row, in the order of the input.

    Args:
        df: a row a document. Its index plays no part; missing abstracts give no claims.
        text: the column of the abstracts, raw text.
        title: the column of the titles. This and the following columns may be lacking where they go by their
            default name.
        id: the column of identifiers; a document without one gets its row number, from 1.
        authors: the column of the authors, lists or texts.
        date: the column of the dates.
        url: the column of the addresses.
        rules_dirs: further rule directories or files, tried before the shipped rules.

    Returns:
        A new data frame with the columns of `tables.COLUMNS`, also when there are no claims. `start` and
        `end` count code points of the abstract; lists are lists.

    Raises:
        ValueError: a column that `df` does not have, or an abstract that is no text.
    """
    named = {"text": text, "title": title, "id": id, "authors": authors, "date": date, "url": url}
    extractor = pipeline.default(tuple(rules_dirs))
    rows = [
        tables.row(paper, record)
        for paper in _papers(df, _checked(df, named))
        for record in extractor.records(paper.abstract, paper.title)
    ]
    return _frame(rows)


_DEFAULTS = {"title": "title", "id": "id", "authors": "authors", "date": "date", "url": "url"}


def _checked(df: pd.DataFrame, named: dict[str, str]) -> dict[str, str]:
    """The columns that there are; those asked for by name must be."""
    found = list(df.columns)
    for option, name in named.items():
        if found.count(name) != 1 and not (name not in found and _DEFAULTS.get(option) == name):
            times = f"{found.count(name)} of them" if name in found else ", ".join(map(str, found)) or "no columns"
            raise ValueError(f"expected one column {name!r}, found: {times}; name the right one with {option}=…")
    return {option: name for option, name in named.items() if name in found}


def _papers(df: pd.DataFrame, names: dict[str, str]) -> Iterator[_Paper]:
    for number, row in enumerate(_rows(df, names), start=1):
        abstract = row.get("text")
        if abstract is None:
            continue
        if not isinstance(abstract, str):
            raise ValueError(
                f"expected text in column {names['text']!r}, found in row {number}: {abstract!r}; "
                "turn the column into strings"
            )
        yield _Paper(
            id=_text(row.get("id")) or str(number),
            title=_text(row.get("title")) or "",
            abstract=abstract,
            authors=_list(row.get("authors")),
            date=_text(row.get("date")),
            url=_text(row.get("url")),
        )


def _rows(df: pd.DataFrame, names: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The rows by option, missing values as None."""
    columns = [[_present(value) for value in df[name]] for name in names.values()]
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))


def _present(value: Any) -> Any:
    import pandas as pd

    return None if pd.api.types.is_scalar(value) and pd.isna(value) else value


def _text(value: Any) -> str | None:
    """A cell as text; of a time stamp at midnight its day."""
    if value is None:
        return None
    return str(value).removesuffix(" 00:00:00")


def _list(value: Any) -> list[str]:
    """The items of a list, tuple or array; a single text is a list of one."""
    if value is None:
        return []
    items: Iterable[Any] = [value] if isinstance(value, str) else value
    return [str(item) for item in items]


def _frame(rows: Sequence[tuple[tables.Cell, ...]]) -> pd.DataFrame:
    import pandas as pd

    dtypes = [_DTYPES[kind] for kind in tables.COLUMNS.values()]
    series = [pd.Series(cells, dtype=dtype) for cells, dtype in zip(tables.columns(rows), dtypes, strict=True)]
    return pd.DataFrame(dict(zip(tables.COLUMNS, series, strict=True)))
