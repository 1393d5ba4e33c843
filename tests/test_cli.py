"""The commands as users run them, as processes of their own where the system around them matters."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from extractor import __version__, extract, pipeline
from extractor.claims import Document
from extractor.cli import app
from extractor.tables import COLUMNS

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.txt"))
FEED = str(next(path for path in EXAMPLES if path.name == "feed-agarwal.txt"))
COMMAND = [sys.executable, "-c", "from extractor.cli import main; main()"]

FAST = "We present Foo. Foo is 2.5x faster than Bar."
OWN_RULE = """\
grammar: Numbers that are no quantities.
kind: reject
rules:
  - id: own-code
    says: Codes of the house.
    before: 'code '
    examples: [{text: 'code «7%» here'}]
    counter: [{text: 'a rate of «7%»'}]
"""


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=stdin)


def ok(*arguments: str, stdin: str | None = None) -> Result:
    result = run(*arguments, stdin=stdin)
    assert result.exit_code == 0, result.output
    return result


def refused(*arguments: str, stdin: str | None = None) -> str:
    """What a refusal says, white space and frames taken together."""
    result = run(*arguments, stdin=stdin)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.stderr
    return " ".join(re.sub(r"[│╭╰─╮╯]", " ", result.stderr).split())


def process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, timeout=60, check=False, **options)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def jsonl(path: Path, *documents: dict[str, Any] | str) -> str:
    lines = [line if isinstance(line, str) else json.dumps(line) for line in documents]
    path.write_text("\n".join(lines) + "\n", encoding="utf8")
    return str(path)


@pytest.fixture
def papers(tmp_path: Path) -> str:
    """Three documents, the second broken."""
    return jsonl(
        tmp_path / "papers.jsonl",
        {"id": "a", "title": "Foo: x", "abstract": FAST},
        "{broken",
        {"id": "c", "title": "Baz", "abstract": "In this paper, Baz cuts memory by 30% over Qux."},
    )


# --- extract ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_example_page_gives_the_same_claims_in_all_formats(path: Path, tmp_path: Path) -> None:
    targets = [tmp_path / f"claims{suffix}" for suffix in (".csv", ".jsonl", ".parquet")]
    for target in targets:
        ok("extract", str(path), "-o", str(target))
    table = rows(targets[0].read_bytes().decode("utf8"))
    documents = [Document.model_validate_json(line) for line in targets[1].read_text(encoding="utf8").splitlines()]
    parquet = pq.read_table(targets[2]).to_pylist()
    claims = [(d.id, c.quantity, c.start) for d in documents for c in d.claims]
    assert len(claims) > 10
    assert [(r["id"], r["quantity"], r["start"]) for r in parquet] == claims
    assert [(r["id"], int(r["start"]), int(r["end"])) for r in table] == [
        (r["id"], r["start"], r["end"]) for r in parquet
    ]
    assert list(table[0]) == list(COLUMNS)
    assert all(d.abstract[c.start : c.end] == c.quantity for d in documents for c in d.claims)


def test_claims_of_less_than_the_least_confidence_are_left_out(tmp_path: Path) -> None:
    found = []
    for floor in ("0", "0.8"):
        target = tmp_path / f"{floor}.csv"
        ok("extract", FEED, "--min-confidence", floor, "-o", str(target))
        found.append(rows(target.read_bytes().decode("utf8")))
    every, sure = found
    assert 0 < len(sure) < len(every)
    assert [row for row in every if float(row["confidence"]) >= 0.8] == sure
    assert "less than or equal to 1" in refused("extract", FEED, "--min-confidence", "1.5")


def test_evaluation_shows_how_far_confidence_can_be_trusted(tmp_path: Path) -> None:
    gold = str(Path(__file__).parent.parent / "gold" / "dev.jsonl")
    shown = ok("evaluate", gold).stdout
    assert "records by confidence" in shown
    assert "record by --min-confidence" in shown
    data = json.loads(ok("evaluate", gold, "--json").stdout)
    assert sum(one["claims"] for one in data["reliability"]) == data["floors"][0]["kept"]
    unsure = tmp_path / "plain.jsonl"
    documents = [json.loads(line) for line in Path(gold).read_text(encoding="utf8").splitlines()]
    unsure.write_text("\n".join(map(json.dumps, documents)) + "\n", encoding="utf8")
    assert "confidence" not in ok("evaluate", gold, str(unsure)).stdout


def test_piped_output_is_the_csv_file(tmp_path: Path) -> None:
    ok("extract", FEED, "-o", str(tmp_path / "claims.csv"))
    expected = (tmp_path / "claims.csv").read_bytes()
    assert process("extract", FEED).stdout == expected
    assert process("extract", FEED, "-o", "-").stdout == expected


@pytest.mark.parametrize("seed", ["1", "2"])
def test_output_is_the_same_whatever_the_hash_seed(seed: str, tmp_path: Path) -> None:
    target = tmp_path / "claims.jsonl"
    ok("extract", FEED, "-o", str(target))
    other = tmp_path / "seeded.jsonl"
    process("extract", FEED, "-o", str(other), env=os.environ | {"PYTHONHASHSEED": seed})
    assert other.read_bytes() == target.read_bytes()


def test_summary_counts_documents_claims_and_errors(papers: str) -> None:
    result = ok("extract", papers)
    summary = result.stderr.splitlines()[-1]
    assert re.fullmatch(r"2 documents, 2 claims \(speed 1, memory 1\), 1 error, \d+\.\d s", summary)


def test_several_inputs_are_one_table(papers: str) -> None:
    found = rows(
        ok("extract", papers, "-", "--from", "jsonl", stdin='{"id": "z", "abstract": "' + FAST + '"}\n').stdout
    )
    assert [row["id"] for row in found] == ["a", "c", "z"]


def test_role_and_type_are_filters(tmp_path: Path) -> None:
    def claims(*options: str) -> list[tuple[str, str]]:
        return [(row["role"], row["type"]) for row in rows(ok("extract", FEED, *options).stdout)]

    every = claims()
    assert claims("--role", "result") == [c for c in every if c[0] == "result"]
    both = claims("--type", "speed", "--type", "memory")
    assert both == [c for c in every if c[1] in ("speed", "memory")]
    assert 0 < len(both) < len(every)
    assert claims("--role", "setup", "--type", "scale") == [c for c in every if c == ("setup", "scale")]


def test_columns_can_be_named(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text(f'Name,Text\nFoo: x,"{FAST}"\n')
    named = ("--title-column", "Name", "--abstract-column", "Text")
    (claim,) = rows(ok("extract", str(table), *named).stdout)
    assert (claim["title"], claim["quantity"], claim["system"]) == ("Foo: x", "2.5x", "Foo")


def test_document_left_out_is_told_counted_and_written(papers: str, tmp_path: Path) -> None:
    errors = tmp_path / "errors.jsonl"
    result = ok("extract", papers, "--errors", str(errors))
    assert f"warning: left out {papers}:2: " in result.stderr
    (problem,) = map(json.loads, errors.read_text().splitlines())
    assert problem.keys() == {"file", "line", "reason", "advice"}
    assert (problem["file"], problem["line"]) == (papers, 2)
    assert [row["id"] for row in rows(result.stdout)] == ["a", "c"]


def test_strict_makes_it_status_1_and_still_writes(papers: str, tmp_path: Path) -> None:
    target = tmp_path / "claims.csv"
    result = run("extract", papers, "--strict", "-o", str(target))
    assert result.exit_code == 1
    assert len(rows(target.read_text())) == 2
    assert run("extract", FEED, "--strict").exit_code == 0


def test_errors_file_of_a_clean_run_is_empty(tmp_path: Path) -> None:
    ok("extract", FEED, "--errors", str(tmp_path / "errors.jsonl"))
    assert (tmp_path / "errors.jsonl").read_text() == ""


def test_quiet_says_nothing_but_warnings(papers: str) -> None:
    assert ok("extract", FEED, "--quiet").stderr == ""
    assert re.fullmatch(r"warning: left out .*\n", ok("extract", papers, "-q").stderr)


def test_document_that_breaks_the_pipeline_is_set_aside(
    papers: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pipeline.Pipeline.records

    def breaks(self: pipeline.Pipeline, text: str, title: str = "") -> list[Any]:
        if title == "Foo: x":
            raise ZeroDivisionError("division by zero")
        return whole(self, text, title)

    monkeypatch.setattr(pipeline.Pipeline, "records", breaks)
    errors = tmp_path / "errors.jsonl"
    result = ok("extract", papers, "--errors", str(errors))
    assert [row["id"] for row in rows(result.stdout)] == ["c"]
    first, second = map(json.loads, errors.read_text().splitlines())
    assert "document 'a': ZeroDivisionError: division by zero" in first["reason"]
    assert (first["line"], second["line"]) == (1, 2)
    assert "and 1 more (all are in " in result.stderr
    assert "1 document, 1 claim (memory 1), 2 errors" in result.stderr


REFUSED = [
    ("no such file", ("missing.txt",), "missing.txt: no such file; check the path"),
    ("folder", (".",), ".: expected a readable file, found: Is a directory"),
    ("type", (FEED, "--type", "qualty"), "found 'qualty', expected one of speed, quality, memory"),
    ("nearest type", (FEED, "--type", "Speed"), "did you mean 'speed'?"),
    ("nearest role", (FEED, "--role", "results"), "did you mean 'result'?"),
    ("nearest kind", (FEED, "--from", "bibtx"), "did you mean 'bibtex'?"),
    ("suffix", (FEED, "-o", "claims.xlsx"), "expected a suffix of .csv, .jsonl, .parquet, found: '.xlsx'"),
    ("place", (FEED, "-o", "no/such/claims.csv"), "expected a place for a file, found: No such file"),
    (
        "errors file",
        (FEED, "--errors", "no/such/e.jsonl"),
        "expected a place for a file, found: No such file",
    ),
    ("rules", (FEED, "--rules", "no-rules"), "no-rules: no such rule file or directory"),
    ("column of a page", (FEED, "--title-column", "Name"), "expected a kind with columns"),
    ("standard input twice", ("-", "-"), "standard input (-) is given twice"),
    ("nothing", (), "Missing argument"),
]


@pytest.mark.parametrize(("arguments", "message"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_unusable_arguments_are_refused(arguments: tuple[str, ...], message: str) -> None:
    assert message in refused("extract", *arguments)


def test_unknown_content_is_refused_and_the_target_stays(tmp_path: Path) -> None:
    binary, target = tmp_path / "paper.pdf", tmp_path / "claims.csv"
    binary.write_bytes(b"%PDF-1.7\n\0")
    target.write_text("old")
    assert "paper.pdf: found a PDF; extract its text first" in refused("extract", FEED, str(binary), "-o", str(target))
    assert target.read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["claims.csv", "paper.pdf"]


def test_own_rules_are_used(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN_RULE)
    text = "Foo has a code 7% and an accuracy of 8%."
    found = rows(ok("extract", "-", "--from", "text", "--rules", str(tmp_path), stdin=text).stdout)
    assert [row["quantity"] for row in found] == ["8%"]


# --- the system around it -----------------------------------------------------------------------------------


def test_reader_that_goes_away_is_no_error() -> None:
    pages = [str(path) for path in EXAMPLES] * 3  # more than a pipe holds
    with subprocess.Popen([*COMMAND, "extract", *pages], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout and child.stderr
        assert child.stdout.readline().startswith(b"id,title")
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(timeout=60) == 141


def test_interruption_is_clean_and_leaves_no_file(tmp_path: Path) -> None:
    target = tmp_path / "claims.csv"
    arguments = [*COMMAND, "extract", "-", "--from", "jsonl", "-o", str(target)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdin and child.stderr
        _wait_for(lambda: any(tmp_path.iterdir()))
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=60) == 130
        assert child.stderr.read() == b"interrupted\n"
    assert list(tmp_path.iterdir()) == []


def _wait_for(condition: Any) -> None:
    """Wait until a process has come so far; 30 seconds are more than any start takes."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def on_terminal(*arguments: str) -> tuple[int, str]:
    """The status of a command that runs on a terminal of 120 columns, and what that shows."""
    terminal, end = pty.openpty()
    env = os.environ | {"COLUMNS": "120", "TERM": "xterm"}
    child = subprocess.Popen([*COMMAND, *arguments], stdin=end, stdout=end, stderr=end, env=env)
    os.close(end)
    shown = b"".join(_until_closed(terminal))
    os.close(terminal)
    plain = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", shown.decode("utf8", "replace"))
    return child.wait(timeout=60), plain


