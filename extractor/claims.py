"""The data model at the boundary: documents, claims and where each field stands in the text.

Offsets count Unicode code points of the raw text, end exclusive. Inside the pipeline the same fields live in plain
slotted objects (`extractor.records`); these pydantic models are what readers produce and what the library returns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    import pint

Bound = Literal["exact", "up_to", "at_least", "at_most", "approx"]
Statistic = Literal["mean", "geomean", "median", "std"]
Form = Literal["ratio", "change", "share", "level"]
Direction = Literal["increase", "decrease", "none"]
ClaimType = Literal[
    "speed",
    "quality",
    "memory",
    "compute",
    "communication",
    "energy",
    "cost",
    "reliability",
    "scale",
    "other",
]
Role = Literal["result", "background", "setup"]
TextField = Literal["abstract", "title"]

# The fields that take one of a few words, in the order of the guidelines.
CLOSED_FIELDS: dict[str, tuple[str, ...]] = {
    "bound": get_args(Bound),
    "statistic": get_args(Statistic),
    "form": get_args(Form),
    "direction": get_args(Direction),
    "type": get_args(ClaimType),
    "role": get_args(Role),
}
LIST_SLOTS = ("baseline", "task", "dataset", "model", "hardware", "condition")
SLOTS = ("metric", "system", *LIST_SLOTS)


class Boundary(BaseModel):
    """Strictness that all boundary models share."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Mention(Boundary):
    """A phrase of the document: `text` stands at `start`..`end` of the named field."""

    text: str
    field: TextField = "abstract"
    start: int
    end: int


class Cue(Boundary):
    """What set a field of a claim: the rule's id and the text that it saw (an empty span for a default)."""

    rule: str
    start: int
    end: int
    field: TextField = "abstract"


class OldLevel(Boundary):
    """The level that a `from A to B` claim moved from, in the claim's unit unless `unit` says another."""

    text: str
    start: int
    end: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str | None = None


class Claim(Boundary):
    """One number that an abstract states, with what it measures and where each part stands.

    `value` is in `unit` (scaled: `128M` is 128000000) and None for a range, which has `low` and `high`.
    """

    quantity: str
    start: int
    end: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    spread: float | None = None
    unit: str = ""
    bound: Bound = "exact"
    statistic: Statistic | None = None
    form: Form
    direction: Direction = "none"
    type: ClaimType
    role: Role
    from_: OldLevel | None = Field(default=None, alias="from")
    metric: Mention | None = None
    system: Mention | None = None
    baseline: list[Mention] = []
    task: list[Mention] = []
    dataset: list[Mention] = []
    model: list[Mention] = []
    hardware: list[Mention] = []
    condition: list[Mention] = []
    sentence: tuple[int, int] | None = None
    confidence: float | None = None
    evidence: dict[str, Cue] = {}

    @model_validator(mode="after")
    def _value_or_range(self) -> Claim:
        if self.value is None and (self.low is None or self.high is None):
            raise ValueError(f"claim {self.quantity!r} needs a value, or low and high for a range")
        return self

    def to_pint(self) -> pint.Quantity[Any] | tuple[pint.Quantity[Any], pint.Quantity[Any]]:
        """The value as a pint quantity of the project's registry; a range gives the pair (low, high).

        Ratios and bare scores are dimensionless, counted nouns have the unit `count`.
        """
        from extractor.units import to_pint

        if self.value is not None:
            return to_pint(self.value, self.unit)
        assert self.low is not None and self.high is not None
        return to_pint(self.low, self.unit), to_pint(self.high, self.unit)


class Source(Boundary):
    """Where a document came from: file name, reader kind, line it starts on and running number, both from 1."""

    file: str
    kind: str
    line: int
    number: int


class Document(Boundary):
    """A title and an abstract in raw text, with what the input says about the paper."""

    id: str
    title: str = ""
    abstract: str
    authors: list[str] = []
    date: str | None = None
    categories: list[str] = []
    doi: str | None = None
    url: str | None = None
    source: Source | None = None
    claims: list[Claim] = []

    def to_json(self) -> str:
        """The labelled-document line of the contract; empty optional document fields are left out."""
        data = self.model_dump(by_alias=True)
        optional = ("authors", "date", "categories", "doi", "url", "source")
        return dumps({k: v for k, v in data.items() if k not in optional or v})


def dumps(data: Any) -> str:
    """Compact, stable JSON with raw Unicode."""
    import json

    return json.dumps(data, ensure_ascii=False)
