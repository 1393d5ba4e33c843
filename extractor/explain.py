"""Why each claim of a text is as it is: for every field the rule that set it and the cue that it saw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from extractor.claims import LIST_SLOTS, SLOTS
from extractor.factor import improvement
from extractor.highlight import Span, style, terminal
from extractor.network import FIELDS as NETWORK_FIELDS
from extractor.quantities import Evidence, Rejection
from extractor.records import Phrase, Record, to_claim

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from extractor.pipeline import Pipeline

# What evidence names where the program itself decided, by no rule of the files.
STEPS = (
    {
        "no-modifier": "No cue of a bound stands at the number: it is exact.",
        "no-unit": "Neither a unit nor a counted noun stands at the number.",
        "counted-noun": "The plural noun behind a bare number is what it counts; counted things are scale.",
        "hyphenated-noun": "The noun joined to a number by a hyphen is what it counts: 128-layer.",
        "counted-acronym": "An acronym in the plural behind a bare number is what it counts: 64 GPUs.",
        "shared-unit": "A bare number in a list takes the unit or noun of the next: 2, 3 and 4 GB.",
        "noun-before": "The number behind `out of` counts what the number before it counts.",
        "noun-behind": "The number before `of` counts what the number behind it counts.",
        "range": "Two numbers were joined: 2x to 5x, between 5 and 8 ms.",
        "bare-number": "Nothing is said of the number: no unit, no counted noun, no metric, no relation.",
        "formula": "The number stands in a formula.",
        "one-each": "As many phrases as numbers stand in two lists: each number has the phrase of its place.",
    }
    | {
        f"context-{slot}": f"The claim model found the phrase for the slot {slot}; the cue is the word that governs it."
        for slot in SLOTS
    }
    | {
        f"model-{field}": f"The claim model reads the {field} otherwise than the rule that saw this cue."
        for field in NETWORK_FIELDS
    }
    | {"model-no-claim": "The claim model takes the number for no claim."}
)

_FIELDS = ("unit", "bound", "statistic", "form", "direction", "type", "role")


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a claim: its value, the rule that set it, the text of the cue ("" for a default).

    `words` are those that a field decided by the model hangs on, each with the probability that is lost without it.
    """

    field: str
    value: str
    rule: str
    cue: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A text with its claims and the numbers turned away; `says` is what each rule says, by its id.

    `influences` are, by the start of a claim, the words that the fields decided by the model hang on.
    """

    text: str
    title: str
    records: list[Record]
    rejections: list[Rejection]
    says: Mapping[str, str] = field(default_factory=dict)
    influences: Mapping[int, Mapping[str, list[tuple[str, float]]]] = field(default_factory=dict)

    def lines(self, record: Record) -> list[Line]:
        """The fields of one claim that have a value, with their evidence."""
        words = self.influences.get(record.start, {})
        return [
            replace(
                self._line(name, value, record.evidence.get(name)),
                words=", ".join(f"{word} {loss:.2f}" for word, loss in words.get(name, ())),
            )
            for name, value in _values(record)
        ]

    def turned_away(self, rejection: Rejection) -> Line:
        """A number that is no claim, and the rule that says so."""
        number = self.text[rejection.start : rejection.end]
        return Line("", number, rejection.rule, self.says.get(rejection.rule, ""))

    def to_data(self) -> dict[str, Any]:
        """Text, claims (as labelled documents have them) and rejections, ready for JSON."""
        return {
            "title": self.title,
            "text": self.text,
            "claims": [to_claim(r).model_dump(mode="json", by_alias=True) for r in self.records],
            "influences": [
                {name: dict(words) for name, words in self.influences.get(r.start, {}).items()} for r in self.records
            ],
            "rejected": [
                {"text": line.value, "start": r.start, "end": r.end, "rule": line.rule, "says": line.cue}
                for r in self.rejections
                for line in [self.turned_away(r)]
            ],
        }

    def _line(self, name: str, value: str, evidence: Evidence | None) -> Line:
        if evidence is None:
            return Line(name, value, "", "")
        source = self.title if evidence.field == "title" else self.text
        return Line(name, value, evidence.rule, source[evidence.start : evidence.end])


def explain(text: str, *, title: str = "", pipeline: Pipeline, says: Mapping[str, str] | None = None) -> Explanation:
    """The claims of a text and why they are so; `says` gives what rules say, by id."""
    records, rejections = pipeline.analyse(text, title)
    found = pipeline.influences(text, title, records)
    influences = {record.start: words for record, words in zip(records, found, strict=True)}
    return Explanation(text, title, records, sorted(rejections, key=lambda r: (r.start, r.end)), says or {}, influences)


def number_text(value: float | None, low: float | None, high: float | None) -> str:
    """A value as `2.16`, a range as `2 to 5`."""
    numbers = [value] if value is not None else [low, high]
    return " to ".join(f"{number:,.12g}" for number in numbers if number is not None)


def _values(record: Record) -> Iterator[tuple[str, str]]:
    yield "value", number_text(record.value, record.low, record.high)
    if record.confidence is not None:
        yield "confidence", f"{record.confidence:.2f}"
    if record.spread is not None:
        yield "spread", f"{record.spread:.12g}"
    for name in _FIELDS:
        value = getattr(record, name)
        if value is not None:
            yield name, value or '""'
    if record.from_ is not None:
        yield "from", record.from_.text
    yield from _slots(record)
    yield from _derived(record)


def _slots(record: Record) -> Iterator[tuple[str, str]]:
    for name in ("metric", "system", *LIST_SLOTS):
        found: Phrase | list[Phrase] | None = getattr(record, name)
        phrases = found if isinstance(found, list) else [found]
        if text := "; ".join(phrase.text for phrase in phrases if phrase):
            yield name, text


def _derived(record: Record) -> Iterator[tuple[str, str]]:
    if record.canonical:
        better = f" ({record.polarity} is better)" if record.polarity else ""
        yield "canonical metric", record.canonical + better
    factor = improvement(record, polarity=record.polarity)
    number = number_text(factor.factor, factor.low, factor.high)
    if number or factor.note:
        yield "factor", number or f"none: {factor.note}"


# --- for the terminal ---------------------------------------------------------------------------------------


def draw(explanation: Explanation) -> Iterator[RenderableType]:
    """What a rich console prints: the marked text, a table for each claim, the numbers turned away."""
    spans = [Span(record.start, record.end, record.type) for record in explanation.records]
    yield terminal(explanation.text, spans)
    if not explanation.records:
        yield "\nNo claims."
    for number, record in enumerate(explanation.records, start=1):
        yield ""
        yield _claim_table(explanation, record, number)
    if explanation.rejections:
        yield ""
        yield _rejection_table(explanation)


def _claim_table(explanation: Explanation, record: Record, number: int) -> Table:
    from rich.text import Text

    name = Text.assemble(f"{number}. ", (record.quantity, style(record.type)), f"  {record.start}–{record.end}")
    table = _table(name, "field", "value", "rule", "cue", "hangs on")
    for line in explanation.lines(record):
        table.add_row(line.field, Text(line.value), Text(line.rule, "dim"), Text(line.cue), Text(line.words))
    return table


def _rejection_table(explanation: Explanation) -> Table:
    from rich.text import Text

    table = _table(Text("Numbers that are no claims"), "number", "rule", "because")
    for rejection in explanation.rejections:
        line = explanation.turned_away(rejection)
        table.add_row(Text(line.value), Text(line.rule, "dim"), Text(line.cue))
    return table


def _table(title: Any, *columns: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