def _until_closed(terminal: int) -> Iterator[bytes]:
    while select.select([terminal], [], [], 60)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # how Linux says that the other end is closed
            return
        if not piece:
            return
        yield piece


def test_terminal_shows_a_table_a_progress_bar_and_the_summary() -> None:
    status, shown = on_terminal("extract", FEED)
    assert status == 0
    assert "feed-agarwal.txt" in shown and "documents, " in shown and "━" in shown
    assert re.search(r"quantity\s+metric\s+direction", shown)
    assert "id,title,authors" not in shown
    assert "0 errors" in shown


def test_quiet_terminal_shows_the_table_alone() -> None:
    status, shown = on_terminal("extract", FEED, "--quiet")
    assert status == 0
    assert "━" not in shown and "0 errors" not in shown and "quantity" in shown


def test_start_imports_nothing_slow() -> None:
    slow = ("pandas", "pyarrow", "pint", "spacy", "pydantic", "yaml", "numpy", "rich", "regex")
    code = f"import sys, extractor.cli; print([m for m in {slow!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


def test_version_and_help() -> None:
    assert ok("--version").stdout == f"extractor {__version__}\n"
    for command in (
        (),
        ("extract",),
        ("explain",),
        ("evaluate",),
        ("rules",),
        ("rules", "show"),
        ("rules", "check"),
    ):
        assert "Example" in ok(*command, "--help").stdout


