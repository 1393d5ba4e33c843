"""Every kind of input: what comes out, what is reported, compressed or not, from a path or a stream."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extractor.claims import Document
from extractor.reading import KINDS, Problem, ReadingError, read

DATA = Path(__file__).parent / "data"


def collect(source: Any, **options: Any) -> tuple[list[Document], list[Problem]]:
    problems: list[Problem] = []
    return list(read(source, on_problem=problems.append, **options)), problems


def parquet_bytes() -> bytes:
    rows = [
        {
            "title": "Fast Trees",
            "abstract": " We make them 2.16x\nfaster. ",
            "authors": ["Ann Lee"],
            "id": "p1",
            "n": 1,
        },
        {"title": "Empty", "abstract": None, "authors": None, "id": None, "n": 2},
        {"title": "Slow", "abstract": "Slower by 5%.", "authors": [], "id": None, "n": 3},
    ]
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), buffer)
    return buffer.getvalue()


FILES = {
    "feed": "feed.txt",
    "aitopics": "aitopics.txt",
    "huggingface": "huggingface.txt",
    "arxiv-search": "arxiv-search.txt",
    "atom": "atom.xml",
    "arxiv-snapshot": "arxiv-snapshot.jsonl",
    "jsonl": "jsonl.jsonl",
    "csv": "csv.csv",
    "tsv": "tsv.tsv",
    "bibtex": "bibtex.bib",
    "text": "text.txt",
    "parquet": "parquet.parquet",
}


def content(kind: str) -> bytes:
    return parquet_bytes() if kind == "parquet" else (DATA / FILES[kind]).read_bytes()


NO_TAILS = (
    "Trees are slow on every machine that we know of, and nobody likes to wait for them. In this paper we "
    "take off their tails, which makes them 2.16x faster on a laptop and 3x faster on a phone, at no loss of "
    "leaves."
)
BUSHES = (
    "The second paragraph says the same of bushes, which are smaller than trees but no less slow, as we "
    "measured on a laptop and on a phone, where our method makes them faster by 30% and 40%, and on a "
    "server, where not."
)

# What each fixture holds (line, id, title, authors, date, abstract), and line and reason of each problem.
EXPECTED: dict[str, tuple[list[tuple[Any, ...]], list[tuple[int, str]]]] = {
    "feed": (
        [
            (
                3,
                "feed-1",
                "Fast Trees: Why?",
                ["Ann Lee", "Bo O'Brien"],
                "2023-05-04",
                "Trees are slow. We make them 2.16x faster.",
            ),
            (
                8,
                "feed-3",
                "Strings in $D$ Dimensions",
                ["Özlem Uzuner", "J.-P. Sartre"],
                "1999-12-31",
                "and so the spectrum\nhas two parts, cut off here",
            ),
        ],
        [(6, "no abstract")],
    ),
    "aitopics": (
        [
            (
                5,
                "aitopics-1",
                "Fast Trees",
                ["Ann Lee", "Bob van Dyk"],
                None,
                "Trees are slow on every machine that we know of, and nobody likes to wait. We make them 2.16x faster.",
            ),
            (
                13,
                "aitopics-3",
                "Fast Trees Revisited",
                ["Seán O'Brien"],
                None,
                "We revisit fast trees on new machines, and find that they have become slower by 5% in the "
                "last ten years.",
            ),
        ],
        [(11, "no abstract")],
    ),
    "huggingface": (
        [
            (
                14,
                "huggingface-1",
                "Fast Trees",
                [],
                "2024-03-27",
                "Trees are slow on every machine. We make them 2.16x faster.",
            ),
            (24, "huggingface-2", "Trees Without a Tail", [], None, NO_TAILS),
            (28, "huggingface-3", "Trees in Two Paragraphs", [], "--02-27", f"{NO_TAILS}\n\n{BUSHES}"),
        ],
        [(38, "no abstract")],
    ),
    "arxiv-search": (
        [
            (
                2,
                "2501.01234",
                "Fast Trees",
                ["Ann Lee", "Bob van Dyk"],
                "2025-11-13",
                "Trees are slow. We make them 2.16x faster.\nSubmitted 3 trees for review.",
            ),
            (14, "hep-th/9901001", "Strings", ["Özlem Uzuner"], "1999-01-02", "A short abstract, all of it."),
            (
                23,
                "arxiv-search-3",
                "Cut Short",
                ["Ann Lee"],
                "2020-05-05",
                "Only the first words are on this page…",
            ),
        ],
        [(31, "no abstract")],
    ),
    "atom": (
        [
            (
                5,
                "2501.01234",
                "Fast Trees &\n  Bushes",
                ["Ann Lee", "Bob van Dyk"],
                "2025-01-02",
                "Trees are $<2\\times$ slow.\nWe make {them} 2.16x faster.",
            )
        ],
        [(22, "no abstract"), (28, "arXiv answered: incorrect id format for 1")],
    ),
    "arxiv-snapshot": (
        [
            (
                1,
                "2501.01234",
                "Fast Trees\n  and Bushes",
                ["Ann Lee", "Bob van Dyk Jr."],
                "2025-01-02",
                "Trees are slow.\nWe make them $2.16\\times$ faster.",
            ),
            (2, "hep-th/9901001", "Strings", ["J.-P. Sartre"], "2008-11-26", "They vibrate."),
        ],
        [(3, "not JSON")],
    ),
    "jsonl": (
        [
            (
                1,
                "2404.16710",
                "LayerSkip",
                ["Ann Lee", "Bob Dyk"],
                "2024-04-25",
                " Up to 2.16x, {raw}\n\\cite{x} ",
            ),
            (3, "jsonl-2", "Aliases", ["Ann Lee", "Bob Dyk"], "2020", "A café with 10 tables."),
            (10, "jsonl-9", "fine", [], None, "After all that, 3x."),
        ],
        [
            (4, "not JSON"),
            (5, 'expected a JSON object, found ["not"'),
            (6, "no abstract: the keys are title, text"),
            (7, "no abstract"),
            (8, "abstract is a list, not text"),
            (9, "half a surrogate pair"),
            (11, "byte 0xe9 is not UTF-8"),
        ],
    ),
    "csv": (
        [
            (
                2,
                "2501.01234",
                "Fast Trees",
                ["Ann Lee", "Bob van Dyk"],
                "2025-01-02",
                'Trees are "slow".\nWe make them 2.16x, faster.',
            ),
            (4, "csv-2", "Guarded", ["-"], "2025", "=2x is a formula"),
            (9, "csv-6", "Short row", [], None, "'tis 5% of it"),
            (11, "csv-8", "Last", [], None, "Still read: 3x."),
        ],
        [
            (5, "no abstract"),
            (7, "broken row"),
            (8, "expected 7 cells, found 8"),
            (10, "byte 0xe9 is not UTF-8"),
        ],
    ),
    "tsv": (
        [
            (2, "lee2020", "Fast Trees", [], "2020", 'They are 2.16x faster, "they say"'),
            (4, "tsv-3", "No key", [], None, "Slower by 5%."),
        ],
        [(3, "no abstract")],
    ),
    "parquet": (
        [
            (1, "p1", "Fast Trees", ["Ann Lee"], None, " We make them 2.16x\nfaster. "),
            (3, "parquet-3", "Slow", [], None, "Slower by 5%."),
        ],
        [(2, "no abstract")],
    ),
    "bibtex": (
        [
            (
                4,
                "lee2024",
                "{Deep} Nets for {GPU}s",
                ["Ann Lee", "Bob van Dyk", "{The Team}"],
                "2024-04",
                'Trees are slow on 50\\% of {GPU}s.\n     We "indent"\tand\n\n  break lines.',
            ),
            (19, "quoted", "Quoted {T}itle", [], "2023-03", 'An abstract with {"}quotes{"}: 2x'),
            (21, "round", "", [], "2021-09-25", "In round\n  brackets: 3x."),
            (23, "unknown", "", [], "2020", "Macro unknown: 4x."),
        ],
        [(15, "broken BibTeX entry"), (20, "no abstract")],
    ),
    "text": (
        [
            (
                2,
                "text-1",
                "Fast Trees: A Study",
                [],
                None,
                "Trees are slow.\nWe make them 2.16x faster.\n\nThey stay green.",
            )
        ],
        [],
    ),
}


@pytest.mark.parametrize("kind", EXPECTED)
def test_documents_and_problems(kind: str, tmp_path: Path) -> None:
    path = tmp_path / FILES[kind]
    path.write_bytes(content(kind))
    documents, problems = collect(path)
    expected, reported = EXPECTED[kind]
    assert [
        (
            document.source.line if document.source else 0,
            document.id,
            document.title,
            document.authors,
            document.date,
            document.abstract,
        )
        for document in documents
    ] == expected
    assert {document.source.kind for document in documents if document.source} == {kind}
    assert [
        (problem.line, problem.reason[: len(reason)]) for problem, (_, reason) in zip(problems, reported, strict=True)
    ] == reported
    assert all(problem.file == str(path) and problem.advice for problem in problems)


@pytest.mark.parametrize("kind", EXPECTED)
@pytest.mark.parametrize("way", ["gzip path", "stream", "gzip stream", "named kind", "text stream"])
def test_the_way_in_makes_no_difference(kind: str, way: str, tmp_path: Path) -> None:
    if way == "text stream" and kind in ("parquet", "jsonl", "csv"):
        pytest.skip("not text, or not all of it UTF-8")
    data = content(kind)
    plain, plain_problems = collect(io.BytesIO(data))
    if way == "gzip path":
        path = tmp_path / f"{FILES[kind]}.gz"
        path.write_bytes(gzip.compress(data))
        found, problems = collect(path)
        assert all(document.id.startswith(kind) for document in found if document.id.endswith("-1"))
    elif way == "named kind":
        found, problems = collect(io.BytesIO(data), kind=kind)
    elif way == "text stream":
        found, problems = collect(io.StringIO(data.decode()))
    else:
        found, problems = collect(io.BytesIO(gzip.compress(data) if "gzip" in way else data))
    assert [document.abstract for document in found] == [document.abstract for document in plain]
    assert [(p.line, p.reason) for p in problems] == [(p.line, p.reason) for p in plain_problems]


def test_every_kind_has_a_fixture() -> None:
    assert {kind.name for kind in KINDS} == set(EXPECTED) == set(FILES)


def test_fields_beside_the_text() -> None:
    (atom, *_), _ = collect(DATA / "atom.xml")
    assert (atom.doi, atom.url) == ("10.1145/1234.5678", "http://arxiv.org/abs/2501.01234v2")
    assert atom.categories == ["cs.LG", "cs.AI"]
    (snapshot, *_), _ = collect(DATA / "arxiv-snapshot.jsonl")
    assert (snapshot.doi, snapshot.url) == ("10.1145/1234.5678", "https://arxiv.org/abs/2501.01234")
    assert snapshot.categories == ["cs.LG", "cs.DC"]
    (page, old, *_), _ = collect(DATA / "arxiv-search.txt")
    assert (page.categories, page.doi) == (["cs.LG", "cs.AI"], "10.1145/1234.5678")
    assert (old.categories, old.url) == (["hep-th", "math.AG"], "https://arxiv.org/abs/hep-th/9901001")
    (table, *_), _ = collect(DATA / "csv.csv")
    assert (table.categories, table.url) == (["cs.LG", "cs.AI"], "https://example.org/1")
    (entry, *_), _ = collect(DATA / "bibtex.bib")
    assert (entry.doi, entry.url) == ("10.1145/1234.5678", "https://arxiv.org/abs/2404.16710")
    (labelled, *_), _ = collect(DATA / "jsonl.jsonl")
    assert (labelled.claims, labelled.doi) == ([], "10.1145/1")
    (feed, *_), _ = collect(DATA / "feed.txt")
    assert feed.categories == ["LG"]


def test_a_labelled_document_is_read_back_as_it_was_written() -> None:
    (first, *_), _ = collect(DATA / "arxiv-snapshot.jsonl")
    (again,), problems = collect(io.StringIO(first.to_json() + "\n"))
    assert problems == []
    assert again.model_copy(update={"source": first.source}) == first


def test_a_feed_that_is_cut_off_gives_what_it_has() -> None:
    documents, problems = collect(DATA / "atom-cut.xml")
    assert [document.id for document in documents] == ["2501.01234"]
    assert [problem.reason[:10] for problem in problems] == ["broken XML"]
    assert problems[0].line == 25


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("@article{lee, abstract = {\n  Twice as fast.}}\n", "bibtex"),
        ('title,abstract,citation\nTrees,"Twice as fast.","\n@misc{lee,\n title={Trees}}"\n', "csv"),
        ('{"title": "Trees", "abstract": "Authors: Submitted 1 May, 2020 @misc{lee,"}\n', "jsonl"),
        ("Twice as fast.\nAbstract, title and authors\nare words of this text.\n", "text"),
        ("Agarwal wrote this on May 5, 2024\nand it is twice as fast.\n", "text"),
    ],
)
def test_look_alikes_are_told_apart(text: str, kind: str) -> None:
    (document,) = read(io.StringIO(text))
    assert document.source is not None
    assert document.source.kind == kind


def test_an_entity_bomb_is_refused() -> None:
    with pytest.raises(ReadingError, match="entity declarations"):
        read(DATA / "atom-bomb.xml")


def test_a_stray_quote_costs_one_row() -> None:
    table = 'title,abstract\na,"un"closed\nb,2x faster\nc,"3x, slower"\n'
    documents, problems = collect(io.StringIO(table))
    assert [document.title for document in documents] == ["b", "c"]
    assert [problem.line for problem in problems] == [2]


def test_a_quote_that_never_closes_is_reported() -> None:
    documents, problems = collect(io.StringIO('title,abstract\na,1x\nb,"2x\nc,3x\n'))
    assert [document.title for document in documents] == ["a"]
    assert [(problem.line, problem.reason[:10]) for problem in problems] == [(3, "broken row")]


def test_cells_may_be_huge() -> None:
    documents, problems = collect(io.StringIO(f"title,abstract\nhuge,{'x ' * 200_000}\n"))
    assert problems == []
    assert len(documents[0].abstract) == 400_000


def test_semicolons_separate_cells_where_commas_do_not() -> None:
    documents, _ = collect(io.StringIO("title;abstract\nTrees, old and new;They are 2x, or 3x\n"))
    assert [(document.title, document.abstract) for document in documents] == [
        ("Trees, old and new", "They are 2x, or 3x")
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("kind", ["feed", "arxiv-search", "tsv", "bibtex", "text", "atom", "arxiv-snapshot"])
def test_byte_order_marks_are_undone(encoding: str, kind: str) -> None:
    if kind == "atom" and encoding == "utf-16":
        pytest.skip("its declaration says UTF-8")
    text = content(kind).decode("utf-8")
    documents, problems = collect(io.BytesIO(text.encode(encoding)))
    plain, plain_problems = collect(io.StringIO(text))
    assert [(d.title, d.abstract) for d in documents] == [(d.title, d.abstract) for d in plain]
    assert len(problems) == len(plain_problems)


@pytest.mark.parametrize("kind", ["feed", "aitopics", "huggingface", "arxiv-search", "bibtex"])
def test_one_bad_byte_costs_one_document(kind: str) -> None:
    good = b"50\\%" if kind == "bibtex" else b"2.16x"
    assert good in content(kind)
    documents, problems = collect(io.BytesIO(content(kind).replace(good, b"50\xb0", 1)))
    before, problems_before = collect(io.BytesIO(content(kind)))
    assert [document.title for document in documents] == [document.title for document in before[1:]]
    assert len(problems) == len(problems_before) + 1
    assert sum("byte 0xb0 is not UTF-8" in problem.reason for problem in problems) == 1


def test_windows_line_ends_change_nothing_but_themselves() -> None:
    for kind in ("feed", "aitopics", "huggingface", "arxiv-search", "bibtex", "text", "jsonl", "tsv"):
        plain, _ = collect(io.BytesIO(content(kind)))
        windows, _ = collect(io.BytesIO(content(kind).replace(b"\n", b"\r\n")))
        assert [d.title for d in windows] == [d.title for d in plain]
        assert [d.abstract.split() for d in windows] == [d.abstract.split() for d in plain]


@pytest.mark.parametrize(
    ("text", "title", "abstract"),
    [
        ("Just an abstract, 2x.", "", "Just an abstract, 2x."),
        ("First line.\n\nSecond paragraph.", "", "First line.\n\nSecond paragraph."),
        ("A Title\n\nThe text.\n", "A Title", "The text."),
        ("A line\nwrapped without a title", "", "A line\nwrapped without a title"),
        ("x" * 251 + "\n\nThe text.", "", "x" * 251 + "\n\nThe text."),
        ("Only a title\n\n", "", "Only a title"),
        ("We ship a, b\nand c, d\nof e, f", "", "We ship a, b\nand c, d\nof e, f"),
    ],
)
def test_plain_text(text: str, title: str, abstract: str) -> None:
    (document,), problems = collect(io.StringIO(text))
    assert problems == []
    assert (document.title, document.abstract) == (title, abstract)
    assert document.id == "stream-1"
