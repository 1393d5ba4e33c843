"""`extractor evaluate`: claims against labelled documents, of the extractor or of one or two files of predictions."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.cli.base import Rules, labelled, refuse, say, show, show_json

if TYPE_CHECKING:
    from extractor.claims import Document


def evaluate(
    gold: Annotated[
        Path,
        typer.Argument(
            metavar="GOLD", help="Labelled documents (JSON lines), or MeasEval annotations (.tsv, or a folder)."
        ),
    ],
    predictions: Annotated[
        Path | None,
        typer.Argument(metavar="[PREDICTIONS]", help="Labelled documents to score; none: the extractor runs."),
    ] = None,
    other: Annotated[
        Path | None, typer.Argument(metavar="[OTHER]", help="Further predictions, compared with the first.")
    ] = None,
    rules: Rules = None,
    texts: Annotated[
        Path | None, typer.Option("--texts", metavar="DIR", help="Where the texts of MeasEval annotations are.")
    ] = None,
    errors: Annotated[
        bool, typer.Option("--errors", help="List every difference over claims of role result too.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a page of the scores and every error, of all roles."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score claims against labelled documents, over claims of role result and over all.

    \b
    Examples:
      extractor evaluate gold/dev.jsonl
      extractor evaluate gold/dev.jsonl predictions.jsonl --errors
      extractor evaluate mine.jsonl --html report.html
      extractor evaluate gold/dev.jsonl before.jsonl after.jsonl
      extractor evaluate measeval/tsv --texts measeval/text
    """
    from extractor.interchange import measeval

    if measeval.is_measeval(gold):
        more = bool(predictions or errors or html)
        _evaluate_measeval(gold, texts, tuple(rules or ()), as_json=as_json, asked_for_more=more)
        return
    if texts:
        refuse("--texts goes with MeasEval annotations; labelled documents hold their texts")
    log = _sealed(gold, listing=errors or html is not None)
    documents = labelled(gold)
    try:
        if predictions and other:
            if errors or html:
                refuse("two files of predictions are compared in a table or as --json; leave out --errors and --html")
            both = labelled(predictions), labelled(other)
            _record(log, gold, {predictions.name: both[0], other.name: both[1]}, documents)
            _contrast(documents, *both, as_json=as_json, listed=log is None)
            return
        predicted = labelled(predictions) if predictions else _predicted(documents, tuple(rules or ()))
        _record(log, gold, {predictions.name if predictions else "extractor": predicted}, documents)
        _report(documents, predicted, errors=errors, html=html, as_json=as_json, name=gold.name)
    except ValueError as error:  # ids that occur twice, or that gold does not have
        refuse(str(error))


def _sealed(gold: Path, *, listing: bool) -> Path | None:
    """The log of a sealed gold file, of which no single error is shown."""
    from extractor.gold.sealed import log_of

    log = log_of(gold)
    if log is not None and listing:
        refuse(f"{gold} is sealed: only figures over all of it are shown; leave out --errors and --html")
    return log


def _record(log: Path | None, gold: Path, seen: dict[str, list[Document]], documents: list[Document]) -> None:
    """Log a look at a sealed file for each set of predictions, before anything is shown."""
    if log is None:
        return
    from extractor import __version__
    from extractor.evaluation import report
    from extractor.gold.sealed import record_look

    for name, predicted in seen.items():
        scores = report(documents, predicted, resamples=0)
        record_look(log, gold, scores, predictions=name, version=__version__)
    say(f"{gold} is sealed: this look is logged in {log}; commit it")


def _report(
    gold: list[Document], predicted: list[Document], *, errors: bool, html: Path | None, as_json: bool, name: str
) -> None:
    from extractor import differences
    from extractor import evaluation as scoring
    from extractor.reliability import reliability

    report = scoring.report(gold, predicted)
    bins, floors = reliability(gold, predicted) if _with_confidence(predicted) else ([], [])
    if html is not None:
        from extractor import __version__
        from extractor.errorpage import page

        html.write_text(page(gold, predicted, report, title=name, version=__version__), encoding="utf8")
    found = differences.errors(gold, predicted) if errors else []
    if as_json:
        listed = {"errors": [differences.to_data(error) for error in found]} if errors else {}
        by_confidence = {"reliability": [asdict(one) for one in bins], "floors": [asdict(one) for one in floors]}
        show_json(asdict(report) | by_confidence | listed)
        return
    from extractor.scoreboard import errors_table, reliability_tables, scores_tables

    show(*scores_tables(report))
    if bins:
        show(*reliability_tables(bins, floors))
    show(*([errors_table(found)] if errors else []))


def _with_confidence(documents: list[Document]) -> bool:
    return any(claim.confidence is not None for document in documents for claim in document.claims)


def _contrast(
    gold: list[Document], first: list[Document], second: list[Document], *, as_json: bool, listed: bool
) -> None:
    from extractor.contrast import contrast, to_data

    found = [contrast(gold, first, second, role="result"), contrast(gold, first, second, role=None)]
    if as_json:
        show_json({name: to_data(one, listed=listed) for name, one in zip(("result", "all"), found, strict=True)})
        return
    from extractor.scoreboard import contrast_tables

    for one in found:
        show(*contrast_tables(one, listed=listed and one.role is None))


def _evaluate_measeval(
    path: Path, texts: Path | None, places: tuple[Path, ...], *, as_json: bool, asked_for_more: bool
) -> None:
    if asked_for_more:
        refuse("MeasEval annotations are scored for detection alone: give neither PREDICTIONS, --errors nor --html")
    from extractor import rules as rule_files
    from extractor.evaluation import report
    from extractor.interchange import measeval
    from extractor.scoreboard import quantities_tables

    unread: list[str] = []
    gold = list(measeval.read(path, rule_files.load(places), texts=texts, on_unread=unread.append))
    if unread:
        more = f" and {len(unread) - 1} more" if unread[1:] else ""
        say(f"warning: left out {unread[0]}{more}")
    scores = report(gold, _predicted(gold, places))
    if as_json:
        fields = {name: asdict(scores.all.fields[name]) for name in ("value", "unit", "statistic")}
        show_json(
            {"documents": len(gold), "detection": asdict(scores.all.detection), "fields": fields, "unread": unread}
        )
    else:
        show(*quantities_tables(scores))


def _predicted(documents: list[Document], places: tuple[Path, ...]) -> list[Document]:
    """The documents with the extractor's claims; one that it fails on counts as without claims."""
    from extractor import pipeline
    from extractor.batch import Run
    from extractor.records import to_claim

    run = Run(pipeline.default(places), on_problem=lambda problem: say(f"warning: {problem}"))
    return [
        document.model_copy(update={"claims": [to_claim(record) for record in records]})
        for document, records in run.over(documents)
    ]
