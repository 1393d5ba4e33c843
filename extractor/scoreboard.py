"""Scores, errors, agreement and counts of labelled files as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from extractor.evaluation import SCORES, Report, Score, Scores
from extractor.terminal import table

if TYPE_CHECKING:
    from extractor.bootstrap import Interval
    from extractor.contrast import Contrast, Difference
    from extractor.differences import Error
    from extractor.gold.agreement import Agreement
    from extractor.gold.statistics import Statistics
    from extractor.reliability import Bin, Floor


def scores_tables(report: Report) -> Iterator[RenderableType]:
    """The scores over results and over all roles; how often each field is right; slots, types and roles; confusions."""
    for title, scores in (("role result", report.result), ("all roles", report.all)):
        yield _scores_table(title, scores, SCORES)
    yield _fields_table(report, tuple(report.result.fields))
    yield _slots_table(report)
    yield _groups_table("type", report.result.types, "role result")
    yield _groups_table("role", report.all.roles, "all roles")
    yield from _confusions(report.all)


def quantities_tables(report: Report) -> Iterator[RenderableType]:
    """What can be scored on gold that knows quantities and units only: detection, and fields of matched quantities."""
    yield _scores_table("quantities", report.all, ("detection",))
    drawn = table("field", "right", title="fields of matched quantities that are right")
    for name in ("value", "unit", "statistic"):
        of = report.all.fields[name]
        drawn.add_row(name, _figure(of.accuracy, of.interval, of.right, of.pairs))
    yield drawn


def _scores_table(title: str, scores: Scores, names: Sequence[str]) -> Table:
    heading = f"{title}: {scores.documents} documents, {scores.gold} gold claims, {scores.predicted} predicted"
    drawn = table("score", "precision", "recall", "F1", "right", "predicted", "gold", title=heading)
    for name in names:
        drawn.add_row(name, *_score_cells(getattr(scores, name)))
    return drawn


def _score_cells(score: Score) -> list[str]:
    return [
        _figure(score.precision, score.precision_interval, score.true_positives, score.predicted),
        _figure(score.recall, score.recall_interval, score.true_positives, score.gold),
        _figure(score.f1, score.f1_interval),
        *(str(count) for count in (score.true_positives, score.predicted, score.gold)),
    ]


def _fields_table(report: Report, names: Sequence[str]) -> Table:
    drawn = table("field", "role result", "all roles", title="fields of matched claims that are right")
    for name in names:
        both = [scores.fields[name] for scores in (report.result, report.all)]
        drawn.add_row(name, *(_figure(of.accuracy, of.interval, of.right, of.pairs) for of in both))
    return drawn


def _slots_table(report: Report) -> Table:
    drawn = table("slot", "precision", "recall", "F1", "F1, all roles", title="phrases of each slot, role result")
    for name, score in report.result.slots.items():
        every = report.all.slots[name]
        drawn.add_row(name, *_score_cells(score)[:3], _figure(every.f1, every.f1_interval))
    return drawn


def _groups_table(of: str, groups: dict[str, dict[str, Score]], title: str) -> Table:
    columns = [f"{name} F1" for name in SCORES]
    drawn = table(of, "gold", "predicted", *columns, title=f"claims of each {of} on each side, {title}")
    for name, scores in groups.items():
        claims = scores["detection"]
        if claims.gold or claims.predicted:
            figures = [_figure(scores[score].f1, scores[score].f1_interval) for score in SCORES]
            drawn.add_row(name, str(claims.gold), str(claims.predicted), *figures)
    return drawn


def _confusions(scores: Scores) -> Iterator[Table]:
    for field, confusion in scores.confusion.items():
        drawn = table("gold \\ predicted", *confusion.labels, title=f"{field} of matched claims, all roles")
        for label, row in zip(confusion.labels, confusion.counts, strict=True):
            if any(row):
                drawn.add_row(label, *(str(count or "·") for count in row))
        yield drawn


def reliability_tables(bins: Sequence[Bin], floors: Sequence[Floor]) -> Iterator[RenderableType]:
    """How often records of a confidence are right, and precision and recall of the record by a floor."""
    drawn = table("confidence", "claims", "mean", "right", title="records by confidence, role result")
    for one in bins:
        share = _figure(one.right / one.claims, None, one.right, one.claims)
        drawn.add_row(f"{one.low:g} to {one.high:g}", str(one.claims), f"{one.confidence:.2f}", share)
    yield drawn
    drawn = table(
        "confidence at least", "claims", "precision", "recall", title="record by --min-confidence, role result"
    )
    for floor in floors:
        cells = f"{floor.precision:.3f}", f"{floor.recall:.3f}"
        drawn.add_row(f"{floor.confidence:g}", str(floor.kept), *cells)
    yield drawn


def _figure(figure: float, interval: Interval | None, part: int | None = None, whole: int | None = None) -> str:
    """`0.932 (55/59) [0.88, 0.97]`: the ratio, its counts, and its 95 % interval."""
    counts = f" ({part}/{whole})" if whole is not None else ""
    return f"{figure:.3f}{counts}" + (f" [{interval[0]:.2f}, {interval[1]:.2f}]" if interval else "")


def errors_table(errors: Sequence[Error]) -> Table:
    """Every difference between gold and prediction."""
    drawn = table("document", "quantity", "wrong", "expected", "found", title=f"{len(errors)} differences")
    for error in errors:
        claim = error.gold or error.predicted
        quantity = claim.quantity if claim else ""
        wrong = f"{error.kind} {error.slot}" if error.slot else error.kind
        drawn.add_row(*map(Text, (error.document, quantity, wrong, error.expected or "–", error.found or "–")))
    return drawn


def contrast_tables(found: Contrast, *, listed: bool) -> Iterator[RenderableType]:
    """Both sides' figures with their differences, and the claims that only one side gets."""
    role = f"role {found.role}" if found.role else "all roles"
    heading = f"{role}: {found.documents} documents, {found.gold} gold claims"
    drawn = table("F1", "first", "second", "second - first", "second ahead", title=heading)
    for name, of in found.scores.items():
        drawn.add_row(name, *_difference_cells(of))
    yield drawn
    drawn = table("right", "first", "second", "second - first", "second ahead", title="fields of matched claims")
    for name, of in found.fields.items():
        drawn.add_row(name, *_difference_cells(of))
    yield drawn
    if not listed:
        return
    drawn = table("document", "quantity", "got by", "other side", title="claims that only one side gets")
    for one in found.one_sided:
        other = "does not find it" if one.missed == "detection" else "has a field wrong"
        drawn.add_row(Text(one.document), Text(one.claim.quantity), "first" if one.first else "second", other)
    yield drawn


