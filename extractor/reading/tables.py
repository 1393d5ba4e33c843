"""Tables with a row a document: CSV, TSV and Parquet."""

from __future__ import annotations

import csv
import re
import shutil
import tempfile
from collections.abc import Iterator
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from extractor.reading.columns import Columns
from extractor.reading.inputs import Entry, Input
from extractor.reading.problems import Problem, ReadingError

_COMMA, _SEMICOLON, _TAB = ",", ";", "\t"
_FIELD_LIMIT = 2**31 - 1  # characters in a cell; the csv module's default of 128 KiB is less than a long table cell
_BATCH_ROWS = 1024
_DAMAGED = "fetch or write the file again"
# What the project's CSV writer puts an apostrophe before, so that no spreadsheet runs it.
_GUARDED = re.compile(r"'[=+\-@\x00-\x1f\x7f]")


def sniff_csv(source: Input) -> bool:
    """Whether the first line names an abstract column among others, separated by commas or semicolons."""
    return any(_names_abstract(source, delimiter) for delimiter in (_COMMA, _SEMICOLON))


def sniff_tsv(source: Input) -> bool:
    """Whether the first line names an abstract column among others, separated by tabs."""
    return _names_abstract(source, _TAB)


def sniff_parquet(source: Input) -> bool:
    """Whether the file starts with Parquet's magic number."""
    return source.head.startswith(b"PAR1")


def read_csv(source: Input) -> Iterator[Entry | Problem]:
    """The rows of a table separated by commas, or by semicolons if only they show an abstract column."""
    semicolons = _names_abstract(source, _SEMICOLON) and not _names_abstract(source, _COMMA)
    return _rows(source, _SEMICOLON if semicolons else _COMMA)


def read_tsv(source: Input) -> Iterator[Entry | Problem]:
    """The rows of a table separated by tabs."""
    return _rows(source, _TAB)


def read_parquet(source: Input) -> Iterator[Entry | Problem]:
    """The rows of a Parquet file, some at a time and only the columns that a document needs."""
    with tempfile.SpooledTemporaryFile(max_size=1 << 26) as seekable:
        shutil.copyfileobj(source.stream, seekable)
        table = _opened(source, seekable)
        columns = _checked(source, Columns.of(source, table.schema_arrow.names), table.schema_arrow.names)
        for number, row in enumerate(_parquet_rows(table, columns), start=1):
            yield _entry(source, columns, row, number)


def header(source: Input, delimiter: str) -> list[str]:
    """The cells of the first line that is not blank."""
    line = next(filter(str.strip, source.start.splitlines()), "")
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]


def unnamed_table(source: Input) -> list[str]:
    """The header of what has the shape of a table: short cells in it, rows of equal length."""
    lines = [line for line in source.start.splitlines() if line.strip()][:4]
    for delimiter in (_TAB, _COMMA, _SEMICOLON):
        names = header(source, delimiter)
        lengths = {len(row) for row in csv.reader(lines, delimiter=delimiter)}
        if len(lines) > 2 and lengths == {len(names)} and _are_column_names(lines[0], names):
            return names
    return []


def _are_column_names(line: str, names: list[str]) -> bool:
    """Short cells, and no blank after a separator, which a line of prose would have."""
    short = all(0 < len(name) <= 40 for name in names)
    return len(names) > 1 and short and not re.search(r"[,;\t]\s|\.$", line)


def _names_abstract(source: Input, delimiter: str) -> bool:
    names = header(source, delimiter)
    named = Columns.of(source, names).names["abstract"] or Columns.among(names).names["abstract"]
    return len(names) > 1 and bool(named)


def _checked(source: Input, columns: Columns, names: list[str]) -> Columns:
    if missing := columns.missing(source):
        wanted = getattr(source, f"{missing[0]}_column")
        expected = f"a column {wanted!r}" if wanted else f"a column for the {missing[0]}"
        found = ", ".join(names) or "no columns"
        raise ReadingError(f"{source.name}: expected {expected}, found: {found}; try --{missing[0]}-column NAME")
    return columns


def _rows(source: Input, delimiter: str) -> Iterator[Entry | Problem]:
    csv.field_size_limit(_FIELD_LIMIT)
    # Strict, so that a stray quote is an error of its row instead of swallowing the rows after it.
    reader = csv.reader(source.lines(), delimiter=delimiter, strict=True)
    names = _header_row(source, reader)
    columns = _checked(source, Columns.of(source, names), names)
    line = reader.line_num + 1
    while (row := _next_row(reader)) is not None:
        if isinstance(row, str):
            yield source.problem(line, row, "quote cells that hold separators, quotes or line ends; double the quotes")
        elif len(row) > len(names):
            reason = f"expected {len(names)} cells, found {len(row)}"
            yield source.problem(line, reason, "quote cells that hold the separator")
        elif row:
            cells = {name: _unguarded(cell) for name, cell in zip(names, row, strict=False)}
            yield columns.entry(cells, line=line)
        line = reader.line_num + 1


def _header_row(source: Input, reader: Any) -> list[str]:
    row = _next_row(reader)
    while row == []:
        row = _next_row(reader)
    if isinstance(row, str):
        raise ReadingError(f"{source.name}: expected a header line, found: {row}; try another --from")
    return [cell.strip() for cell in row or []]


def _next_row(reader: Any) -> list[str] | str | None:
    """The next row, what is wrong with it, or None at the end."""
    try:
        row: list[str] | None = next(reader, None)
    except csv.Error as error:
        return f"broken row: {error}"
    return row


def _unguarded(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell


def _parquet_rows(table: Any, columns: Columns) -> Iterator[dict[str, Any] | str]:
    """The rows, and at a damaged place what is wrong, after which nothing can be read."""
    try:
        for batch in table.iter_batches(batch_size=_BATCH_ROWS, columns=columns.used):
            yield from batch.to_pylist()
    except (pa.ArrowException, OSError) as error:
        yield f"damaged Parquet file, the rest is left out: {error}"


def _opened(source: Input, seekable: IO[bytes]) -> Any:
    try:
        return pq.ParquetFile(seekable)
    except (pa.ArrowException, OSError) as error:
        raise ReadingError(
            f"{source.name}: expected a whole Parquet file, found: {error}; fetch or write it again"
        ) from error


def _entry(source: Input, columns: Columns, row: dict[str, Any] | str, number: int) -> Entry | Problem:
    if isinstance(row, str):
        return source.problem(number, row, _DAMAGED)
    if reason := columns.not_text(row):
        return source.problem(number, reason, "write it as a string column")
    return columns.entry(row, line=number)
