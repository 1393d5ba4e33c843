"""`extractor gold`: check, count, split and compare labelled files, and take them to other tools and back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from extractor.cli.base import labelled, legal, refuse, say, show, show_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from extractor.claims import Document

app = typer.Typer(no_args_is_help=True, help="Check, count, split and compare labelled files; import and export.")

EXPORTS = ("label-studio", "brat", "docbin")
IMPORTS = ("label-studio", "brat")

Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="Labelled documents (JSON lines).")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="Labelled documents (JSON lines).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _export_format(value: str) -> str:
    legal(value, EXPORTS)
    return value


def _import_format(value: str | None) -> str | None:
    legal(value, IMPORTS)
    return value


@app.command()
def check(files: Files) -> None:
    """List every fault of labelled files: where it is, what is allowed, the nearest legal value; exit status 1 if any.

    \b
    Example:
      extractor gold check gold/*.jsonl
    """
    from extractor import gold

    faults = documents = claims = 0
    for file in files:
        try:
            found: list[Any] = []
            sound = gold.load(file, on_problem=found.append)
        except OSError as error:
            refuse(f"{file}: expected labelled documents, found: {error.strerror}; check the path")
        for fault in found:
            typer.echo(str(fault))
        faults += len(found)
        documents += len(sound)
        claims += sum(len(document.claims) for document in sound)
    say(f"{documents} sound documents, {claims} claims, {faults} faults")
    if faults:
        raise typer.Exit(1)


@app.command()
def stats(files: Files, as_json: AsJson = False) -> None:
    """Count documents and claims by role, type, form, direction, bound, statistic, slot, year and category.

    \b
    Example:
      extractor gold stats gold/dev.jsonl gold/train.jsonl
    """
    from extractor.gold.statistics import statistics

    counts = [statistics(labelled(file)) for file in files]
    if as_json:
        show_json({str(file): asdict(of) for file, of in zip(files, counts, strict=True)})
        return
    from extractor.scoreboard import statistics_tables

    show(*statistics_tables([file.name for file in files], counts))


@app.command()
def split(
    file: File,
    folder: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where the parts are written.")],
    parts: Annotated[
        list[str], typer.Option("--part", metavar="NAME=SHARE", help="A part and its share; repeatable.")
    ] = ["train=80", "dev=10", "test=10"],  # noqa: B006 - never changed, and shown in the help
    seed: Annotated[str, typer.Option(metavar="TEXT", help="Another seed gives another split.")] = "",
) -> None:
    """Split a labelled file by its documents' ids; a document stays in its part as others come or go.

    \b
    Example:
      extractor gold split mine.jsonl -o parts --part train=80 --part test=20
    """
    from extractor.gold.splitting import split as write_parts

    shares = dict(_share(part) for part in parts)
    try:
        counts = write_parts(file, folder, shares, seed=seed)
    except (OSError, ValueError) as error:
        refuse(str(error))
    say(", ".join(f"{folder / name}.jsonl: {count} documents" for name, count in counts.items()))


def _share(part: str) -> tuple[str, float]:
    name, _, share = part.partition("=")
    try:
        if not name or Path(name).name != name:
            raise ValueError
        return name, float(share)
    except ValueError:
        refuse(f"--part is {part!r}; expected NAME=SHARE such as train=80, the name without folders")


@app.command()
def agree(
    one: Annotated[Path, typer.Argument(metavar="ONE", help="A labelling.")],
    other: Annotated[Path, typer.Argument(metavar="OTHER", help="Another labelling of the same documents.")],
    differences: Annotated[
        bool, typer.Option("--differences", help="List every difference, for adjudication.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Agreement of two labellings: the scores of one against the other, fields with Cohen's kappa, slots.

    \b
    Example:
      extractor gold agree first.jsonl second.jsonl --differences
    """
    from extractor.differences import errors, to_data
    from extractor.gold.agreement import agreement
    from extractor.gold.sealed import log_of

    if differences and any(log_of(path) is not None for path in (one, other)):
        refuse(f"{one} or {other} is sealed: only figures over all of it are shown; leave out --differences")
    labellings = labelled(one), labelled(other)
    try:
        found = agreement(*labellings)
    except ValueError as error:
        refuse(str(error))
    listed = errors(*labellings, role=None) if differences else []
    if as_json:
        show_json(asdict(found) | ({"differences": [to_data(error) for error in listed]} if differences else {}))
        return
    from extractor.scoreboard import agreement_tables, errors_table

    show(*agreement_tables(found), *([errors_table(listed)] if differences else []))


@app.command("export")
def export_(
    file: File,
    to: Annotated[str, typer.Option("--to", metavar="FORMAT", callback=_export_format, help=", ".join(EXPORTS))],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="PATH", help="A folder; a .spacy file for docbin.")],
) -> None:
    """Write labelled documents for another tool, with the configuration that it needs.

    \b
    Examples:
      extractor gold export mine.jsonl --to label-studio -o project
      extractor gold export gold/train.jsonl --to docbin -o train.spacy
    """
    documents = labelled(file)
    try:
        _export(documents, to, output)
    except OSError as error:
        refuse(f"{output}: cannot be written: {error.strerror}; name another place")
    say(f"{len(documents)} documents to {output}")


def _export(documents: list[Document], to: str, output: Path) -> None:
    from extractor.interchange import brat, docbin, label_studio

    if to == "docbin":
        docbin.write(documents, output)
    else:
        {"label-studio": label_studio, "brat": brat}[to].write(documents, output)


@app.command("import")
def import_(
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="A JSON export of Label Studio, or a folder of brat.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Labelled documents (.jsonl).")],
    kind: Annotated[
        str | None,
        typer.Option("--from", metavar="FORMAT", callback=_import_format, help="Format, instead of detecting it."),
    ] = None,
    annotator: Annotated[
        str | None, typer.Option(metavar="WHO", help="Whose labels count, where Label Studio has several.")
    ] = None,
) -> None:
    """Read another tool's annotations into labelled documents, checked; exit status 1 where one is left out.

    \b
    Examples:
      extractor gold import export.json -o labelled.jsonl --annotator 3
      extractor gold import brat-folder -o labelled.jsonl
    """  # fmt: skip
    from extractor import gold

    faults: list[str] = []

    def told(fault: object) -> None:
        faults.append(str(fault))
        say(str(fault))

    documents = []
    for document, found in gold.resolve(enumerate(_imported(source, kind, annotator, told), start=1), file=str(source)):
        for fault in found:
            told(fault)
        if document is not None and not found:
            documents.append(document)
    try:
        output.write_text("".join(gold.to_line(document) + "\n" for document in documents), encoding="utf8")
    except OSError as error:
        refuse(f"{output}: cannot be written: {error.strerror}; name another place")
    say(f"{len(documents)} documents to {output}, {len(faults)} faults")
    if faults:
        raise typer.Exit(1)


def _imported(
    source: Path, kind: str | None, annotator: str | None, on_problem: Callable[[str], object]
) -> Iterator[dict[str, Any]]:
    from extractor.interchange import brat, label_studio

    if not source.exists():
        refuse(f"{source}: no such file or folder; check the path")
    if (kind or ("brat" if source.is_dir() else "label-studio")) == "label-studio":
        return label_studio.read(source, on_problem=on_problem, annotator=annotator)
    if annotator:
        refuse("--annotator goes with Label Studio; a brat folder holds one labelling")
    return brat.read(source, on_problem=on_problem)
