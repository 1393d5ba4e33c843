"""A document's claims as a graph: spans of text with fields, and links from a quantity to the phrases of its slots.

Annotation tools hold spans and links between them. A phrase that several claims share is one span.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from extractor.claims import CLOSED_FIELDS, LIST_SLOTS, SLOTS, Claim, Document, Mention, OldLevel
from extractor.sentences import sentence_at

QUANTITY, OLD_LEVEL = "quantity", "old_level"
# What a span can be, in the order in which tools list it; the slots go by their names.
LABELS = (QUANTITY, OLD_LEVEL, *SLOTS)
# Fields of a quantity that are written out; the others take one of a few words.
NUMBERS = ("value", "low", "high", "spread")
PLAIN = (*NUMBERS, "unit")
# What the extractor says about its own claims; labels of a person have none of it.
MACHINE = ("sentence", "confidence", "evidence")


class InterchangeError(ValueError):
    """A file of another tool that cannot be read; the message says where and what was expected."""


@dataclass(slots=True)
class Node:
    """A span of the abstract or the title, with the fields of a claim where it is a quantity."""

    id: str
    label: str
    text_field: str
    start: int
    end: int
    text: str
    words: dict[str, str] = field(default_factory=dict)
    plain: dict[str, Any] = field(default_factory=dict)
    machine: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """From a quantity to its old level (label `from`) or to a phrase of one of its slots (the slot's name)."""

    label: str
    quantity: str
    phrase: str


@dataclass(slots=True)
class Graph:
    """The spans and links of one document, in the order of its claims."""

    nodes: list[Node] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


def to_graph(document: Document) -> Graph:
    """The claims of a document as spans and links."""
    graph = Graph()
    shared: dict[tuple[Any, ...], Node] = {}
    for claim in document.claims:
        quantity = _add(graph, _quantity(claim, document.abstract))
        if claim.from_ is not None:
            graph.links.append(Link("from", quantity.id, _shared(graph, shared, _old_level(claim.from_)).id))
        for slot in SLOTS:
            found = getattr(claim, slot)
            for mention in found if slot in LIST_SLOTS else [found] if found else []:
                graph.links.append(Link(slot, quantity.id, _shared(graph, shared, _phrase(slot, mention)).id))
    return graph


def _add(graph: Graph, node: Node) -> Node:
    node.id = f"T{len(graph.nodes) + 1}"
    graph.nodes.append(node)
    return node


def _shared(graph: Graph, shared: dict[tuple[Any, ...], Node], node: Node) -> Node:
    key = (node.label, node.text_field, node.start, node.end, *sorted(node.plain.items()))
    if key not in shared:
        shared[key] = _add(graph, node)
    return shared[key]


def _quantity(claim: Claim, abstract: str) -> Node:
    node = Node("", QUANTITY, "abstract", claim.start, claim.end, claim.quantity)
    node.words = {name: getattr(claim, name) for name in CLOSED_FIELDS if getattr(claim, name) is not None}
    node.plain = {name: getattr(claim, name) for name in PLAIN if getattr(claim, name) is not None}
    machine = claim.model_dump(mode="json", include=set(MACHINE), exclude_defaults=True)
    if machine.get("sentence") == list(sentence_at(abstract, claim.start)):
        del machine["sentence"]  # what loading works out again
    node.machine = machine
    return node


def _old_level(old: OldLevel) -> Node:
    node = Node("", OLD_LEVEL, "abstract", old.start, old.end, old.text)
    node.plain = {
        name: getattr(old, name) for name in ("value", "low", "high", "unit") if getattr(old, name) is not None
    }
    return node


def _phrase(slot: str, mention: Mention) -> Node:
    return Node("", slot, mention.field, mention.start, mention.end, mention.text)


def to_claims(graph: Graph) -> list[dict[str, Any]]:
    """The claims of a graph as plain data, one for each quantity, in the order of the nodes.

    Raises InterchangeError for a link that does not go from a quantity to a span of its own kind.
    """
    nodes = {node.id: node for node in graph.nodes}
    claims = {node.id: _claim(node) for node in graph.nodes if node.label == QUANTITY}
    for link in graph.links:
        phrase = nodes.get(link.phrase)
        if link.quantity not in claims or phrase is None or phrase.label != _label_of(link.label):
            raise InterchangeError(_no_link(link, nodes))
        if link.label == "from":
            place = {"text": phrase.text, "start": phrase.start, "end": phrase.end}
            claims[link.quantity]["from"] = place | phrase.plain
        else:
            _put(claims[link.quantity], link, phrase)
    return list(claims.values())


def _label_of(link: str) -> str:
    return OLD_LEVEL if link == "from" else link


def _claim(node: Node) -> dict[str, Any]:
    return {"quantity": node.text, "start": node.start, "end": node.end, **node.plain, **node.words, **node.machine}


def _put(claim: dict[str, Any], link: Link, node: Node) -> None:
    mention = {"text": node.text, "field": node.text_field, "start": node.start, "end": node.end}
    if link.label in LIST_SLOTS:
        claim.setdefault(link.label, []).append(mention)
    elif link.label in claim:
        raise InterchangeError(
            f"quantity {claim['quantity']!r} has two phrases as its {link.label}; expected one at most"
        )
    else:
        claim[link.label] = mention


def _no_link(link: Link, nodes: Mapping[str, Node]) -> str:
    ends = [
        f"{nodes[id].label} {nodes[id].text!r}" if id in nodes else "nothing" for id in (link.quantity, link.phrase)
    ]
    return (
        f"a link {link.label!r} goes from {ends[0]} to {ends[1]}; expected from a quantity to a {_label_of(link.label)}"
    )
