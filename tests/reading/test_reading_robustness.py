"""Whatever the bytes, reading ends with documents, problems or a ReadingError, and in linear time."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.reading import KINDS, Problem, ReadingError, read
from extractor.reading.names import split_glued

DATA = Path(__file__).parent / "data"
FIXTURES = sorted(path for path in DATA.iterdir() if path.is_file())


def check(data: bytes, kind: str | None = None) -> None:
    problems: list[Problem] = []
    try:
        documents = list(read(io.BytesIO(data), kind=kind, on_problem=problems.append))
    except ReadingError:
        return
    assert documents or problems
    for document in documents:
        assert document.abstract.strip()
        document.to_json().encode("utf-8")


@given(st.binary(max_size=300), st.sampled_from([None, *(kind.name for kind in KINDS)]))
def test_any_bytes(data: bytes, kind: str | None) -> None:
    check(data, kind)


@given(st.sampled_from(FIXTURES), st.integers(0, 3000), st.integers(0, 40), st.binary(max_size=20))
def test_damaged_inputs(path: Path, start: int, length: int, patch: bytes) -> None:
    data = path.read_bytes()
    check(data[:start] + patch + data[start + length :])


@pytest.mark.parametrize(
    ("kind", "piece"),
    [
        ("feed", b"LGMay 4, 2023\nAb CdEf Gh, "),
        ("aitopics", b"Lee, Ann\n"),
        ("huggingface", b"Trees\n\n"),
        ("arxiv-search", b"Authors:\nAbstract:\n\n"),
        ("bibtex", b"@article{a, abstract={"),
        ("bibtex", b"@article{a, abstract={{{{{{{{\n"),
        ("csv", b'title,abstract\n"a'),
        ("jsonl", b"[[[[[[[[[["),
        ("text", b"A \n"),
    ],
)
def test_hostile_pages_take_linear_time(kind: str, piece: bytes) -> None:
    start = time.perf_counter()
    check(piece * (50_000 // len(piece)), kind)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("piece", ["Ab Cd, ", "AbCd Ef, ", "aB", "A.B.", "Ab-", "A", "D'A", "(A) "])
def test_hostile_title_lines_take_linear_time(piece: str) -> None:
    start = time.perf_counter()
    title, names = split_glued(piece * 50_000 + "!")
    assert time.perf_counter() - start < 1
    assert title.endswith("!")
    assert names == []
