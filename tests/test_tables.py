"""Tables: columns, cells that no spreadsheet runs, three formats, targets replaced as a whole."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extractor import tables
from extractor.claims import Document
from extractor.records import Old, Phrase, Record
from extractor.tables import COLUMNS, TableError, cell, row, writer

# As the contract has them, written out a second time so that a change of either shows.
CONTRACT = """
    id, title, authors, date, url, quantity, value, low, high, unit, bound, statistic, form, direction, type,
    role, from_value, from_unit, metric, canonical_metric, system, baseline, task, dataset, model, hardware,
    condition, factor, factor_low, factor_high, factor_note, confidence, start, end, sentence
""".replace(",", " ").split()

ABSTRACT = 'We cut storage, "hot"\r\nand cold, from 57Gb to 8.2Gb on A and B.'


def document(**fields: Any) -> Document:
    plain = {"id": "2404.1", "title": "=SUM(A1)", "abstract": ABSTRACT, "authors": ["Ann Bo", "Cy Dee"]}
    return Document(**plain | fields)


def moved() -> Record:
    """57Gb to 8.2Gb, with two data sets."""
    start = ABSTRACT.index("8.2Gb")
    place = ABSTRACT.index("storage")
    return Record(
        quantity="8.2Gb", start=start, end=start + 5, value=8.2, low=None, high=None, spread=None,
        unit="Gbit", bound="exact", statistic=None, form="level", direction="decrease", type="memory",
        role="result",
        sentence=(0, len(ABSTRACT)), from_=Old("57Gb", 36, 40, 57.0, None, None, "Gbit"),
        metric=Phrase("storage", "abstract", place, place + 7), canonical="storage", polarity="lower",
        dataset=[Phrase("A", "abstract", 53, 54), Phrase("B", "abstract", 59, 60)],
    )  # fmt: skip


def test_columns_are_those_of_the_contract() -> None:
    assert list(COLUMNS) == CONTRACT


def test_row_has_a_cell_a_column() -> None:
    cells = dict(zip(COLUMNS, row(document(), moved()), strict=True))
    expected = {
        "id": "2404.1", "authors": ["Ann Bo", "Cy Dee"], "date": None, "quantity": "8.2Gb", "value": 8.2,
        "low": None, "unit": "Gbit", "from_value": 57.0, "from_unit": "Gbit", "metric": "storage",
        "canonical_metric": "storage", "system": None, "baseline": [], "dataset": ["A", "B"],
        "factor": pytest.approx(57 / 8.2), "factor_low": None, "factor_note": None, "sentence": ABSTRACT,
    }  # fmt: skip
    assert {name: cells[name] for name in expected} == expected


CELLS = [
    ("number", 2.16, "2.16"),
    ("whole number", 128e6, "128000000"),
    ("rounding noise", 1 + 0.1 + 0.1, "1.2"),
    ("offset", 12, "12"),
    ("nothing", None, ""),
    ("list", ["GPU-only", "NPU-only"], "GPU-only; NPU-only"),
    ("no items", [], ""),
    ("comma", "a, b", '"a, b"'),
    ("quote", 'the "best"', '"the ""best"""'),
    ("line end", "a\nb", '"a\nb"'),
    ("old Mac line end", "a\rb", '"a\rb"'),
    ("formula", "=1+1", "'=1+1"),
    ("formula with a comma", '=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'),
    ("at sign", "@cmd", "'@cmd"),
    ("minus and text", "-2.1 points", "'-2.1 points"),
    ("plus and a call", "+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
    ("tab", "\t=1", "'\t=1"),
    ("carriage return", "\r=1", '"\'\r=1"'),
    ("list that starts with a formula", ["=x", "y"], "'=x; y"),
    ("signed number", "-2.1", "-2.1"),
    ("signed percentage", "+3.2%", "+3.2%"),
    ("signed percentage in LaTeX", "-3.2\\%", "'-3.2\\%"),
    ("thousands", "-1,024", '"-1,024"'),
    ("exponent", "-1.2e-3", "-1.2e-3"),
    ("sign alone", "-", "'-"),
    ("two signs", "--5", "'--5"),
    ("equals inside", "a=1", "a=1"),
    ("number and line end", "-2\n", '"\'-2\n"'),
]


@pytest.mark.parametrize(("content", "expected"), [c[1:] for c in CELLS], ids=[c[0] for c in CELLS])
def test_cell(content: tables.Cell, expected: str) -> None:
    assert cell(content) == expected


