"""Claims as tables (CSV, Parquet: a claim a row) and as labelled documents (JSON lines).

Writers are context managers that keep no more than a block of rows. They write to a file beside the target,
which takes the target's name when all is written, so that a run that breaks off leaves the old file as it
was.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol, TextIO

from extractor.factor import improvement
from extractor.records import Phrase, Record, to_claim

if TYPE_CHECKING:
    import pyarrow as pa

    from extractor.claims import Document

# The columns of the contract, in its order, with their kind of content.
TEXT, NUMBER, LIST, OFFSET = "text", "number", "list", "offset"
COLUMNS = {
    "id": TEXT,
    "title": TEXT,
    "authors": LIST,
    "date": TEXT,
    "url": TEXT,
    "quantity": TEXT,
    "value": NUMBER,
    "low": NUMBER,
    "high": NUMBER,
    "unit": TEXT,
    "bound": TEXT,
    "statistic": TEXT,
    "form": TEXT,
    "direction": TEXT,
    "type": TEXT,
    "role": TEXT,
    "from_value": NUMBER,
    "from_unit": TEXT,
    "metric": TEXT,
    "canonical_metric": TEXT,
    "system": TEXT,
    "baseline": LIST,
    "task": LIST,
    "dataset": LIST,
    "model": LIST,
    "hardware": LIST,
    "condition": LIST,
    "factor": NUMBER,
    "factor_low": NUMBER,
    "factor_high": NUMBER,
    "factor_note": TEXT,
    "confidence": NUMBER,
    "start": OFFSET,
    "end": OFFSET,
    "sentence": TEXT,
}
SUFFIXES = (".csv", ".jsonl", ".parquet")
# Rows that a Parquet writer holds until it writes them as one row group; about 20 MB.
ROWS_A_GROUP = 20_000

Cell = str | float | list[str] | None


class TableError(ValueError):
    """A target that cannot be written; the message says what was expected, found, and to try."""


class Paper(Protocol):
    """What a row tells of the document that its claim stands in."""

    @property
    def id(self) -> str:
        """What the input calls it."""

    @property
    def title(self) -> str:
        """The title, "" without one."""

    @property
    def abstract(self) -> str:
        """The raw text that the offsets count in."""

    @property
    def authors(self) -> list[str]:
        """Their names, in order."""

    @property
    def date(self) -> str | None:
        """The date as the input gives it."""

    @property
    def url(self) -> str | None:
        """Where the paper is found."""


class Writer(Protocol):
    """Takes documents with their claims, one after another."""

    def write(self, document: Document, records: Sequence[Record]) -> None:
        """Write the claims of one document."""
        ...


def row(paper: Paper, record: Record) -> tuple[Cell, ...]:
    """The cells of one claim, in the order of `COLUMNS`; `sentence` is the text of the claim's sentence."""
    old = record.from_
    factor = improvement(record, polarity=record.polarity)
    return (
        paper.id, paper.title, paper.authors, paper.date, paper.url,
        record.quantity, record.value, record.low, record.high, record.unit, record.bound, record.statistic,
        record.form, record.direction, record.type, record.role,
        old.value if old else None, old.unit if old else None,
        _text(record.metric), record.canonical, _text(record.system),
        _texts(record.baseline), _texts(record.task), _texts(record.dataset), _texts(record.model),
        _texts(record.hardware), _texts(record.condition),
        factor.factor, factor.low, factor.high, factor.note or None, record.confidence,
        record.start, record.end, paper.abstract[slice(*record.sentence)],
    )  # fmt: skip


def _text(phrase: Phrase | None) -> str | None:
    return phrase.text if phrase else None


def _texts(phrases: Iterable[Phrase]) -> list[str]:
    return [phrase.text for phrase in phrases]


# --- writers ------------------------------------------------------------------------------------------------


@contextmanager
def writer(target: str | Path) -> Iterator[Writer]:
    """A writer for a file by its suffix (`.csv`, `.jsonl`, `.parquet`), or of CSV to standard output for `-`.

    Raises:
        TableError: a suffix of no known kind, or a place that cannot be written to.
    """
    if str(target) == "-":
        sys.stdout.flush()
        with _csv(sys.stdout.buffer) as made:
            yield made
        return
    path = Path(target)
    make = _MAKERS[checked_suffix(path)]
    with replacing(path) as binary, make(binary) as made:
        yield made


