from __future__ import annotations

import pytest

from extractor.reading.dates import iso_date
from extractor.reading.identifiers import arxiv_id, doi


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-04-25", "2024-04-25"),
        ("2024-04-25T16:20:23Z", "2024-04-25"),
        ("2024/4/5", "2024-04-05"),
        ("2024-04", "2024-04"),
        ("2024", "2024"),
        ("2024.0", "2024"),
        ("--06-01", "--06-01"),
        ("Jun 1", "--06-01"),
        ("Apr 25, 2024", "2024-04-25"),
        ("April 25 2024", "2024-04-25"),
        ("15 January, 2026", "2026-01-15"),
        ("3rd of never", None),
        ("3rd May 2020", "2020-05-03"),
        ("Mon, 2 Apr 2007 19:18:42 GMT", "2007-04-02"),
        ("November 2025", "2025-11"),
        ("Sept. 2020", "2020-09"),
        ("04/05/2024", None),
        ("2024-13-01", None),
        ("2404.16710", None),
        ("forthcoming", None),
        ("", None),
    ],
)
def test_dates_are_as_precise_as_the_input(text: str, date: str | None) -> None:
    assert iso_date(text) == date


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("http://arxiv.org/abs/2404.16710v2", "2404.16710"),
        ("https://arxiv.org/pdf/2404.16710", "2404.16710"),
        ("arXiv:2501.01234 [pdf, other] cs.LG", "2501.01234"),
        ("arXiv:hep-th/9901001v1", "hep-th/9901001"),
        ("http://arxiv.org/abs/math.AG/9901001", "math.AG/9901001"),
        ("version 2404.16710", None),
    ],
)
def test_arxiv_identifiers_lose_prefix_and_version(text: str, identifier: str | None) -> None:
    assert arxiv_id(text) == identifier


@pytest.mark.parametrize(
    ("text", "expected"),
    [("https://doi.org/10.1145/1.2", "10.1145/1.2"), ("doi:10.1000/a(b)", "10.1000/a(b)"), ("10 of 1", None)],
)
def test_dois_lose_their_prefix(text: str, expected: str | None) -> None:
    assert doi(text) == expected