def _difference_cells(of: Difference) -> list[str]:
    moved = f"{of.difference:+.3f}" + (f" [{of.interval[0]:+.3f}, {of.interval[1]:+.3f}]" if of.interval else "")
    return [f"{of.first:.3f}", f"{of.second:.3f}", moved, f"{of.better:.1%}" if of.better is not None else "–"]


def agreement_tables(found: Agreement) -> Iterator[RenderableType]:
    """F1 of the second labelling against the first; fields with Cohen's kappa; slots."""
    for title, scores in (("role result", found.scores.result), ("all roles", found.scores.all)):
        yield _scores_table(title, scores, SCORES)
    drawn = table("field", "role result", "all roles", "kappa", title="fields of matched claims that agree")
    for name in found.scores.result.fields:
        both = [scores.fields[name] for scores in (found.scores.result, found.scores.all)]
        kappa = found.kappa.get(name)
        figures = [_figure(of.accuracy, of.interval, of.right, of.pairs) for of in both]
        drawn.add_row(name, *figures, f"{kappa:.3f}" if kappa is not None else "–")
    yield drawn
    yield _slots_table(found.scores)


def statistics_tables(names: Sequence[str], counts: Sequence[Statistics]) -> Iterator[RenderableType]:
    """The counts of labelled files, a column a file."""
    drawn = table("", *names, title="documents and claims")
    for label, attribute in (
        ("documents", "documents"),
        ("… without a claim", "without_claims"),
        ("claims", "claims"),
        ("… from A to B", "with_old_level"),
        ("… ranges", "ranges"),
    ):
        drawn.add_row(label, *(str(getattr(of, attribute)) for of in counts))
    yield drawn
    for field in counts[0].fields:
        drawn = table(field, *names)
        for value in counts[0].fields[field]:
            drawn.add_row(value, *(str(of.fields[field][value]) for of in counts))
        yield drawn
    drawn = table("slot", *names, title="claims that have the slot (phrases in it)")
    for slot in counts[0].slots:
        drawn.add_row(slot, *(f"{of.slots[slot][0]} ({of.slots[slot][1]})" for of in counts))
    yield drawn
    for title, attribute in (("year", "years"), ("primary category", "categories")):
        drawn = table(title, *names, title="documents")
        for value in sorted({value for of in counts for value in getattr(of, attribute)}):
            drawn.add_row(value, *(str(getattr(of, attribute).get(value, 0)) for of in counts))
        yield drawn
