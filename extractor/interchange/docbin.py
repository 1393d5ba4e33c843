"""spaCy DocBin: tokenised titles and abstracts with the labelled spans, to train entity recognisers on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.claims import Document
from extractor.interchange.graph import to_graph

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

# The key under which spaCy's span categoriser looks for its spans.
SPANS = "sc"


def write(documents: Iterable[Document], path: Path) -> int:
    """Write a DocBin with every title and abstract that holds a labelled span; returns how many docs it has."""
    import spacy
    from spacy.tokens import DocBin

    nlp = spacy.blank("en")
    docs = [doc for document in documents for doc in to_docs(document, nlp)]
    DocBin(docs=docs, store_user_data=True).to_disk(path)
    return len(docs)


def to_docs(document: Document, nlp: Language) -> Iterator[Doc]:
    """Title and abstract as docs, each where it holds a span; `user_data` names document and field.

    `spans["sc"]` has every span under its upper-case label, grown to whole tokens; `ents` has the longest of those that
    overlap, leftmost first. A phrase is labelled only where it belongs to a claim: what has no label is unknown.
    """
    from spacy.util import filter_spans

    nodes = to_graph(document).nodes
    for field, text in (("title", document.title), ("abstract", document.abstract)):
        doc = nlp.make_doc(text)
        found = dict.fromkeys((n.start, n.end, n.label.upper()) for n in nodes if n.text_field == field)
        spans: list[Any] = [doc.char_span(a, b, label=label, alignment_mode="expand") for a, b, label in found]
        spans = [span for span in spans if span is not None]
        if spans:
            doc.spans[SPANS] = spans
            doc.ents = filter_spans(spans)
            doc.user_data = {"id": document.id, "field": field}
            yield doc
