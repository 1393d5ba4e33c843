"""brat: a folder of texts with their standoff annotations, out and in, and its annotation configuration.

Of each document there is a text (title, line break, abstract) and its annotations; `documents.jsonl` beside them
holds ids and further fields. Fields with a closed set of values are attributes, slots are relations, and what is
written out (value, unit, …) is the note of a quantity, as JSON. A span over a line break is written in fragments, as
brat wants it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from extractor.claims import CLOSED_FIELDS, Document
from extractor.interchange.graph import (
    LABELS,
    OLD_LEVEL,
    PLAIN,
    QUANTITY,
    Graph,
    InterchangeError,
    Link,
    Node,
    to_claims,
    to_graph,
)

DOCUMENTS, CONFIGURATION = "documents.jsonl", "annotation.conf"
_WHITE = re.compile(r"\s")
_LINE = re.compile(
    r"(?P<id>[TRA#]\d+)\t"
    r"(?:(?P<label>\w+) (?P<spans>\d+ \d+(?:;\d+ \d+)*)\t(?P<text>.*)"
    r"|(?P<relation>\w+) Arg1:(?P<one>T\d+) Arg2:(?P<other>T\d+)\s*"
    r"|(?P<attribute>\w+) (?P<of>T\d+) (?P<word>\S+)"
    r"|AnnotatorNotes (?P<noted>T\d+)\t(?P<note>.*))"
)


def write(documents: Iterable[Document], folder: Path) -> None:
    """Write texts, annotations and configuration into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / DOCUMENTS).open("w", encoding="utf8", newline="") as listed:
        for document in documents:
            name = quote(document.id, safe=" ")
            _write(folder / f"{name}.txt", f"{document.title}\n{document.abstract}")
            lines = _lines(to_graph(document), document)
            _write(folder / f"{name}.ann", "".join(line + "\n" for line in lines))
            listed.write(document.model_copy(update={"claims": []}).to_json() + "\n")
    _write(folder / CONFIGURATION, configuration())


def _write(path: Path, text: str) -> None:
    # Line ends stay as they are: offsets count them.
    path.write_text(text, encoding="utf8", newline="")


def configuration() -> str:
    """The annotation configuration of a folder that `write` makes."""
    attributes = [f"{name}\tArg:{QUANTITY}, Value:{'|'.join(words)}" for name, words in CLOSED_FIELDS.items()]
    slots = [label for label in LABELS if label not in (QUANTITY, OLD_LEVEL)]
    relations = [f"from\tArg1:{QUANTITY}, Arg2:{OLD_LEVEL}", *(f"{s}\tArg1:{QUANTITY}, Arg2:{s}" for s in slots)]
    # Two claims may stand on one span (`from 121.4% and 30.8% to 2.3%`), and a phrase may fill two slots.
    overlap = ["<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>"]
    parts = {"entities": LABELS, "relations": [*overlap, *relations], "events": [], "attributes": attributes}
    return "\n".join(f"[{name}]\n" + "".join(f"{line}\n" for line in lines) for name, lines in parts.items())


def _lines(graph: Graph, document: Document) -> Iterator[str]:
    texts = {"title": (document.title, 0), "abstract": (document.abstract, len(document.title) + 1)}
    attributes = 0
    for node in graph.nodes:
        text, offset = texts[node.text_field]
        yield f"{node.id}\t{node.label} {_fragments(text, node, offset)}\t{_WHITE.sub(' ', node.text)}"
        for name, word in node.words.items():
            attributes += 1
            yield f"A{attributes}\t{name} {node.id} {word}"
        note = node.plain | node.machine
        if note:
            yield f"#{node.id[1:]}\tAnnotatorNotes {node.id}\t{json.dumps(note, ensure_ascii=False)}"
    for number, link in enumerate(graph.links, start=1):
        yield f"R{number}\t{link.label} Arg1:{link.quantity} Arg2:{link.phrase}"


def _fragments(text: str, node: Node, offset: int) -> str:
    pieces = [
        (m.start() + offset, m.end() + offset)
        for m in re.finditer(r"[^\r\n]+", text[: node.end])
        if m.end() > node.start
    ]
    pieces[0] = (node.start + offset, pieces[0][1])
    return ";".join(f"{start} {end}" for start, end in pieces)