# --- explain ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["argument", "file", "standard input"])
def test_explain_reads_an_argument_a_file_or_standard_input(way: str, tmp_path: Path) -> None:
    (tmp_path / "abstract.txt").write_text(FAST)
    match way:
        case "argument":
            result = ok("explain", FAST)
        case "file":
            result = ok("explain", str(tmp_path / "abstract.txt"))
        case _:
            result = ok("explain", stdin=FAST)
    assert FAST in result.stdout
    assert re.search(r"value\s+2\.5\s+numeral\s+2\.5", result.stdout)
    assert re.search(r"metric\s+faster", result.stdout)


def test_explain_as_json_has_claims_evidence_and_rejections() -> None:
    data = json.loads(ok("explain", "In 2020, " + FAST, "--title", "Foo: x", "--json").stdout)
    (claim,) = data["claims"]
    assert (claim["quantity"], claim["evidence"]["value"]["rule"]) == ("2.5x", "numeral")
    assert (claim["system"]["text"], claim["evidence"]["system"]["rule"]) == ("Foo", "context-system")
    assert [(r["text"], r["rule"]) for r in data["rejected"]] == [("2020", "year")]
    assert all(r["says"] for r in data["rejected"])


def test_explain_of_a_very_long_argument_is_no_file_name() -> None:
    assert "2.5x" in ok("explain", FAST * 200).stdout


