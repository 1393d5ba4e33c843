"""A page of every error, to filter: one HTML file, without network, of abstracts with labels and predictions marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from extractor.claims import Claim, Document
from extractor.differences import Error, errors
from extractor.evaluation import Report
from extractor.highlight import Layer, layered
from extractor.matching import slot_mentions

_FILTERS = ("kind", "field", "type", "role")
_UNMATCHED = ("missing", "spurious")


@dataclass(frozen=True, slots=True)
class _Row:
    """One error as the page shows it; `marks` are the keys of its claims' marks."""

    label: str
    kind: str
    field: str
    type: str
    role: str
    quantity: str
    expected: str | None
    found: str | None
    rule: str | None
    marks: str


@dataclass(frozen=True, slots=True)
class _Shown:
    """A document that has errors: its abstract with the claims marked, and the errors."""

    id: str
    title: str
    text: Markup
    errors: list[_Row]


def page(gold: Sequence[Document], predicted: Sequence[Document], report: Report, *, title: str, version: str) -> str:
    """The page as HTML, over claims of all roles; `report` are the scores of the same documents.

    Raises ValueError as `extractor.evaluate` does.
    """
    texts = {document.id: document for document in gold}
    guessed = {document.id: document.claims for document in predicted}
    found = groupby(errors(gold, predicted, role=None), key=lambda error: error.document)
    documents = [_shown(texts[name], guessed.get(name, []), list(group)) for name, group in found]
    rows = [row for document in documents for row in document.errors]
    return _template().render(
        title=title,
        version=version,
        report=report,
        count=len(rows),
        documents=documents,
        choices={name: Counter(getattr(row, name) for row in rows).most_common() for name in _FILTERS},
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    loader = PackageLoader("extractor", "templates")
    return Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    ).get_template("errors.html")


def _shown(document: Document, predicted: Sequence[Claim], found: Sequence[Error]) -> _Shown:
    layers = [*_layers("gold", document.claims), *_layers("predicted", predicted)]
    rows = [_row(error, document.claims, predicted) for error in found]
    return _Shown(document.id, document.title, Markup(layered(document.abstract, layers)), rows)


def _layers(side: str, claims: Sequence[Claim]) -> Iterator[Layer]:
    for number, claim in enumerate(claims):
        key = _key(side, number)
        yield Layer(claim.start, claim.end, side, key)
        if claim.from_ is not None:
            yield Layer(claim.from_.start, claim.from_.end, "part", key)
        for slot, mention in slot_mentions(claim):
            if mention.field == "abstract":
                yield Layer(mention.start, mention.end, "part", f"{key}-{slot}")


def _key(side: str, number: int) -> str:
    return f"{side[0]}{number}"


def _row(error: Error, gold: Sequence[Claim], predicted: Sequence[Claim]) -> _Row:
    claim = error.gold or error.predicted
    assert claim is not None  # an error has one side at least
    kind = error.kind if error.kind in {*_UNMATCHED, "slot"} else "field"
    sides = (("gold", error.gold, gold), ("predicted", error.predicted, predicted))
    marks = [_key(side, number) for side, one, all in sides for number, c in enumerate(all) if c is one]
    marks += [f"{key}-{error.slot}" for key in marks if error.slot]
    name = error.slot or error.kind
    return _Row(
        label=f"{error.kind} {error.slot}" if error.slot else error.kind,
        kind=kind,
        field="" if error.kind in _UNMATCHED else name,
        type=claim.type,
        role=claim.role,
        quantity=claim.quantity,
        expected=error.expected,
        found=error.found,
        rule=_rule(error.predicted, name),
        marks=" ".join(marks),
    )


def _rule(predicted: Claim | None, name: str) -> str | None:
    cue = predicted.evidence.get(name) if predicted is not None else None
    return cue.rule if cue is not None else None
