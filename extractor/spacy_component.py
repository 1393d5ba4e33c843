"""The spaCy component `quantitative_claims`, which sets `doc._.claims` and the entities that claims speak of.

spaCy finds it through the package's entry point: `nlp.add_pipe("quantitative_claims")`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span

from extractor import pipeline
from extractor.claims import Claim
from extractor.matching import slot_mentions
from extractor.records import to_claim

# Where a document keeps its claims, as plain data, so that it travels between processes and into a DocBin; also the
# name of the span group with the entities.
_KEY = "quantitative_claims"
# What kind of entity the phrases of a slot are: a system, method, model or program is an ARTEFACT whatever its part.
ENTITY_LABELS = {
    "metric": "METRIC", "system": "ARTEFACT", "baseline": "ARTEFACT", "model": "ARTEFACT", "dataset": "DATASET",
    "task": "TASK", "hardware": "HARDWARE",
}  # fmt: skip


class QuantitativeClaims:
    """Finds the claims of each document's text; keeps no state between documents."""

    def __init__(self, rules: Sequence[str] = ()) -> None:
        self._pipeline = pipeline.default(tuple(Path(place) for place in rules))

    def __call__(self, doc: Doc) -> Doc:
        """The document, with `doc._.claims` and the span group `quantitative_claims` set."""
        claims = [to_claim(record) for record in self._pipeline.records(doc.text)]
        _set_claims(doc, claims)
        doc.spans[_KEY] = _entities(doc, claims)
        return doc


@Language.factory(_KEY, default_config={"rules": []}, assigns=["doc._.claims"])
def quantitative_claims(
    nlp: Language,  # noqa: ARG001 - spaCy gives both to every factory
    name: str,  # noqa: ARG001
    rules: list[str],
) -> QuantitativeClaims:
    """Make the component; `rules` are further rule directories or files, tried before the shipped rules."""
    return QuantitativeClaims(rules)


def _entities(doc: Doc, claims: Sequence[Claim]) -> list[Span]:
    """The phrases of the claims' slots as spans with their kind, each once, in order."""
    places = {
        (mention.start, mention.end, ENTITY_LABELS[slot])
        for claim in claims
        for slot, mention in slot_mentions(claim)
        if slot in ENTITY_LABELS and mention.field == "abstract"
    }
    spans = (doc.char_span(*place, alignment_mode="expand") for place in sorted(places))
    return [span for span in spans if span is not None]


def _get_claims(doc: Doc) -> list[Claim]:
    return [Claim.model_validate(claim) for claim in doc.user_data.get(_KEY, ())]


def _set_claims(doc: Doc, claims: Sequence[Claim]) -> None:
    doc.user_data[_KEY] = [claim.model_dump(mode="json", by_alias=True) for claim in claims]


if not Doc.has_extension("claims"):
    Doc.set_extension("claims", getter=_get_claims, setter=_set_claims)