def test_csv_is_read_back_by_others(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    with writer(path) as table:
        table.write(document(), [moved(), moved()])
    with path.open(newline="", encoding="utf8") as stream:
        rows = list(csv.DictReader(stream))
    assert [r["sentence"] for r in rows] == [ABSTRACT, ABSTRACT]
    assert (rows[0]["title"], rows[0]["authors"], rows[0]["dataset"]) == (
        "'=SUM(A1)",
        "Ann Bo; Cy Dee",
        "A; B",
    )
    frame = pd.read_csv(path)
    assert list(frame.columns) == CONTRACT
    assert frame["value"].tolist() == [8.2, 8.2]


def test_own_reader_takes_the_apostrophe_off(tmp_path: Path) -> None:
    from extractor.reading import read

    path = tmp_path / "claims.csv"
    with writer(path) as table:
        table.write(document(), [moved()])
    (found,) = read(path, kind="csv", title_column="title", abstract_column="sentence")
    assert (found.title, found.abstract) == ("=SUM(A1)", ABSTRACT)


def test_jsonl_holds_every_document_with_its_claims(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    with writer(path) as table:
        table.write(document(), [moved()])
        table.write(document(id="2", abstract="Nothing."), [])
    first, second = map(json.loads, path.read_text(encoding="utf8").splitlines())
    assert first["claims"][0]["from"]["text"] == "57Gb"
    assert first["claims"][0]["dataset"][1] == {"text": "B", "field": "abstract", "start": 59, "end": 60}
    assert (second["id"], second["claims"]) == ("2", [])


def test_parquet_keeps_lists_and_types(tmp_path: Path) -> None:
    path = tmp_path / "claims.parquet"
    with writer(path) as table:
        table.write(document(), [moved()])
    table_read = pq.read_table(path)
    assert table_read.column_names == CONTRACT
    (claim,) = table_read.to_pylist()
    assert (claim["dataset"], claim["baseline"], claim["title"]) == (["A", "B"], [], "=SUM(A1)")
    assert (claim["value"], claim["low"], claim["start"]) == (8.2, None, ABSTRACT.index("8.2Gb"))


def test_parquet_of_nothing_has_the_schema_of_something(tmp_path: Path) -> None:
    with writer(tmp_path / "empty.parquet"):
        pass
    with writer(tmp_path / "full.parquet") as table:
        table.write(document(), [moved()])
    empty, full = pq.read_table(tmp_path / "empty.parquet"), pq.read_table(tmp_path / "full.parquet")
    assert (empty.num_rows, full.num_rows) == (0, 1)
    assert empty.schema == full.schema == tables.schema()
    assert full.schema.field("authors").type == pa.list_(pa.string())
    assert full.schema.field("confidence").type == pa.float64()


def test_parquet_is_written_in_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "ROWS_A_GROUP", 2)
    path = tmp_path / "claims.parquet"
    with writer(path) as table:
        for _ in range(5):
            table.write(document(), [moved()])
    metadata = pq.ParquetFile(path).metadata
    assert [metadata.row_group(k).num_rows for k in range(metadata.num_row_groups)] == [2, 2, 1]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_broken_off_run_leaves_the_old_file_and_nothing_else(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"claims{suffix}"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="broken off"), writer(path) as table:
        table.write(document(), [moved()])
        raise RuntimeError("broken off")
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "old"


def test_target_changes_only_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    with writer(path) as table:
        table.write(document(), [moved()])
        assert not path.exists()
    assert path.exists()


def test_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    link.symlink_to(real)
    with writer(link):
        pass
    assert link.is_symlink() and real.read_text().startswith("id,title")


UNUSABLE = [
    ("claims.xlsx", "expected a suffix of .csv, .jsonl, .parquet, found: '.xlsx'"),
    ("claims", "expected a suffix of .csv, .jsonl, .parquet, found: none"),
    ("missing/claims.csv", "expected a place for a file, found: No such file or directory"),
    ("folder.csv", "expected a place for a file, found: Is a directory"),
]


@pytest.mark.parametrize(("name", "message"), UNUSABLE, ids=[u[0] for u in UNUSABLE])
def test_target_that_cannot_be_written_is_refused(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(TableError) as caught, writer(tmp_path / name):
        pass
    assert message in str(caught.value)


def test_standard_output_gets_csv(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    with writer("-") as table:
        table.write(document(title="Größe"), [moved()])
    out = capsysbinary.readouterr().out.decode("utf8")
    (claim,) = csv.DictReader(io.StringIO(out, newline=""))
    assert (claim["title"], claim["quantity"]) == ("Größe", "8.2Gb")