def read(folder: Path, *, on_problem: Callable[[str], object]) -> Iterator[dict[str, Any]]:
    """The documents of a folder, as plain data still to be checked.

    Without `documents.jsonl`, a text is an abstract without title whose id is the file's name. A document that cannot
    be read is told to `on_problem`, with file and line, and left out. Raises InterchangeError where there is none at
    all.
    """
    documents = list(_listed(folder))
    if not documents:
        raise InterchangeError(f"{folder}: expected .txt and .ann files, found none; name the folder that holds them")
    for document in documents:
        try:
            yield _read(folder, document)
        except (InterchangeError, UnicodeDecodeError) as error:
            on_problem(str(error))
        except OSError as error:
            on_problem(f"{error.filename}: cannot be read: {error.strerror}")


def _read(folder: Path, document: dict[str, Any]) -> dict[str, Any]:
    name = quote(str(document["id"]), safe=" ")
    title = f"{document['title']}\n" if "title" in document else ""
    with (folder / f"{name}.txt").open(encoding="utf8", newline="") as stream:
        text = stream.read()
    if not text.startswith(title):
        raise InterchangeError(f"{folder / name}.txt: expected to begin with the title {document['title']!r}")
    annotations = folder / f"{name}.ann"
    try:
        claims = to_claims(_graph(annotations, text, len(title)))
    except InterchangeError as error:
        raise InterchangeError(f"{annotations}: {error}") from None
    return {**document, "abstract": text[len(title) :], "claims": claims}


def _listed(folder: Path) -> Iterator[dict[str, Any]]:
    if (folder / DOCUMENTS).is_file():
        for line in (folder / DOCUMENTS).read_text(encoding="utf8").split("\n"):
            if line.strip():
                yield json.loads(line)
        return
    for path in sorted(folder.glob("*.ann")):
        yield {"id": path.stem}


def _graph(path: Path, text: str, title: int) -> Graph:
    nodes: dict[str, Node] = {}
    graph = Graph()
    for number, line in enumerate(path.read_text(encoding="utf8").split("\n"), start=1):
        match = _LINE.fullmatch(line.rstrip("\r"))
        if match is None:
            if line.strip():
                raise InterchangeError(f"line {number}: {line[:60]!r} is no annotation as brat writes it")
        elif match["label"]:
            nodes[match["id"]] = _node(match, text, title, number)
        elif match["relation"]:
            graph.links.append(Link(match["relation"], match["one"], match["other"]))
        elif (of := match["of"] or match["noted"]) not in nodes:
            raise InterchangeError(f"line {number}: {of} is not annotated above")
        elif match["of"]:
            nodes[match["of"]].words[match["attribute"]] = match["word"]
        else:
            _put_note(nodes[match["noted"]], match["note"], number)
    graph.nodes = list(nodes.values())
    return graph


def _node(match: re.Match[str], text: str, title: int, number: int) -> Node:
    offsets = [int(offset) for offset in re.findall(r"\d+", match["spans"])]
    start, end = min(offsets), max(offsets)
    if match["label"] not in LABELS:
        raise InterchangeError(f"line {number}: {match['label']!r} is unknown; expected one of {', '.join(LABELS)}")
    if "".join(text[start:end].split()) != "".join(match["text"].split()):
        raise InterchangeError(f"line {number}: {start} to {end} cover {text[start:end]!r}, not {match['text']!r}")
    field, offset = ("title", 0) if end <= title else ("abstract", title)
    return Node(match["id"], match["label"], field, start - offset, end - offset, text[start:end])


def _put_note(node: Node, note: str, number: int) -> None:
    """The values in a note; a note of another kind is a labeller's remark."""
    if not note.startswith("{"):
        return
    try:
        values = json.loads(note)
    except ValueError as error:
        raise InterchangeError(
            f'line {number}: expected the note as JSON, such as {{"value": 2.5}}, found: {error}'
        ) from None
    node.plain |= {name: value for name, value in values.items() if name in PLAIN}
    node.machine |= {name: value for name, value in values.items() if name not in PLAIN}
