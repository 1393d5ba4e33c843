"""Run the examples and counter-examples of rules and say which do not come out as they state.

A text has the number in question between « and »; the marks are taken out, the rest runs as an abstract
without a title, and the claim that overlaps the number must have the fields that the example gives. `none:
true` wants no claim there. An example of a `reject` rule wants no claim and a rejection by this very rule,
its counter-examples no rejection by it. Where rules of a kind leave their id in a claim's evidence, that of
an example must have it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from extractor.phrases import compiled
from extractor.units import unit_key

if TYPE_CHECKING:
    from extractor.quantities import Rejection
    from extractor.records import Record
    from extractor.rules import Rule, RuleSet

_NUMBERS = ("value", "low", "high", "spread")
_PLAIN = ("bound", "statistic", "form", "direction", "type", "role", "quantity")
_CONTROL = ("text", "none")
FIELDS = (*_CONTROL, *_NUMBERS, *_PLAIN, "unit", "from", "from_value", "metric")

# The kinds whose rules name themselves in the evidence, and in which fields; of cues only those that give a
# direction.
_EVIDENCE: dict[str, tuple[str, ...]] = {
    "modifier": ("bound", "statistic"),
    "frame": ("form", "direction", "metric", "from"),
    "type": ("type",),
    "role": ("role",),
    "number": ("value",),
    "cue": ("direction",),
}
_DIRECTING = frozenset(("UP", "DOWN", "GOOD", "BAD", "UPN", "DOWNN", "GOODN", "BADN", "HIGH", "LOW", "BETTER", "WORSE"))


class Analyser(Protocol):
    """What turns a text into records and rejections: the pipeline, with rules only."""

    def analyse(self, text: str, title: str = "") -> tuple[list[Record], list[Rejection]]:
        """The claims of a text and the numbers turned away."""
        ...


@dataclass(frozen=True, slots=True)
class Case:
    """One example or counter-example of a rule; `number` counts from 1 on its side."""

    rule: Rule
    side: Literal["example", "counter"]
    number: int
    stated: dict[str, Any]

    @property
    def name(self) -> str:
        """`up-to/example-1`."""
        return f"{self.rule.id}/{self.side}-{self.number}"

    @property
    def text(self) -> str:
        """The text without its marks."""
        return str(self.stated["text"]).replace("«", "").replace("»", "")

    @property
    def span(self) -> tuple[int, int]:
        """Where the number in question stands in `text`."""
        marked = str(self.stated["text"])
        return marked.index("«"), marked.index("»") - 1


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that does not come out, and what came out instead, a line a difference."""

    case: Case
    differences: tuple[str, ...]

    def __str__(self) -> str:
        case = self.case
        return f"{case.rule.file}: {case.name}: {case.stated['text']}: " + "; ".join(self.differences)


def cases(rules: RuleSet) -> Iterator[Case]:
    """Every example and counter-example, in the order of the rules."""
    for rule in rules.rules:
        for number, stated in enumerate(rule.examples, start=1):
            yield Case(rule, "example", number, dict(stated))
        for number, stated in enumerate(rule.counter, start=1):
            yield Case(rule, "counter", number, dict(stated))


def check(case: Case, *, pipeline: Analyser) -> Failure | None:
    """What is wrong with a case; None where all comes out as stated."""
    if case.rule.kind == "phrase":
        return _phrase(case)
    if unknown := [name for name in case.stated if name not in FIELDS]:
        return Failure(case, (f"unknown field {unknown[0]!r}; known are {', '.join(FIELDS)}",))
    records, rejections = pipeline.analyse(case.text, "")
    rejecting = [r.rule for r in rejections if _overlap(r, case.span) > 0]
    record = max((r for r in records if _overlap(r, case.span) > 0), key=lambda r: _overlap(r, case.span), default=None)
    differences = _rejection(case, record, rejecting) if case.rule.kind == "reject" else []
    differences += _claim(case, record, rejecting)
    return Failure(case, tuple(differences)) if differences else None


def failures(rules: RuleSet, *, pipeline: Analyser) -> list[Failure]:
    """All cases that do not come out, in the order of the rules."""
    checked = (check(case, pipeline=pipeline) for case in cases(rules))
    return [failure for failure in checked if failure is not None]


def _overlap(found: Record | Rejection, span: tuple[int, int]) -> int:
    return min(found.end, span[1]) - max(found.start, span[0])


def _phrase(case: Case) -> Failure | None:
    """What is wrong with an example of a phrase: the marked text must be matched, in a counter-example it must not."""
    pattern, (start, end) = compiled(case.rule), case.span
    if case.rule.body.get("whole"):
        found = pattern.fullmatch(case.text, start, end)
    elif case.rule.body.get("reverse"):
        found = pattern.match(case.text, 0, end)
    else:
        found = next((m for m in pattern.finditer(case.text) if m.start() < end and m.end() > start), None)
    if (found is not None) == (case.side == "example"):
        return None
    return Failure(case, ("not matched",) if found is None else (f"matched {found.group()!r}",))


def _rejection(case: Case, record: Record | None, rejecting: list[str]) -> list[str]:
    """What differs for a rule that turns numbers away."""
    if case.side == "counter":
        return ["rejected by this rule, which it must not be"] if case.rule.id in rejecting else []
    if record is not None:
        return [f"expected no claim, found {record.quantity!r}"]
    if case.rule.id not in rejecting:
        return [f"expected a rejection by this rule, found {_by(rejecting)}"]
    return []


def _claim(case: Case, record: Record | None, rejecting: list[str]) -> list[str]:
    """What differs in the claim of the number."""
    wanted = {name: value for name, value in case.stated.items() if name not in _CONTROL}
    if case.stated.get("none"):
        return [f"expected no claim, found {record.quantity!r}"] if record is not None else []
    if record is None:
        return [f"expected a claim, found none ({_by(rejecting)})"] if wanted else []
    found = [_difference(record, name, value) for name, value in wanted.items()]
    return [*filter(None, found), *_unnamed(case, record)]


def _by(rejecting: list[str]) -> str:
    return "rejection by " + ", ".join(rejecting) if rejecting else "no rejection"


def _difference(record: Record, name: str, wanted: Any) -> str:
    """How one field differs, "" where it does not."""
    found = _found(record, name)
    if name == "unit":
        same = found == wanted or unit_key(str(found)) == unit_key(str(wanted))
    elif isinstance(wanted, int | float) and isinstance(found, int | float):
        same = math.isclose(found, wanted, rel_tol=1e-6)
    else:
        same = found == wanted
    return "" if same else f"{name}: expected {wanted!r}, found {found!r}"


def _found(record: Record, name: str) -> Any:
    if name == "from":
        return record.from_.text if record.from_ else None
    if name == "from_value":
        return record.from_.value if record.from_ else None
    if name == "metric":
        return record.metric.text if record.metric else None
    return getattr(record, name)


def _unnamed(case: Case, record: Record) -> list[str]:
    """The complaint that an example's claim does not rest on the rule."""
    rule, fields = case.rule, _EVIDENCE.get(case.rule.kind, ())
    if case.side == "counter" or not fields:
        return []
    if rule.kind == "cue" and (rule.body["tag"] not in _DIRECTING or record.direction == "none"):
        return []
    seen = {name: record.evidence[name].rule for name in fields if name in record.evidence}
    if rule.id in seen.values():
        return []
    named = ", ".join(f"{name} by {by}" for name, by in seen.items()) or "no evidence of it"
    return [f"expected this rule in the evidence, found {named}"]
