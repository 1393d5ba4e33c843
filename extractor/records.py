"""Records: claims as plain slotted data inside the pipeline, and their way to the pydantic models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from extractor.claims import LIST_SLOTS, Claim, Cue, Mention, OldLevel
from extractor.quantities import Evidence


class Phrase(NamedTuple):
    """A phrase of the document that fills a slot."""

    text: str
    field: str
    start: int
    end: int


class Old(NamedTuple):
    """The level that a number moved from."""

    text: str
    start: int
    end: int
    value: float | None
    low: float | None
    high: float | None
    unit: str


@dataclass(slots=True)
class Record:
    """All fields of a claim; the same names as `extractor.claims.Claim`."""

    quantity: str
    start: int
    end: int
    value: float | None
    low: float | None
    high: float | None
    spread: float | None
    unit: str
    bound: str
    statistic: str | None
    form: str
    direction: str
    type: str
    role: str
    sentence: tuple[int, int]
    from_: Old | None = None
    metric: Phrase | None = None
    system: Phrase | None = None
    canonical: str | None = None
    polarity: str | None = None
    baseline: list[Phrase] = field(default_factory=list)
    task: list[Phrase] = field(default_factory=list)
    dataset: list[Phrase] = field(default_factory=list)
    model: list[Phrase] = field(default_factory=list)
    hardware: list[Phrase] = field(default_factory=list)
    condition: list[Phrase] = field(default_factory=list)
    confidence: float | None = None
    evidence: dict[str, Evidence] = field(default_factory=dict)


_PLAIN = ("quantity", "start", "end", "value", "low", "high", "spread", "unit", "bound", "statistic", "form",
          "direction",
          "type", "role", "sentence", "confidence")  # fmt: skip


def to_claim(record: Record) -> Claim:
    """The record as the pydantic model of the library."""
    data: dict[str, Any] = {name: getattr(record, name) for name in _PLAIN}
    data["from_"] = OldLevel(**record.from_._asdict()) if record.from_ else None
    for slot in ("metric", "system"):
        phrase = getattr(record, slot)
        data[slot] = _mention(phrase) if phrase else None
    for slot in LIST_SLOTS:
        data[slot] = [_mention(phrase) for phrase in getattr(record, slot)]
    data["evidence"] = {
        name: Cue(rule=e.rule, start=e.start, end=e.end, field=e.field)  # type: ignore[arg-type]
        for name, e in record.evidence.items()
    }
    return Claim(**data)


def _mention(phrase: Phrase) -> Mention:
    return Mention(text=phrase.text, field=phrase.field, start=phrase.start, end=phrase.end)  # type: ignore[arg-type]