def test_explain_of_nothing_is_refused() -> None:
    assert "no abstract" in refused("explain", stdin="  \n")


# --- rules --------------------------------------------------------------------------------------------------


def test_rules_are_listed_by_kind() -> None:
    listed = ok("rules").stdout
    assert "up-to" in listed and "moved-from-to" in listed and "frames.yaml" in listed
    modifiers = ok("rules", "--kind", "modifier").stdout
    assert "up-to" in modifiers and "moved-from-to" not in modifiers
    assert "did you mean 'modifier'?" in refused("rules", "--kind", "modifer")


def test_rule_is_shown_with_pattern_sets_and_examples() -> None:
    shown = ok("rules", "show", "up-to").stdout
    assert shown.startswith("up-to (modifier, modifiers.yaml)\n")
    for part in ("sets:\n  bound: up_to", "before:", "examples:", "counter:", "«2.16x»"):
        assert part in shown


def test_every_rule_that_explain_names_is_shown() -> None:
    text = "We present Foo. It cuts latency by up to 2.5x on 64 GPUs, from 57 GB to 8 GB, with 5% of 12 samples."
    named = {e.rule for c in extract(text) for e in c.evidence.values()}
    assert {"no-modifier", "unit:B"} <= named
    for rule in sorted(named):
        assert ok("rules", "show", rule).stdout.startswith(f"{rule} (")


def test_unknown_unit_is_refused() -> None:
    assert "no unit 'furlong'" in refused("rules", "show", "unit:furlong")


def test_unknown_rule_is_refused_with_the_nearest() -> None:
    assert "no rule 'upto'; did you mean 'up-to'?" in refused("rules", "show", "upto")


def test_own_rules_are_listed_shown_and_checked(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN_RULE)
    assert "own-code" in ok("rules", "--rules", str(tmp_path)).stdout
    assert "Codes of the house." in ok("rules", "show", "own-code", "--rules", str(tmp_path)).stdout
    assert "own-code" not in run("rules", "check", "--rules", str(tmp_path)).stdout
    assert "extractor rules check --rules DIR" in refused("rules", "--rules", str(tmp_path), "check")


