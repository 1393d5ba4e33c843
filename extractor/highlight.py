"""Text with spans marked by their type, for a terminal and for HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.text import Text

# Colours of the claim types, far enough apart on light and dark grounds.
COLOURS = {
    "speed": "#2a7de1",
    "quality": "#1a9850",
    "memory": "#8e44ad",
    "compute": "#d35400",
    "communication": "#008b9a",
    "energy": "#a67c00",
    "cost": "#c0392b",
    "reliability": "#c2185b",
    "scale": "#5d6d7e",
    "other": "#7f6a55",
}


class Span(NamedTuple):
    """text[start:end], in code points, and the type by which it is coloured."""

    start: int
    end: int
    type: str


def disjoint(spans: Iterable[Span]) -> list[Span]:
    """The spans in order; of two that overlap the earlier one stays, of two with one start the longer one."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if span.start < span.end and (not kept or kept[-1].end <= span.start):
            kept.append(span)
    return kept


def terminal(text: str, spans: Iterable[Span]) -> Text:
    """The text with its spans in bold, in the colour of their type."""
    from rich.text import Text

    marked = Text()
    for piece, kind in _pieces(text, disjoint(spans)):
        marked.append(piece, style=style(kind) if kind else "")
    return marked


def style(kind: str) -> str:
    """The rich style of a claim type."""
    return f"bold {COLOURS.get(kind, COLOURS['other'])} reverse"


def html(text: str, spans: Iterable[Span]) -> str:
    """The text as escaped HTML, each span in `<mark class="claim TYPE">`."""
    return "".join(
        f'<mark class="claim {escape(kind)}">{escape(piece)}</mark>' if kind else escape(piece)
        for piece, kind in _pieces(text, disjoint(spans))
    )


class Layer(NamedTuple):
    """text[start:end], in code points, with a CSS class and a key by which a script finds it; layers may overlap."""

    start: int
    end: int
    name: str
    key: str


def layered(text: str, layers: Iterable[Layer]) -> str:
    """The text as escaped HTML, each stretch under some layers in one `<mark>` with their classes and keys."""
    found = sorted(layers)
    bounds = sorted({0, len(text), *(b for layer in found for b in (layer.start, layer.end))})
    return "".join(_stretch(text, a, b, found) for a, b in pairwise(bounds))


def _stretch(text: str, start: int, end: int, layers: Sequence[Layer]) -> str:
    over = [layer for layer in layers if layer.start <= start and end <= layer.end]
    piece = escape(text[start:end])
    if not over:
        return piece
    names, keys = (" ".join(dict.fromkeys(names)) for names in zip(*((x.name, x.key) for x in over), strict=True))
    return f'<mark class="{escape(names)}" data-keys="{escape(keys)}">{piece}</mark>'


def _pieces(text: str, spans: Sequence[Span]) -> Iterator[tuple[str, str]]:
    """The text cut at the spans, each piece with its type, "" outside."""
    done = 0
    for start, end, kind in spans:
        if done < start:
            yield text[done:start], ""
        yield text[start:end], kind
        done = end
    if done < len(text):
        yield text[done:], ""
