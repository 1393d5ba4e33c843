"""Label Studio: tasks with their annotations, out and in, and the labelling configuration for a project.

The file is what Label Studio imports and what its JSON export gives (not JSON-MIN). Everything of a labelled document
is in it: spans are regions, fields are controls per region, slots are relations; what only the extractor says about
its claims (confidence, evidence) is the region's meta text. Further fields of a document stand in the task's data.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET  # written here, never read

from extractor.claims import CLOSED_FIELDS, Document
from extractor.interchange.graph import (
    LABELS,
    NUMBERS,
    OLD_LEVEL,
    QUANTITY,
    Graph,
    InterchangeError,
    Link,
    Node,
    to_claims,
    to_graph,
)

TASKS, CONFIGURATION = "tasks.json", "labelling-config.xml"
_LINKS = ("from", *(label for label in LABELS if label not in (QUANTITY, OLD_LEVEL)))
_REST = ("id", "title", "abstract", "claims")


def write(documents: Iterable[Document], folder: Path) -> None:
    """Write tasks and labelling configuration into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    tasks = [_task(document) for document in documents]
    (folder / TASKS).write_text(json.dumps(tasks, ensure_ascii=False, indent=1) + "\n", encoding="utf8")
    (folder / CONFIGURATION).write_text(configuration(), encoding="utf8")


def configuration() -> str:
    """The labelling configuration (XML) of a project whose tasks `write` makes."""
    view = ET.Element("View")
    relations = ET.SubElement(view, "Relations")
    for name in _LINKS:
        ET.SubElement(relations, "Relation", value=name)
    for name, labels in (
        ("title", [name for name in LABELS if name not in (QUANTITY, OLD_LEVEL)]),
        ("abstract", LABELS),
    ):
        control = ET.SubElement(view, "Labels", name=f"{name}_labels", toName=name)
        for label in labels:
            ET.SubElement(control, "Label", value=label)
        ET.SubElement(view, "Text", name=name, value=f"${name}")
    for name, choices in CLOSED_FIELDS.items():
        of_quantity: dict[str, Any] = {
            "perRegion": "true",
            "whenTagName": "abstract_labels",
            "whenLabelValue": QUANTITY,
        }
        ET.SubElement(view, "Header", value=name, **of_quantity)
        required = {} if name == "statistic" else {"required": "true"}
        options: dict[str, Any] = {"choice": "single-radio", "showInline": "true", **required, **of_quantity}
        control = ET.SubElement(view, "Choices", name=name, toName="abstract", **options)
        for choice in choices:
            ET.SubElement(control, "Choice", value=choice)
    of_number: dict[str, Any] = {
        "perRegion": "true",
        "whenTagName": "abstract_labels",
        "whenLabelValue": f"{QUANTITY},{OLD_LEVEL}",
    }
    for name in NUMBERS:
        ET.SubElement(view, "Header", value=name, **of_number)
        ET.SubElement(view, "Number", name=name, toName="abstract", **of_number)
    ET.SubElement(view, "Header", value="unit", **of_number)
    ET.SubElement(view, "TextArea", name="unit", toName="abstract", maxSubmissions="1", **of_number)
    ET.indent(view)
    return ET.tostring(view, encoding="unicode") + "\n"


def _task(document: Document) -> dict[str, Any]:
    rest = json.loads(document.to_json())
    data: dict[str, Any] = {"id": document.id, "title": document.title, "abstract": document.abstract}
    data["document"] = {name: value for name, value in rest.items() if name not in _REST}
    return {"data": data, "annotations": [{"result": list(_results(to_graph(document)))}]}


def _results(graph: Graph) -> Iterator[dict[str, Any]]:
    for node in graph.nodes:
        place = {"start": node.start, "end": node.end, "text": node.text}
        yield _region(node, f"{node.text_field}_labels", "labels", place | {"labels": [node.label]})
        for name, word in node.words.items():
            yield _region(node, name, "choices", place | {"choices": [word]})
        for name, value in node.plain.items():
            if name == "unit":
                yield _region(node, name, "textarea", place | {"text": [value]})
            else:
                yield _region(node, name, "number", place | {"number": value})
    for link in graph.links:
        ends = {"from_id": link.quantity, "to_id": link.phrase}
        yield {**ends, "type": "relation", "direction": "right", "labels": [link.label]}


