"""What cannot be read: the message says what was expected, what was found and what to try."""

from __future__ import annotations

import gzip
import io
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from extractor.reading import KINDS, Problem, ReadingError, ReadingWarning, read

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.txt", b"", "nothing: the input is empty"),
        ("paper.pdf", b"%PDF-1.7\n", "a PDF.*pdftotext"),
        ("papers.xlsx", b"PK\x03\x04xx", "a ZIP archive"),
        ("papers.jsonl.bz2", b"BZh91AY", "bzip2"),
        ("noise", b"\x7fELF\0\0", "binary data .it starts with 7f 45 4c 46"),
        ("page.html", b"<!DOCTYPE html><html>", "an HTML page.*plain text"),
        ("rss.xml", b'<?xml version="1.0"?><!-- x --><rss><channel/></rss>', "root <rss>"),
        ("papers.json", b'[{"title": "a", "abstract": "b"}]', "no object a line.*jq"),
        ("pretty.json", b'{\n  "title": "a"\n}', "no object a line"),
        (
            "table.csv",
            b"id,titre,resume\n1,a,b\n2,c,d\n",
            "id, titre, resume; name the column with --abstract",
        ),
        ("unnamed", b"id\ttitre\tresume\n1\ta\tb\n2\tc\td\n", "id, titre, resume"),
        ("papers.bib", b"Nothing but prose in here.", "does not look like bibtex"),
        ("broken.gz", gzip.compress(b"x" * 99)[:12], "cannot be read"),
        ("bad.parquet", b"PAR1 and nothing more", "expected a whole Parquet file"),
    ],
)
def test_unreadable_files_are_refused_at_once(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ReadingError, match=message) as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_an_unknown_file_is_told_every_kind(tmp_path: Path) -> None:
    path = tmp_path / "x.bin"
    path.write_bytes(b"\0\1\2")
    with pytest.raises(ReadingError) as caught:
        read(path)
    assert all(f"{kind.name}: {kind.looks}" in str(caught.value) for kind in KINDS)


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("no/such/file.txt", {}, "expected a readable file, found: No such file"),
        (DATA, {}, "give each file by name"),
        (DATA / "feed.txt", {"kind": "rss"}, "expected one of parquet, atom.*found: rss"),
        (DATA / "feed.txt", {"abstract_column": "x"}, "kind with columns .*found: feed"),
        (
            DATA / "csv.csv",
            {"abstract_column": "Resume"},
            "a column 'Resume', found: arXiv ID, Title",
        ),
        (DATA / "csv.csv", {"title_column": "Titre"}, "expected a column 'Titre', found: arXiv ID, Title"),
        (DATA / "csv.csv", {"kind": "csv", "abstract_column": "Resume"}, "expected a column 'Resume'"),
        (
            DATA / "text.txt",
            {"kind": "csv"},
            "expected a column for the abstract, found: Fast Trees: A Study",
        ),
        (DATA / "text.txt", {"kind": "parquet"}, "expected a whole Parquet file"),
    ],
)
def test_unusable_arguments_are_refused_at_once(source: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ReadingError, match=message):
        read(source, **options)


def test_columns_can_be_named() -> None:
    table = "titre;resume;abstract\nArbres;Deux fois;Twice\n"
    (document,) = read(io.StringIO(table), title_column="Titre", abstract_column="resume")
    assert (document.title, document.abstract) == ("Arbres", "Deux fois")
    (document,) = read(io.StringIO('{"titre": "Arbres", "resume": "Deux fois"}'), abstract_column="resume")
    assert (document.title, document.abstract) == ("", "Deux fois")


def test_a_problem_reads_like_a_compiler_message() -> None:
    problem = Problem("papers.csv", 7, "no abstract", "add one")
    assert str(problem) == "papers.csv:7: no abstract; add one"


def test_without_a_handler_problems_are_warnings() -> None:
    with pytest.warns(ReadingWarning, match=r"<stream>:2: no abstract"):
        documents = list(read(io.StringIO("title,abstract\na,\nb,2x\n")))
    assert [document.title for document in documents] == ["b"]


def test_with_a_handler_nothing_is_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", ReadingWarning)
        assert len(list(read(io.StringIO("title,abstract\na,\nb,2x\n"), on_problem=lambda _: None))) == 1


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS if kind.name not in ("parquet", "csv", "tsv")])
def test_a_kind_that_finds_nothing_says_so(kind: str) -> None:
    problems: list[Problem] = []
    assert list(read(io.StringIO("\n"), kind=kind, on_problem=problems.append)) == []
    assert len(problems) == 1
    assert problems[0].reason.startswith(("no document found", "no abstract", "broken XML"))


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(gzip.compress("Trees – are 2x faster.".encode())))
    monkeypatch.setattr(sys, "stdin", stdin)
    (document,) = read("-")
    assert (document.id, document.abstract) == ("stdin-1", "Trees – are 2x faster.")
    assert document.source is not None
    assert (document.source.file, document.source.kind) == ("<stdin>", "text")


def test_a_stream_of_the_caller_stays_open() -> None:
    stream = io.BytesIO((DATA / "feed.txt").read_bytes())
    assert len(list(read(stream, on_problem=lambda _: None))) == 2
    assert not stream.closed


def test_a_compressed_file_that_breaks_off_gives_what_it_has(tmp_path: Path) -> None:
    lines = "".join(f'{{"title": "{n}", "abstract": "{n * 2654435761 % 10**9} times"}}\n' for n in range(20_000))
    path = tmp_path / "cut.jsonl.gz"
    data = gzip.compress(lines.encode())
    path.write_bytes(data[: len(data) * 9 // 10])
    problems: list[Problem] = []
    documents = list(read(path, on_problem=problems.append))
    assert 10_000 < len(documents) < 20_000
    assert problems[-1].reason.startswith("the input breaks off")


def test_documents_come_one_by_one() -> None:
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            return b'{"title": "t", "abstract": "2x"}\n' * 100

    documents = read(Endless())  # type: ignore[arg-type]
    assert [next(documents).source.line for _ in range(1000)] == list(range(1, 1001))  # type: ignore[union-attr]
