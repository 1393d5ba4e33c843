"""Label Studio, brat, DocBin and MeasEval: round trips, what other tools write, and clear refusals."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import spacy
from spacy.tokens import DocBin

from extractor import gold, pipeline, rules
from extractor.claims import CLOSED_FIELDS, Claim, Cue, Document, Mention
from extractor.evaluation import report
from extractor.interchange import InterchangeError, brat, docbin, label_studio, measeval

ROOT = Path(__file__).parent.parent
GOLD = [ROOT / "gold" / f"{name}.jsonl" for name in ("dev", "train")]

# Everything that makes offsets and links hard at once.
ODD = Document(
    id="cs/9901001",
    title="Foo:\n  A 𝛼-System",
    abstract="𝛼 😀 Foo cuts \\emph{latency} from 121.4%\nand 30.8% to 2.3\n% on A,\nA and B (± 0.1), 3-5 times.",
    authors=["A. N. Other"],
    date="1999-01",
    url="https://example.org/x",
)


def mention(text: str, *, field: str = "abstract", nth: int = 0) -> Mention:
    whole = ODD.abstract if field == "abstract" else ODD.title
    start = [match.start() for match in re.finditer(re.escape(text), whole)][nth]
    return Mention(text=text, field=field, start=start, end=start + len(text))  # type: ignore[arg-type]


def odd_claims() -> list[Claim]:
    at = mention("2.3\n%")
    common: dict[str, Any] = {
        "quantity": at.text, "start": at.start, "end": at.end, "value": 2.3, "unit": "%", "form": "level",
        "direction": "decrease", "type": "speed", "role": "result", "metric": mention("\\emph{latency}"),
        "system": mention("Foo", field="title"), "dataset": [mention("A,"), mention("A", nth=1), mention("B")],
    }  # fmt: skip
    olds = [{"text": m.text, "start": m.start, "end": m.end} for m in (mention("121.4%"), mention("30.8%"))]
    by_rule = Cue(rule="x", start=3, end=4)
    sentence = gold.locate("2.3", abstract=ODD.abstract, title="", anchor=(0, 1))
    assert sentence is not None
    first = Claim.model_validate({**common, "from": {**olds[0], "value": 121.4}, "spread": 0.1, "statistic": "mean"})
    second = Claim.model_validate({**common, "from": {**olds[1], "low": 30.8, "high": 31, "unit": "pp"}})
    at = mention("3-5 times")
    ratio: dict[str, Any] = {"quantity": at.text, "start": at.start, "end": at.end, "low": 3, "high": 5, "unit": "x"}
    third = Claim(**ratio, form="ratio", type="other", role="setup", confidence=0.5, evidence={"unit": by_rule})
    return [claim.model_copy(update={"sentence": (0, len(ODD.abstract))}) for claim in (first, second, third)]


def documents() -> list[Document]:
    odd = ODD.model_copy(update={"claims": odd_claims()})
    own = Document(id="own", title="Foo", abstract="Foo is up to 2.5x faster than Bar.\r\nIt uses 3 GB.")
    own.claims = pipeline.extract(own.abstract, own.title)
    assert own.claims[0].evidence
    return [odd, own, *(document for path in GOLD for document in gold.load(path))]


def resolved(found: Any) -> list[Document]:
    pairs = list(gold.resolve(enumerate(found, start=1), file="x"))
    assert [fault for _, faults in pairs for fault in faults] == []
    return [document for document, _ in pairs if document is not None]


def never(problem: str) -> None:
    pytest.fail(problem)


def test_label_studio_round_trip_loses_nothing(tmp_path: Path) -> None:
    label_studio.write(documents(), tmp_path)
    assert resolved(label_studio.read(tmp_path / "tasks.json", on_problem=never)) == documents()


def test_brat_round_trip_loses_nothing(tmp_path: Path) -> None:
    brat.write(documents(), tmp_path)
    assert resolved(brat.read(tmp_path, on_problem=never)) == documents()


# --- Label Studio ---------------------------------------------------------------------------------------------


def tasks(tmp_path: Path) -> list[dict[str, Any]]:
    label_studio.write([ODD.model_copy(update={"claims": odd_claims()})], tmp_path)
    return json.loads((tmp_path / "tasks.json").read_text(encoding="utf8"))


def read_tasks(tmp_path: Path, data: Any, **options: Any) -> tuple[list[Document], list[str]]:
    file = tmp_path / "export.json"
    file.write_text(json.dumps(data), encoding="utf8")
    problems: list[str] = []
    return resolved(label_studio.read(file, on_problem=problems.append, **options)), problems


def test_label_studio_configuration_names_every_control_of_the_tasks(tmp_path: Path) -> None:
    found = tasks(tmp_path)
    view = ET.parse(tmp_path / "labelling-config.xml").getroot()
    controls = {tag.get("name") for tag in view.iter() if tag.get("name")}
    results = [result for result in found[0]["annotations"][0]["result"] if result["type"] != "relation"]
    assert {result["from_name"] for result in results} <= controls
    labels = {tag.get("value") for tag in view.iter("Label")}
    assert {result["value"]["labels"][0] for result in results if result["type"] == "labels"} <= labels
    relations = {tag.get("value") for tag in view.iter("Relation")}
    assert {"from", "metric", "system", "dataset"} <= relations
    for name, words in CLOSED_FIELDS.items():
        (control,) = (tag for tag in view.iter("Choices") if tag.get("name") == name)
        assert tuple(choice.get("value") for choice in control) == words


def test_label_studio_offsets_in_utf16_are_understood(tmp_path: Path) -> None:
    found = tasks(tmp_path)
    expected, _ = read_tasks(tmp_path, found)
    for result in found[0]["annotations"][0]["result"]:
        if result["type"] == "labels" and result["to_name"] == "abstract":
            for end in ("start", "end"):
                before = ODD.abstract[: result["value"][end]]
                result["value"][end] = len(before.encode("utf-16-le")) // 2
    assert read_tasks(tmp_path, found) == (expected, [])


def test_label_studio_takes_the_chosen_annotator(tmp_path: Path) -> None:
    (task,) = tasks(tmp_path)
    mine = task["annotations"][0] | {"completed_by": {"id": 3, "email": "a@example.org"}}
    skipped = {"result": [], "completed_by": 5, "was_cancelled": True}
    task["annotations"] = [{"result": [], "completed_by": 4}, mine, skipped]
    found, problems = read_tasks(tmp_path, [task])
    assert (found, len(problems)) == ([], 1)
    assert "'cs/9901001'): has 2 annotations; choose one labeller with --annotator (3, 4, a@example.org)" in problems[0]
    for name, claims in (("3", 3), ("a@example.org", 3), ("4", 0)):
        ((document,), none) = read_tasks(tmp_path, [task], annotator=name)
        assert (len(document.claims), none) == (claims, [])


BROKEN_TASKS = {
    "no abstract": ([{"data": {"text": "x"}}], "task 1: expected data with an abstract"),
    "JSON-MIN": ([{"abstract": "x", "labels": []}], "not JSON-MIN"),
    "unknown label": (
        [{"data": {"id": "a", "abstract": "2x"}, "annotations": [{"result": [
            {"id": "1", "type": "labels", "from_name": "l", "to_name": "abstract",
             "value": {"start": 0, "end": 2, "text": "2x", "labels": ["Person"]}}]}]}],
        "a region is labelled 'Person'; expected one of quantity",
    ),
    "moved": (
        [{"data": {"id": "a", "abstract": "2x"}, "annotations": [{"result": [
            {"id": "1", "type": "labels", "from_name": "l", "to_name": "abstract",
             "value": {"start": 0, "end": 2, "text": "3x", "labels": ["quantity"]}}]}]}],
        "says that it covers '3x', but the text has '2x'",
    ),
    "odd result": (
        [{"data": {"id": "a", "abstract": "2x"}, "annotations": [{"result": [{"id": "1", "type": "labels"}]}]}],
        "task 1 ('a'): a result is not as Label Studio writes it (KeyError('value'))",
    ),
    "odd link": (
        [{"data": {"id": "a", "abstract": "2x"}, "annotations": [{"result": [
            {"type": "relation", "from_id": "1", "to_id": "2", "labels": ["metric"]}]}]}],
        "a link 'metric' goes from nothing to nothing; expected from a quantity to a metric",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "message"), BROKEN_TASKS.values(), ids=BROKEN_TASKS)
def test_broken_task_is_told_and_the_others_are_read(data: list[Any], message: str, tmp_path: Path) -> None:
    found, problems = read_tasks(tmp_path, [*data, *tasks(tmp_path)])
    assert [document.id for document in found] == [ODD.id]
    assert len(problems) == 1
    assert message in problems[0]


@pytest.mark.parametrize("text", ["{", '{"a": 1}'])
def test_no_export_of_label_studio_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(InterchangeError, match=r"x\.json: expected a "):
        list(label_studio.read(tmp_path / "x.json", on_problem=never))


# --- brat -----------------------------------------------------------------------------------------------------


def test_brat_files_are_as_brat_wants_them(tmp_path: Path) -> None:
    brat.write([ODD.model_copy(update={"claims": odd_claims()})], tmp_path)
    text = (tmp_path / "cs%2F9901001.txt").read_text(encoding="utf8")
    for line in (tmp_path / "cs%2F9901001.ann").read_text(encoding="utf8").splitlines():
        if line.startswith("T"):
            _, place, covered = line.split("\t")
            spans = [tuple(map(int, span.split())) for span in place.split(" ", 1)[1].split(";")]
            assert " ".join(text[start:end] for start, end in spans) == covered
            assert not any("\n" in text[start:end] for start, end in spans)
    configuration = (tmp_path / "annotation.conf").read_text(encoding="utf8")
    assert re.findall(r"^\[(\w+)\]$", configuration, re.M) == ["entities", "relations", "events", "attributes"]
    assert "type\tArg:quantity, Value:speed|quality|" in configuration


def brat_folder(tmp_path: Path, annotations: str, text: str = "Foo is 2.5x faster.") -> Path:
    (tmp_path / "a.txt").write_text(text, encoding="utf8")
    (tmp_path / "a.ann").write_text(annotations, encoding="utf8")
    return tmp_path


BY_HAND = """\
T1\tquantity 7 11\t2.5x
A1\tbound T1 exact
A2\tform T1 ratio
A3\tdirection T1 increase
A4\ttype T1 speed
A5\trole T1 result
#1\tAnnotatorNotes T1\t{"value": 2.5, "unit": "x"}
T2\tsystem 0 3\tFoo
#2\tAnnotatorNotes T2\tis that right?
R1\tsystem Arg1:T1 Arg2:T2\t
"""


def test_brat_folder_made_by_hand(tmp_path: Path) -> None:
    (document,) = resolved(brat.read(brat_folder(tmp_path, BY_HAND), on_problem=never))
    (claim,) = document.claims
    assert (document.id, document.title, claim.value, claim.system and claim.system.text) == ("a", "", 2.5, "Foo")


BROKEN_BRAT = {
    "no annotation": ("T1\tquantity\n", "a.ann: line 1: 'T1\\tquantity' is no annotation as brat writes it"),
    "moved": (BY_HAND.replace("7 11", "8 12"), "a.ann: line 1: 8 to 12 cover '.5x ', not '2.5x'"),
    "unknown label": (BY_HAND.replace("T2\tsystem", "T2\tperson"), "a.ann: line 8: 'person' is unknown"),
    "nothing to note": ("A1\tbound T1 exact\n", "a.ann: line 1: T1 is not annotated above"),
    "broken note": (BY_HAND.replace('"x"}', '"x"'), "a.ann: line 7: expected the note as JSON"),
    "link to nothing": (BY_HAND.replace("Arg2:T2", "Arg2:T9"), "a.ann: a link 'system' goes from quantity '2.5x' to"),
}


@pytest.mark.parametrize(("annotations", "message"), BROKEN_BRAT.values(), ids=BROKEN_BRAT)
def test_broken_brat_document_is_told_and_the_others_are_read(annotations: str, message: str, tmp_path: Path) -> None:
    brat_folder(tmp_path, annotations)
    (tmp_path / "b.txt").write_text("x")
    (tmp_path / "b.ann").write_text("")
    problems: list[str] = []
    assert [document.id for document in resolved(brat.read(tmp_path, on_problem=problems.append))] == ["b"]
    assert len(problems) == 1
    assert message in problems[0]


def test_brat_text_without_its_file_is_told(tmp_path: Path) -> None:
    brat_folder(tmp_path, BY_HAND)
    (tmp_path / "a.txt").unlink()
    problems: list[str] = []
    assert list(brat.read(tmp_path, on_problem=problems.append)) == []
    assert "a.txt: cannot be read: No such file" in problems[0]


def test_folder_without_annotations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InterchangeError, match=r"expected \.txt and \.ann files, found none"):
        list(brat.read(tmp_path, on_problem=never))


# --- DocBin ---------------------------------------------------------------------------------------------------


def test_docbin_holds_the_labelled_spans(tmp_path: Path) -> None:
    odd = ODD.model_copy(update={"claims": odd_claims()})
    assert docbin.write([odd, ODD], tmp_path / "x.spacy") == 2
    docs = list(DocBin().from_disk(tmp_path / "x.spacy").get_docs(spacy.blank("en").vocab))
    title, abstract = docs
    assert [(span.text, span.label_) for span in title.ents] == [("Foo", "SYSTEM")]
    assert (abstract.text, abstract.user_data) == (ODD.abstract, {"id": "cs/9901001", "field": "abstract"})
    labelled = {(span.text, span.label_) for span in abstract.spans["sc"]}
    assert {("2.3\n%", "QUANTITY"), ("121.4%", "OLD_LEVEL"), ("B", "DATASET")} <= labelled


# --- MeasEval -------------------------------------------------------------------------------------------------

HEADER = "docId\tannotSet\tannotType\tstartOffset\tendOffset\tannotId\ttext\tother\n"
TEXT = 'Foo takes about 13 kg of "bar" (5 to 10 mm or 2, 3 and 4 s, mean 7.5 ± 0.5 %) and several rests.'


def row(text: str, other: str = "", kind: str = "Quantity", name: str = "p1") -> str:
    start = TEXT.index(text)
    return f"{name}\t1\t{kind}\t{start}\t{start + len(text)}\tT1\t{text}\t{other}\n"


def measeval_folder(tmp_path: Path, *rows: str, texts: str = "text") -> Path:
    (tmp_path / "tsv").mkdir()
    (tmp_path / texts).mkdir(exist_ok=True)
    (tmp_path / "tsv" / "p1.tsv").write_text(HEADER + "".join(rows), encoding="utf8")
    (tmp_path / texts / "p1.txt").write_text(TEXT, encoding="utf8")
    return tmp_path / "tsv"


ROWS = (
    row("about 13 kg", '{"mods": ["IsApproximate"], "unit": "kg"}'),
    row('of "bar"', '{"HasQuantity": "T1"}', kind="MeasuredEntity"),
    row("5 to 10 mm", "{mods: [IsRange], unit: mm}"),  # as the format's own page writes it
    row("2, 3 and 4 s", '{"mods": ["IsList"], "unit": "s"}'),
    row("7.5 ± 0.5 %", '{"mods": ["IsMeanHasSD"], "unit": "%"}'),
    row("several"),
)


def test_measeval_quantities_are_claims(tmp_path: Path) -> None:
    unread: list[str] = []
    found = list(measeval.read(measeval_folder(tmp_path, *ROWS), rules.load(), on_unread=unread.append))
    (document,) = found
    assert (document.id, document.abstract) == ("p1", TEXT)
    assert [(c.quantity, c.value, c.low, c.high, c.unit, c.statistic) for c in document.claims] == [
        ("13 kg", 13, None, None, "kg", None),
        ("5 to 10 mm", None, 5, 10, "mm", None),
        ("2", 2, None, None, "s", None),
        ("3", 3, None, None, "s", None),
        ("4 s", 4, None, None, "s", None),
        ("7.5 ± 0.5 %", 7.5, None, None, "%", "mean"),
    ]
    assert unread == [f"{tmp_path}/tsv/p1.tsv:7: 'several' holds no number"]


def test_detection_on_measeval(tmp_path: Path) -> None:
    documents = list(measeval.read(measeval_folder(tmp_path, *ROWS), rules.load()))
    missed = documents[0].model_copy(update={"claims": documents[0].claims[1:]})
    detection = report(documents, [missed], resamples=0).all.detection
    assert (detection.true_positives, detection.predicted, detection.gold) == (5, 5, 6)


BROKEN_MEASEVAL = {
    "moved": (row("13 kg").replace("\t13 kg", "\t14 kg"), r"p1\.tsv:2: \d+ to \d+ cover '13 kg', not '14 kg'"),
    "columns": ("p1\t1\tQuantity\n", r"p1\.tsv:2: no startOffset; expected the columns docId, "),
    "offset": ("p1\t1\tQuantity\tx\t3\tT1\tFoo\t\n", r"p1\.tsv:2: expected offsets and a mapping"),
    "other": (row("13 kg", "[1]"), r"p1\.tsv:2: expected a mapping in `other`, found \[1\]"),
    "no text": (row("13 kg", name="p2"), r"no text p2\.txt beside the annotations; name its folder with --texts"),
}


@pytest.mark.parametrize(("line", "message"), BROKEN_MEASEVAL.values(), ids=BROKEN_MEASEVAL)
def test_broken_measeval_file_is_refused(line: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InterchangeError, match=message):
        list(measeval.read(measeval_folder(tmp_path, line), rules.load()))


def test_texts_of_measeval_may_lie_elsewhere(tmp_path: Path) -> None:
    folder = measeval_folder(tmp_path, ROWS[0], texts="elsewhere")
    (document,) = measeval.read(folder / "p1.tsv", rules.load(), texts=tmp_path / "elsewhere")
    assert len(document.claims) == 1
