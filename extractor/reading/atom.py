"""Atom feeds, as arXiv's API answers them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from extractor.reading.dates import iso_date
from extractor.reading.identifiers import arxiv_id, doi
from extractor.reading.inputs import Entry, Input
from extractor.reading.problems import Problem, ReadingError

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_ROOT = re.compile(r"<(?:\w+:)?feed\b[^>]*http://www\.w3\.org/2005/Atom")
_CHUNK_BYTES = 1 << 16


class _Entries:
    """Parser target that builds a tree of one `entry` at a time, so that any feed fits in memory."""

    def __init__(self) -> None:
        self.done: list[tuple[int, Element]] = []
        self.parser = DefusedXMLParser(target=self)
        self._tree: TreeBuilder | None = None
        self._line = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == _ATOM + "entry":
            self._tree, self._line = TreeBuilder(), self.parser.parser.CurrentLineNumber
        if self._tree is not None:
            self._tree.start(tag, attributes)

    def data(self, data: str) -> None:
        if self._tree is not None:
            self._tree.data(data)

    def end(self, tag: str) -> None:
        if self._tree is not None:
            self._tree.end(tag)
            if tag == _ATOM + "entry":
                self.done.append((self._line, self._tree.close()))
                self._tree = None

    def close(self) -> None:
        """Nothing is left to hand over at the end."""


def sniff(source: Input) -> bool:
    """Whether the root is Atom's `feed`."""
    return source.start.lstrip().startswith("<") and bool(_ROOT.search(source.start))


def read(source: Input) -> Iterator[Entry | Problem]:
    """The entries of a feed, read piece by piece; entity declarations are refused, so that no bomb goes off.

    The white space around titles and abstracts is dropped, line breaks inside stay. The date is that of
    publication, which arXiv gives for the first version.
    """
    entries = _Entries()
    while True:
        chunk = source.stream.read(_CHUNK_BYTES)
        broken = _feed(entries.parser, chunk, source)
        for line, element in entries.done:
            yield _entry(source, element, line)
        entries.done.clear()
        if broken:
            yield broken
        if broken or not chunk:
            return


def _feed(parser: DefusedXMLParser, chunk: bytes, source: Input) -> Problem | None:
    """Parse a chunk (an empty one ends the feed); what was wrong with it if the XML is broken there."""
    try:
        if chunk:
            parser.feed(chunk)
        else:
            parser.close()
    except ParseError as error:
        return source.problem(error.position[0], f"broken XML, the rest is left out: {error}", "fetch the feed again")
    except DefusedXmlException as error:
        raise ReadingError(
            f"{source.name}: expected a plain Atom feed, found entity declarations, which can be an attack: "
            f"{error}; take the document type declaration out"
        ) from error
    return None


def _entry(source: Input, element: Element, line: int) -> Entry | Problem:
    address = _text(element, "id")
    if "arxiv.org/api/errors" in address:
        return source.problem(line, f"arXiv answered: {_text(element, 'summary')}", "correct the query")
    link = element.find(f"{_ATOM}link[@rel='alternate']")
    number = doi(_text(element, "doi", _ARXIV))
    return Entry(
        line=line,
        id=arxiv_id(address) or number,
        title=_text(element, "title"),
        abstract=_text(element, "summary") or _text(element, "content"),
        authors=[_text(author, "name") for author in element.findall(_ATOM + "author")],
        date=iso_date(_text(element, "published") or _text(element, "updated")),
        categories=[category.get("term", "") for category in element.findall(_ATOM + "category")],
        doi=number,
        url=address if link is None else link.get("href"),
    )


def _text(element: Element, tag: str, namespace: str = _ATOM) -> str:
    return (element.findtext(namespace + tag) or "").strip()
