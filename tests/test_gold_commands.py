"""Counts, splits, agreement and sealed files, as functions and as the commands `extractor gold` and `evaluate`."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from extractor import gold
from extractor.claims import Claim, Document
from extractor.cli import app
from extractor.contrast import contrast
from extractor.gold.agreement import agreement
from extractor.gold.splitting import part_of
from extractor.gold.statistics import statistics

ROOT = Path(__file__).parent.parent
ABSTRACT = "We present Foo. Foo is 2.5x faster than Bar and 30% smaller on 8 GPUs."
CLAIM = {
    "quantity": "2.5x", "value": 2.5, "unit": "x", "bound": "exact", "form": "ratio", "direction": "increase",
    "type": "speed", "role": "result", "metric": "faster", "system": "Foo", "baseline": ["Bar"],
}  # fmt: skip
SMALLER = CLAIM | {"quantity": "30%", "value": 30, "unit": "%", "form": "change", "type": "memory", "metric": "smaller"}
GPUS = {
    "quantity": "8", "value": 8, "unit": "gpu", "bound": "exact", "form": "level", "direction": "none",
    "type": "scale", "role": "setup", "metric": "GPUs",
}  # fmt: skip


def document(*claims: dict[str, Any], id: str = "a", **changes: Any) -> dict[str, Any]:
    return {"id": id, "title": "Foo: x", "abstract": ABSTRACT, "claims": list(claims), **changes}


def write(path: Path, *documents: dict[str, Any]) -> str:
    path.write_text("".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents), encoding="utf8")
    return str(path)


def load(tmp_path: Path, *documents: dict[str, Any], name: str = "x.jsonl") -> list[Document]:
    return gold.load(write(tmp_path / name, *documents))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def ok(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    return " ".join(re.sub(r"[│╭╰─╮╯]", " ", result.stderr).split())


# --- check, stats, split ----------------------------------------------------------------------------------------


def test_check_names_every_fault_and_fails(tmp_path: Path) -> None:
    broken = document(CLAIM | {"role": "reslt"}, SMALLER | {"quantity": "31%"}, id="b")
    file = write(tmp_path / "x.jsonl", document(CLAIM), broken)
    result = run("gold", "check", file)
    assert result.exit_code == 1
    assert (
        "document 'b' claim 1 ('2.5x'): role is \"reslt\"; expected one of result, background, setup" in result.stdout
    )
    assert "the nearest is 'result'" in result.stdout
    assert "claim 2 ('31%'): quantity is '31%', which does not occur" in result.stdout
    assert "1 sound documents, 1 claims, 2 faults" in result.stderr


def test_check_of_the_gold_of_this_repository() -> None:
    files = [file for file in sorted((ROOT / "gold").rglob("*.jsonl")) if file.parent.name != "entities"]
    assert {file.name for file in files} >= {"dev.jsonl", "train.jsonl", "test.jsonl"}
    ok("gold", "check", *map(str, files))


SPLITS = ("dev", "train", "extra", "validation", "test")


def test_no_document_is_in_two_splits_and_test_is_the_reserved_part() -> None:
    import hashlib

    ids = {name: [d.id for d in gold.load(ROOT / "gold" / f"{name}.jsonl")] for name in SPLITS}
    every = [id for of in ids.values() for id in of]
    assert len(every) == len(set(every))
    reserved = {name: [hashlib.sha256(id.encode()).hexdigest().endswith("0") for id in of] for name, of in ids.items()}
    assert all(reserved["test"])
    assert not any(reserved["extra"] + reserved["validation"])


def test_statistics(tmp_path: Path) -> None:
    moved = CLAIM | {
        "quantity": "8",
        "unit": "gpu",
        "from": "2.5x",
        "from_value": 2.5,
        "value": None,
        "low": 8,
        "high": 9,
    }
    documents = load(
        tmp_path,
        document(CLAIM, SMALLER, moved, date="2024-05", categories=["cs.DC", "cs.LG"]),
        document(id="b"),
    )
    found = statistics(documents)
    assert (found.documents, found.without_claims, found.claims, found.with_old_level, found.ranges) == (2, 1, 3, 1, 1)
    assert found.fields["type"]["speed"] == 2
    assert found.fields["form"] == {"ratio": 2, "change": 1, "share": 0, "level": 0}
    assert (found.slots["baseline"], found.slots["dataset"]) == ((3, 3), (0, 0))
    assert (found.years, found.categories) == ({"2024": 1, "unknown": 1}, {"cs.DC": 1, "unknown": 1})


def test_stats_command(tmp_path: Path) -> None:
    file = write(tmp_path / "x.jsonl", document(CLAIM, GPUS))
    shown = ok("gold", "stats", file)
    assert re.search(r"^ setup\s+1\s*$", shown, re.M)
    assert json.loads(ok("gold", "stats", file, "--json"))[file]["claims"] == 2


def test_split_keeps_every_line_and_no_document_moves(tmp_path: Path) -> None:
    lines = [json.dumps(document(CLAIM, id=f"d{n}", title="Ünï\u2028code"), ensure_ascii=False) for n in range(200)]
    (tmp_path / "x.jsonl").write_text("\n".join(lines), encoding="utf8")
    (tmp_path / "y.jsonl").write_text("\n".join(lines[:50]), encoding="utf8")
    for name in ("x", "y"):
        ok(
            "gold",
            "split",
            str(tmp_path / f"{name}.jsonl"),
            "-o",
            str(tmp_path / name),
            "--part",
            "a=3",
            "--part",
            "b=1",
        )
    parts = {
        name: {part: (tmp_path / name / f"{part}.jsonl").read_text("utf8").split("\n")[:-1] for part in "ab"}
        for name in "xy"
    }
    assert sorted(parts["x"]["a"] + parts["x"]["b"]) == sorted(lines)
    assert 30 <= len(parts["x"]["b"]) <= 70
    assert all(set(parts["y"][part]) == set(parts["x"][part]) & set(lines[:50]) for part in "ab")


def test_seed_gives_another_split() -> None:
    shares = {"a": 1.0, "b": 1.0}
    parts = [[part_of(str(n), shares, seed=seed) for n in range(50)] for seed in ("", "1")]
    assert parts[0] != parts[1]
    assert {part_of(str(n), {"a": 0, "b": 1}) for n in range(50)} == {"b"}


SPLIT_REFUSED = {
    "no share": (("--part", "train"), "--part is 'train'; expected NAME=SHARE such as train=80"),
    "no number": (("--part", "train=x"), "expected NAME=SHARE"),
    "a path": (("--part", "../x=1"), "the name without folders"),
    "nothing": (("--part", "a=0"), "expected numbers from 0 up, one of them above 0"),
    "is there": (("--part", "x=1"), "x.jsonl is there already; remove it or name another folder"),
}


@pytest.mark.parametrize(("arguments", "message"), SPLIT_REFUSED.values(), ids=SPLIT_REFUSED)
def test_split_refuses(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    file = write(tmp_path / "x.jsonl", document(CLAIM))
    assert message in refused("gold", "split", file, "-o", str(tmp_path), *arguments)


# --- agree --------------------------------------------------------------------------------------------------------


def test_agreement_is_worked_out_by_hand(tmp_path: Path) -> None:
    one = load(tmp_path, document(CLAIM, SMALLER, GPUS), name="one.jsonl")
    other = load(tmp_path, document(CLAIM, SMALLER | {"type": "scale"}, GPUS), name="other.jsonl")
    found = agreement(one, other, resamples=0)
    assert found.scores.all.record.f1 == pytest.approx(2 / 3)
    # Types speed, memory, scale against speed, scale, scale: 2 of 3 the same, (1 + 0 + 2)/9 by chance.
    assert found.kappa["type"] == pytest.approx((2 / 3 - 3 / 9) / (1 - 3 / 9))
    assert found.kappa["role"] == pytest.approx(1.0)
    assert found.kappa["bound"] is None


def test_agree_command(tmp_path: Path) -> None:
    one = write(tmp_path / "one.jsonl", document(CLAIM, GPUS))
    other = write(tmp_path / "other.jsonl", document(CLAIM | {"type": "cost"}, GPUS))
    shown = ok("gold", "agree", one, other, "--differences")
    assert re.search(r"a\s+2\.5x\s+type\s+speed\s+cost", shown)
    assert "differences" not in json.loads(ok("gold", "agree", one, other, "--json"))


DIFFERENT = {
    "other document": (document(id="b"), "document 'a' is not in the second labelling"),
    "other text": (document(title="Bar"), "document 'a' has another title or abstract in the second labelling"),
}


@pytest.mark.parametrize(("other", "message"), DIFFERENT.values(), ids=DIFFERENT)
def test_agreement_needs_the_same_documents(other: dict[str, Any], message: str, tmp_path: Path) -> None:
    files = write(tmp_path / "one.jsonl", document()), write(tmp_path / "other.jsonl", other)
    assert message in refused("gold", "agree", *files)


# --- export and import ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("to", "back"), [("label-studio", "tasks.json"), ("brat", ".")])
def test_exported_file_comes_back(to: str, back: str, tmp_path: Path) -> None:
    file = write(tmp_path / "x.jsonl", document(CLAIM, SMALLER, GPUS, date="2024"), document(id="b/1"))
    ok("gold", "export", file, "--to", to, "-o", str(tmp_path / "out"))
    ok("gold", "import", str(tmp_path / "out" / back), "-o", str(tmp_path / "y.jsonl"))
    assert gold.load(tmp_path / "y.jsonl") == gold.load(file)


def test_import_leaves_out_a_document_with_a_fault_and_says_so(tmp_path: Path) -> None:
    file = write(tmp_path / "x.jsonl", document(CLAIM), document(CLAIM, id="b"))
    ok("gold", "export", file, "--to", "label-studio", "-o", str(tmp_path))
    tasks = json.loads((tmp_path / "tasks.json").read_text())
    for result in tasks[0]["annotations"][0]["result"]:
        if result.get("from_name") == "role":
            result["value"]["choices"] = ["outcome"]
    (tmp_path / "tasks.json").write_text(json.dumps(tasks))
    result = run("gold", "import", str(tmp_path / "tasks.json"), "-o", str(tmp_path / "y.jsonl"))
    assert result.exit_code == 1
    assert "document 'a' claim 1 ('2.5x'): role is \"outcome\"; expected one of" in result.stderr
    assert [document.id for document in gold.load(tmp_path / "y.jsonl")] == ["b"]


INTERCHANGE_REFUSED = {
    "format": (("export", "x.jsonl", "--to", "brta", "-o", "out"), "found 'brta', expected one of"),
    "source": (("import", "missing", "-o", "y.jsonl"), "missing: no such file or folder; check the path"),
    "annotator": (("import", ".", "-o", "y.jsonl", "--annotator", "3"), "--annotator goes with Label Studio"),
    "target": (("export", "x.jsonl", "--to", "docbin", "-o", "no/x.spacy"), "no/x.spacy: cannot be written"),
}


@pytest.mark.parametrize(("arguments", "message"), INTERCHANGE_REFUSED.values(), ids=INTERCHANGE_REFUSED)
def test_interchange_refuses(
    arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "x.jsonl", document(CLAIM))
    assert message in refused("gold", *arguments)


# --- evaluate: sealed files, two predictions, a page, MeasEval ------------------------------------------------


@pytest.fixture
def sealed(tmp_path: Path) -> str:
    (tmp_path / "sealed.json").write_text('{"test.jsonl": "looks.csv"}')
    return write(tmp_path / "test.jsonl", document(CLAIM, SMALLER))


def test_sealed_file_shows_figures_and_logs_the_look(sealed: str, tmp_path: Path) -> None:
    for _ in range(2):
        result = run("evaluate", sealed, sealed)
        assert "is sealed: this look is logged in" in result.stderr
    rows = list(csv.DictReader((tmp_path / "looks.csv").open()))
    assert [(row["predictions"], row["result_record"]) for row in rows] == [("test.jsonl", "1.0000")] * 2
    other = write(tmp_path / "open.jsonl", document(CLAIM))
    assert "sealed" not in run("evaluate", other, other).stderr


@pytest.mark.parametrize("option", [("--errors",), ("--html", "page.html")])
def test_errors_of_a_sealed_file_are_not_shown(sealed: str, option: tuple[str, ...]) -> None:
    assert "is sealed: only figures over all of it are shown" in refused("evaluate", sealed, *option)
    assert "is sealed" in refused("gold", "agree", sealed, sealed, "--differences")


def test_compared_predictions_of_a_sealed_file_list_no_claim(sealed: str, tmp_path: Path) -> None:
    other = write(tmp_path / "other.jsonl", document(CLAIM))
    assert "claims that only one side gets" not in ok("evaluate", sealed, sealed, other)
    assert "one_sided" not in json.loads(ok("evaluate", sealed, sealed, other, "--json"))["all"]
    looks = [row["predictions"] for row in csv.DictReader((tmp_path / "looks.csv").open())]
    assert looks == ["test.jsonl", "other.jsonl"] * 2


@pytest.mark.parametrize("text", ["{", "[]", '{"test.jsonl": 1}'])
def test_broken_seal_is_refused(text: str, sealed: str, tmp_path: Path) -> None:
    (tmp_path / "sealed.json").write_text(text)
    assert "sealed.json: expected" in refused("evaluate", sealed)


def test_contrast_is_worked_out_by_hand(tmp_path: Path) -> None:
    labelled = load(tmp_path, document(CLAIM, SMALLER, GPUS), document(CLAIM, id="b"))
    first = load(tmp_path, document(CLAIM, SMALLER | {"type": "cost"}), document(CLAIM, id="b"), name="first.jsonl")
    second = load(tmp_path, document(CLAIM, SMALLER, GPUS), document(id="b"), name="second.jsonl")
    found = contrast(labelled, first, second, role=None)
    record = found.scores["record"]
    assert (record.first, record.second) == (pytest.approx(2 * 2 / 7), pytest.approx(2 * 3 / 7))
    assert record.difference == pytest.approx(2 / 7)
    assert found.fields["type"].first == pytest.approx(2 / 3)
    sides = [(one.document, one.claim.quantity, one.first, one.missed) for one in found.one_sided]
    assert sides == [("a", "30%", False, "record"), ("a", "8", False, "detection"), ("b", "2.5x", True, "detection")]


def test_contrast_of_the_same_predictions_is_nothing(tmp_path: Path) -> None:
    labelled = load(tmp_path, document(CLAIM, SMALLER), document(CLAIM, id="b"))
    found = contrast(labelled, labelled, labelled)
    assert found.one_sided == []
    assert {(of.difference, of.interval, of.better) for of in found.scores.values()} == {(0.0, (0.0, 0.0), 0.5)}


def test_interval_of_a_contrast_is_paired(tmp_path: Path) -> None:
    """Both miss the same half of the documents, so that only the one claim more moves the difference."""
    labelled = load(tmp_path, *(document(CLAIM, SMALLER, id=str(n)) for n in range(40)))
    first = load(tmp_path, *(document(CLAIM, id=str(n)) for n in range(20)), name="first.jsonl")
    second = [one.model_copy(update={"claims": labelled[0].claims}) for one in first]
    low, high = contrast(labelled, first, second).scores["record"].interval or (0, 0)
    assert 0 < low < high < 0.6


def test_two_predictions_are_compared_in_a_table(tmp_path: Path) -> None:
    files = write(tmp_path / "gold.jsonl", document(CLAIM, SMALLER)), write(tmp_path / "first.jsonl", document(CLAIM))
    shown = ok("evaluate", *files, files[0])
    assert "role result: 1 documents, 2 gold claims" in shown
    assert re.search(r"a\s+30%\s+second\s+does not find it", shown)
    data = json.loads(ok("evaluate", *files, files[0], "--json"))
    assert data["result"]["one_sided"][0]["claim"]["quantity"] == "30%"
    assert "leave out --errors" in refused("evaluate", *files, files[0], "--errors")


def test_page_of_errors_is_written(tmp_path: Path) -> None:
    file = write(tmp_path / "gold.jsonl", document(CLAIM, SMALLER))
    ok("evaluate", file, "--html", str(tmp_path / "page.html"))
    assert "gold.jsonl: extraction errors" in (tmp_path / "page.html").read_text(encoding="utf8")


def test_measeval_is_scored_for_detection(tmp_path: Path) -> None:
    text = "The bed inventory was 13 kg, at concentrations below 2 ppm."
    (tmp_path / "p.txt").write_text(text)
    rows = ["docId annotSet annotType startOffset endOffset annotId text other".split()]
    for quantity, unit in (("13 kg", "kg"), ("2 ppm", "ppm")):
        start = text.index(quantity)
        other = json.dumps({"unit": unit})
        rows.append(["p", "1", "Quantity", str(start), str(start + len(quantity)), "T1", quantity, other])
    (tmp_path / "p.tsv").write_text("".join("\t".join(row) + "\n" for row in rows))
    data = json.loads(ok("evaluate", str(tmp_path / "p.tsv"), "--json"))
    assert (data["documents"], data["detection"]["gold"], data["detection"]["true_positives"]) == (1, 2, 2)
    shown = ok("evaluate", str(tmp_path))
    assert "quantities: 1 documents, 2 gold claims, 2 predicted" in shown
    assert "record" not in shown
    assert "scored for detection alone" in refused("evaluate", str(tmp_path), "--errors")
    assert "--texts goes with MeasEval" in refused("evaluate", str(tmp_path / "x.jsonl"), "--texts", str(tmp_path))


def test_line_of_a_document_loads_as_the_document(tmp_path: Path) -> None:
    (one,) = load(tmp_path, document(CLAIM, SMALLER, GPUS, date="2024-05"))
    (tmp_path / "y.jsonl").write_text(gold.to_line(one) + "\n", encoding="utf8")
    assert gold.load(tmp_path / "y.jsonl") == [one]
    assert "confidence" not in gold.to_line(one)
    assert Claim.model_validate(json.loads(gold.to_line(one))["claims"][0]) == one.claims[0]
