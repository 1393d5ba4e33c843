"""`extractor extract`: the claims of files of abstracts, as a table or labelled documents."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from extractor.cli.base import Rules, legal, refuse, say

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from extractor.batch import Run
    from extractor.reading import Problem
    from extractor.tables import Writer


def _roles(values: list[str]) -> list[str]:
    from extractor.claims import Role

    legal(values, get_args(Role))
    return values


def _types(values: list[str]) -> list[str]:
    from extractor.claims import ClaimType

    legal(values, get_args(ClaimType))
    return values


def _input_kind(value: str | None) -> str | None:
    if value is not None:
        from extractor.reading import KINDS

        legal(value, [kind.name for kind in KINDS])
    return value


def _target(value: str) -> str:
    """A target of a known suffix, told before the work begins."""
    if value != "-":
        from extractor.tables import checked_suffix

        checked_suffix(Path(value))
    return value


Inputs = Annotated[list[str], typer.Argument(metavar="INPUT", help="Files to read; - is standard input.")]
Output = Annotated[
    str,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        callback=_target,
        help="Table (.csv, .parquet) or labelled documents (.jsonl); "
        "- or none: CSV to standard output, a table on a terminal.",
    ),
]
InputKind = Annotated[
    str | None,
    typer.Option("--from", metavar="KIND", callback=_input_kind, help="Kind of input, instead of detecting it."),
]
TitleColumn = Annotated[str | None, typer.Option(metavar="NAME", help="Column or key of the title.")]
AbstractColumn = Annotated[str | None, typer.Option(metavar="NAME", help="Column or key of the abstract.")]
KeptRoles = Annotated[
    list[str] | None,
    typer.Option("--role", callback=_roles, metavar="ROLE", help="Keep claims of this role; repeatable."),
]
KeptTypes = Annotated[
    list[str] | None,
    typer.Option("--type", callback=_types, metavar="TYPE", help="Keep claims of this type; repeatable."),
]
MinConfidence = Annotated[
    float,
    typer.Option(
        "--min-confidence",
        metavar="P",
        min=0.0,
        max=1.0,
        help="Keep claims whose record is right with at least this probability (0 to 1).",
    ),
]
ErrorFile = Annotated[
    Path | None,
    typer.Option("--errors", metavar="FILE", help="Write documents left out there, as JSON lines."),
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit status 1 if a document was left out.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar, no summary.")]


def extract(  # noqa: PLR0913, PLR0917 - an argument an option
    inputs: Inputs,
    output: Output = "-",
    kind: InputKind = None,
    title_column: TitleColumn = None,
    abstract_column: AbstractColumn = None,
    roles: KeptRoles = None,
    types: KeptTypes = None,
    min_confidence: MinConfidence = 0.0,
    rules: Rules = None,
    errors: ErrorFile = None,
    strict: Strict = False,
    quiet: Quiet = False,
) -> None:
    """Extract the claims of files of abstracts.

    \b
    Examples:
      extractor extract saved-page.txt -o claims.csv
      extractor extract arxiv.jsonl.gz --type speed --type energy -o fast.parquet
      extractor extract papers.csv --abstract-column Summary -o claims.jsonl
      extractor extract feed.xml --role result --min-confidence 0.8 -o sure.csv
      zcat papers.bib.gz | extractor extract - --role result > claims.csv
    """  # fmt: skip
    from extractor import pipeline
    from extractor.batch import Run
    from extractor.reading import read
    from extractor.terminal import watched

    _check_inputs(inputs)
    with _problem_lines(errors) as report:
        run = Run(pipeline.default(tuple(rules or ())), roles or (), types or (), report, min_confidence)
        columns = {"kind": kind, "title_column": title_column, "abstract_column": abstract_column}
        with closing(watched(inputs, run, hidden=quiet)) as sources, _writer(output) as writer:
            for source in sources:
                for document, records in run.over(read(source, on_problem=run.problem, **columns)):
                    writer.write(document, records)
    _conclude(run, errors, strict=strict, quiet=quiet)


def _check_inputs(inputs: Sequence[str]) -> None:
    """Refuse a missing file before any work is done; what is in the files shows when they are read."""
    if inputs.count("-") > 1:
        refuse("standard input (-) is given twice; give it once")
    for name in inputs:
        if name != "-" and not Path(name).exists():
            refuse(f"{name}: no such file; check the path, or give - for standard input")


def _writer(output: str) -> AbstractContextManager[Writer]:
    from extractor import tables

    if output == "-" and sys.stdout.isatty():
        from extractor.terminal import TableWriter

        return TableWriter()
    return tables.writer(output)


@contextmanager
def _problem_lines(path: Path | None) -> Iterator[Callable[[Problem], object] | None]:
    """What takes each problem: a file of JSON lines, or None."""
    import json
    from dataclasses import asdict

    if path is None:
        yield None
        return
    try:
        stream = path.open("w", encoding="utf8")
    except OSError as error:
        refuse(f"{path}: expected a place for a file, found: {error.strerror}; name another one for --errors")
    with stream:
        yield lambda problem: stream.write(json.dumps(asdict(problem), ensure_ascii=False) + "\n")


def _conclude(run: Run, errors: Path | None, *, strict: bool, quiet: bool) -> None:
    """The summary, the warning, and the exit status."""
    if run.first_problem is not None:
        more = "" if run.problems == 1 else f" and {run.problems - 1} more"
        listed = f"all are in {errors}" if errors else "--errors FILE lists all"
        hint = f" ({listed})" if more or errors else ""
        say(f"warning: left out {run.first_problem}{more}{hint}")
    if not quiet:
        say(run.summary())
    if strict and run.problems:
        raise typer.Exit(1)