def checked_suffix(path: Path) -> str:
    """The suffix of a target, in lower case; TableError when no kind of table has it."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        found = f"{suffix!r}" if suffix else "none"
        raise TableError(f"{path}: expected a suffix of {', '.join(SUFFIXES)}, found: {found}; rename the target")
    return suffix


class CsvWriter:
    """Rows of comma-separated cells under a header line, lists joined by `; `."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        stream.write(",".join(COLUMNS) + "\n")

    def write(self, document: Document, records: Sequence[Record]) -> None:
        """Write the claims of one document, a line each."""
        for record in records:
            self._stream.write(",".join(map(cell, row(document, record))) + "\n")


class JsonlWriter:
    """A line a document, in the labelled-document format, with its claims."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, document: Document, records: Sequence[Record]) -> None:
        """Write one document, also when it has no claims."""
        labelled = document.model_copy(update={"claims": [to_claim(record) for record in records]})
        self._stream.write(labelled.to_json() + "\n")


class ParquetWriter:
    """Row groups of a Parquet file of a fixed schema; lists stay lists."""

    def __init__(self, stream: IO[bytes]) -> None:
        import pyarrow.parquet as pq

        self._schema = schema()
        self._rows: list[tuple[Cell, ...]] = []
        self._file = pq.ParquetWriter(stream, self._schema, compression="zstd")

    def write(self, document: Document, records: Sequence[Record]) -> None:
        """Take the claims of one document; a full block goes to the file."""
        self._rows += [row(document, record) for record in records]
        if len(self._rows) >= ROWS_A_GROUP:
            self.flush()

    def close(self) -> None:
        """Write the file's end."""
        self._file.close()

    def flush(self) -> None:
        """Write the rows that are left as a row group."""
        import pyarrow as pa

        arrays = [pa.array(c, f.type) for c, f in zip(columns(self._rows), self._schema, strict=True)]
        self._file.write_table(pa.table(arrays, schema=self._schema))
        self._rows.clear()


def columns(rows: Sequence[tuple[Cell, ...]]) -> list[list[Cell]]:
    """The rows turned into one list a column, also when there are none."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in COLUMNS]


def schema() -> pa.Schema:
    """The Arrow schema of the table: the same whatever the content."""
    import pyarrow as pa

    types = {TEXT: pa.string(), NUMBER: pa.float64(), LIST: pa.list_(pa.string()), OFFSET: pa.int64()}
    return pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()])


@contextmanager
def _csv(binary: IO[bytes]) -> Iterator[Writer]:
    with _as_text(binary) as stream:
        yield CsvWriter(stream)


@contextmanager
def _jsonl(binary: IO[bytes]) -> Iterator[Writer]:
    with _as_text(binary) as stream:
        yield JsonlWriter(stream)


@contextmanager
def _parquet(binary: IO[bytes]) -> Iterator[Writer]:
    with closing(ParquetWriter(binary)) as table:
        yield table
        table.flush()


_MAKERS: dict[str, Callable[[IO[bytes]], Any]] = {".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet}


@contextmanager
def _as_text(binary: IO[bytes]) -> Iterator[TextIO]:
    """The stream as UTF-8 text with line ends as they are; left open."""
    import io

    stream = io.TextIOWrapper(binary, "utf-8", newline="")
    try:
        yield stream
    finally:
        stream.detach()


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A stream whose content becomes the file's when the block ends without an exception.

    A target that is no regular file (a pipe) is written to directly. Raises TableError where the place cannot
    be written to.
    """
    path = Path(os.path.realpath(path))
    beside = path if path.exists() and not path.is_file() else path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        stream = beside.open("wb")
    except OSError as error:
        raise TableError(
            f"{path}: expected a place for a file, found: {error.strerror}; name another target"
        ) from error
    try:
        with stream:
            yield stream
        if beside is not path:
            beside.replace(path)
    except BaseException:
        if beside is not path:
            beside.unlink(missing_ok=True)
        raise


# --- CSV cells ----------------------------------------------------------------------------------------------

# What spreadsheets run as a formula, unless it is a plain number or percentage.
_RISKY = re.compile(r"[=+\-@\x00-\x1f\x7f]")
_PLAIN_NUMBER = re.compile(r"[+-]?(?:\d+(?:,\d{3})*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)? ?%?")
_QUOTED = re.compile(r'[",\r\n]')


def cell(content: Cell) -> str:
    """A cell as CSV writes it: guarded against formulas, quoted where needed, numbers to 15 digits."""
    if content is None:
        return ""
    if isinstance(content, int | float):
        return f"{content:.15g}"
    text = content if isinstance(content, str) else "; ".join(content)
    if _RISKY.match(text) and not _PLAIN_NUMBER.fullmatch(text):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