def _region(node: Node, control: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    region = {"id": node.id, "from_name": control, "to_name": node.text_field, "type": kind, "value": value}
    if kind == "labels" and node.machine:
        region["meta"] = {"text": [json.dumps(node.machine, ensure_ascii=False)]}
    return region


def read(path: Path, *, on_problem: Callable[[str], object], annotator: str | None = None) -> Iterator[dict[str, Any]]:
    """The documents of a JSON export, as plain data still to be checked.

    `annotator` (Label Studio's number or e-mail address) chooses where a task has several annotations. A task that
    cannot be read is told to `on_problem` and left out. Raises InterchangeError where the file is no such export.
    """
    for number, task in enumerate(_tasks(path), start=1):
        data = task.get("data") if isinstance(task, dict) else None
        if not isinstance(data, dict) or not isinstance(data.get("abstract"), str):
            on_problem(
                f"{path}: task {number}: expected data with an abstract, as `extractor gold export` writes it "
                "and Label Studio's JSON export (not JSON-MIN) gives it back"
            )
            continue
        where = f"{path}: task {number} ({data.get('id')!r})"
        try:
            claims = to_claims(_graph(_annotation(task, annotator), data))
        except InterchangeError as error:
            on_problem(f"{where}: {error}")
        except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
            on_problem(f"{where}: a result is not as Label Studio writes it ({error!r})")
        else:
            names = {"id": data.get("id"), "title": data.get("title", ""), "abstract": data["abstract"]}
            yield {**(data.get("document") or {}), **names, "claims": claims}


def _tasks(path: Path) -> list[Any]:
    try:
        tasks = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise InterchangeError(f"{path}: expected a JSON export of Label Studio, found: {error}") from None
    if not isinstance(tasks, list):
        raise InterchangeError(f"{path}: expected a list of tasks, found {type(tasks).__name__}; export as JSON")
    return tasks


def _annotation(task: Mapping[str, Any], annotator: str | None) -> list[dict[str, Any]]:
    """The results of the one annotation that counts."""
    found = [one for one in task.get("annotations") or [] if not one.get("was_cancelled")]
    if annotator is not None:
        found = [one for one in found if annotator in _names(one.get("completed_by"))]
    found = [one for one in found if one.get("ground_truth")] or found
    if len(found) > 1:
        names = ", ".join(sorted({name for one in found for name in _names(one.get("completed_by"))}))
        raise InterchangeError(f"has {len(found)} annotations; choose one labeller with --annotator ({names})")
    return found[0]["result"] if found else []


def _names(completed_by: Any) -> list[str]:
    if isinstance(completed_by, dict):
        return [str(completed_by[key]) for key in ("id", "email") if key in completed_by]
    return [str(completed_by)]


def _graph(results: Iterable[Mapping[str, Any]], texts: Mapping[str, str]) -> Graph:
    nodes: dict[str, Node] = {}
    graph = Graph()
    for result in results:
        kind = result["type"]
        if kind == "relation":
            graph.links += [Link(label, result["from_id"], result["to_id"]) for label in result.get("labels") or []]
            continue
        node = nodes.setdefault(result["id"], Node(result["id"], "", "", 0, 0, ""))
        value = result["value"]
        if kind == "labels":
            _place(node, result, texts)
        elif kind == "choices":
            node.words[result["from_name"]] = value["choices"][0]
        elif kind == "number":
            node.plain[result["from_name"]] = value["number"]
        elif kind == "textarea":
            node.plain[result["from_name"]] = "".join(value["text"]).strip()
    graph.nodes = list(nodes.values())
    return graph


def _place(node: Node, result: Mapping[str, Any], texts: Mapping[str, str]) -> None:
    value, node.text_field = result["value"], result["to_name"]
    node.label = value["labels"][0]
    if node.label not in LABELS:
        raise InterchangeError(f"a region is labelled {node.label!r}; expected one of {', '.join(LABELS)}")
    node.start, node.end = _offsets(texts[node.text_field], value)
    node.text = texts[node.text_field][node.start : node.end]
    if node.label == QUANTITY:
        node.plain.setdefault("unit", "")  # an empty text is not kept by Label Studio
    meta = "".join((result.get("meta") or {}).get("text") or [])
    node.machine = json.loads(meta) if meta.startswith("{") else {}


def _offsets(text: str, value: Mapping[str, Any]) -> tuple[int, int]:
    """Offsets in code points; older versions of Label Studio count UTF-16 units, which the covered text shows."""
    start, end, covered = value["start"], value["end"], value.get("text")
    if covered is None or text[start:end] == covered:
        return start, end
    units = text.encode("utf-16-le")
    try:
        points = tuple(len(units[: 2 * offset].decode("utf-16-le")) for offset in (start, end))
    except UnicodeDecodeError:
        points = (0, 0)
    if text[points[0] : points[1]] == covered:
        return points[0], points[1]
    raise InterchangeError(
        f"a region at {start} to {end} says that it covers {covered!r}, but the text has {text[start:end]!r}"
    )
