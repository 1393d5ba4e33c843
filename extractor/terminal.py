"""What the command line draws: the progress bar and tables of claims and rules."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

from rich import box
from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from extractor.highlight import style

if TYPE_CHECKING:
    from extractor.batch import Run
    from extractor.claims import Document
    from extractor.records import Record
    from extractor.rules import Rule

# Width of what is piped, where no terminal says how wide it is.
_PIPE_WIDTH = 140
# Claims that a terminal shows; who wants more wants a file.
_MOST_ROWS = 200


def console() -> Console:
    """A console on standard output, wide enough for the tables where it is piped."""
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _PIPE_WIDTH
    return Console(width=width, highlight=False, markup=False, soft_wrap=False)


# --- progress -----------------------------------------------------------------------------------------------


class _Counts(ProgressColumn):
    """The counts of a run so far."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._run = run

    def render(self, task: Task) -> Text:  # noqa: ARG002 - rich gives its task, the counts are the run's
        """Documents and claims."""
        return Text(f"{self._run.documents:,} documents, {self._run.claims.total():,} claims")


def watched(inputs: Sequence[str], run: Run, *, hidden: bool) -> Generator[str | BinaryIO]:
    """Each input as `read` takes it, on a terminal under a bar of the bytes read so far."""
    if hidden or not sys.stderr.isatty():
        yield from inputs
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        _Counts(run),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        for name in inputs:
            bar.reset(task, total=None, description=Path(name).name)
            # What cannot be opened is for the reader to report.
            if Path(name).is_file() and os.access(name, os.R_OK):
                with bar.open(name, "rb", task_id=task) as stream:
                    yield stream
            else:
                yield name


# --- tables -------------------------------------------------------------------------------------------------


class TableWriter:
    """Collects claims and prints them as a table when its block ends."""

    def __init__(self) -> None:
        self._table = table("id", "quantity", "metric", "direction", "type", "role", "system")
        self._claims = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is None:
            self._print()

    def write(self, document: Document, records: Sequence[Record]) -> None:
        """Take the claims of one document; those beyond the most that are shown are counted."""
        for record in records:
            self._claims += 1
            if self._claims <= _MOST_ROWS:
                self._table.add_row(*_claim_cells(document, record))

    def _print(self) -> None:
        out = console()
        if self._claims:
            out.print(self._table)
        if self._claims > _MOST_ROWS:
            out.print(f"… and {self._claims - _MOST_ROWS:,} more claims; -o FILE writes them all")


def _claim_cells(document: Document, record: Record) -> Iterable[RenderableType]:
    texts = [phrase.text if phrase else "" for phrase in (record.metric, record.system)]
    metric, system = (Text(" ".join(text.split())) for text in texts)
    quantity = Text(" ".join(record.quantity.split()), "bold")
    role = Text(record.role, "" if record.role == "result" else "dim")
    return (
        Text(document.id),
        quantity,
        metric,
        record.direction,
        Text(record.type, style(record.type)),
        role,
        system,
    )


def rules_table(rules: Sequence[Rule]) -> Table:
    """The rules with what each says."""
    drawn = table("id", "kind", "file", "says")
    for rule in rules:
        drawn.add_row(Text(rule.id, "bold"), rule.kind, rule.file, Text(rule.says))
    return drawn


def table(*columns: str, title: str | None = None) -> Table:
    """An empty table in the one style of all."""
    drawn = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        drawn.add_column(column, overflow="fold")
    return drawn