def test_rule_whose_example_fails_is_told_with_what_came_out(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN_RULE.replace("code «7%» here", "a score of «7%» here"))
    result = run("rules", "check", "--rules", str(tmp_path))
    assert result.exit_code == 1
    assert "own.yaml: own-code/example-1: a score of «7%» here: expected no claim, found '7%'" in result.stdout
    assert re.search(r"\d+ rules, \d+ examples, \d+ fail", result.stderr)


def test_broken_rule_file_is_refused_with_its_key(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN_RULE.replace("before:", "befor:"))
    message = refused("rules", "check", "--rules", str(tmp_path))
    assert "rule 'own-code': unknown key 'befor'; did you mean 'before'?" in message


# --- evaluate -----------------------------------------------------------------------------------------------


CLAIM = {
    "quantity": "2.5x", "value": 2.5, "unit": "x", "bound": "exact", "form": "ratio", "direction": "increase",
    "type": "speed", "role": "result", "metric": "faster", "system": "Foo", "baseline": ["Bar"],
}  # fmt: skip


@pytest.fixture
def gold(tmp_path: Path) -> str:
    document = {"id": "a", "title": "Foo: x", "abstract": FAST, "claims": [CLAIM]}
    empty = {"id": "b", "title": "Qux", "abstract": "No number.", "claims": []}
    return jsonl(tmp_path / "gold.jsonl", document, empty)


def predictions(gold: str, tmp_path: Path, **changes: Any) -> str:
    documents = [json.loads(line) for line in Path(gold).read_text().splitlines()]
    documents[0]["claims"] = [CLAIM | changes]
    return jsonl(tmp_path / "predicted.jsonl", *documents)


def test_scores_have_counts_beside_every_ratio(gold: str, tmp_path: Path) -> None:
    shown = ok("evaluate", gold, predictions(gold, tmp_path, type="quality")).stdout
    assert "role result: 2 documents, 1 gold claims, 1 predicted" in shown
    assert "all roles: 2 documents, 1 gold claims, 1 predicted" in shown
    assert re.search(r"detection\s+1\.000 \(1/1\) \[1\.00, 1\.00\]", shown)
    assert re.search(r"record\s+0\.000 \(0/1\)", shown)
    assert re.search(r"context\s+1\.000 \(3/3\)", shown)
    assert re.search(r"type\s+0\.000 \(0/1\)", shown)


def test_errors_are_listed(gold: str, tmp_path: Path) -> None:
    shown = ok("evaluate", gold, predictions(gold, tmp_path, type="quality"), "--errors").stdout
    assert re.search(r"a\s+2\.5x\s+type\s+speed\s+quality", shown)
    assert "1 differences" in shown


def test_scores_as_json(gold: str, tmp_path: Path) -> None:
    data = json.loads(ok("evaluate", gold, predictions(gold, tmp_path, value=3), "--json", "--errors").stdout)
    assert (data["result"]["detection"]["true_positives"], data["all"]["gold"]) == (0, 1)
    assert [(e["kind"], e["expected"], e["found"]) for e in data["errors"]] == [("value", "2.5", "3")]
    assert "errors" not in json.loads(ok("evaluate", gold, gold, "--json").stdout)


def test_without_predictions_the_extractor_runs(gold: str) -> None:
    data = json.loads(ok("evaluate", gold, "--json").stdout)
    assert data["result"]["detection"]["f1"] == 1.0


EVALUATE_REFUSED = [
    ("no gold", "missing.jsonl", None, "missing.jsonl: expected labelled documents, found: No such file"),
    ("no JSON", "broken", None, "line is no JSON"),
    ("unknown documents", "gold", "other", "predictions for 1 documents that gold does not have: 'z'"),
]


@pytest.mark.parametrize(
    ("of_gold", "other", "message"), [e[1:] for e in EVALUATE_REFUSED], ids=[e[0] for e in EVALUATE_REFUSED]
)
def test_unusable_labelled_files_are_refused(
    gold: str, tmp_path: Path, of_gold: str, other: str | None, message: str
) -> None:
    files = {
        "gold": gold,
        "broken": jsonl(tmp_path / "broken.jsonl", "{"),
        "other": jsonl(tmp_path / "other.jsonl", {"id": "z", "abstract": "x", "claims": []}),
    }
    arguments = [files.get(of_gold, of_gold), *([files[other]] if other else [])]
    assert message in refused("evaluate", *arguments)
