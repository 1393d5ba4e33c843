"""Explanations of a text, and marked text for the terminal and for HTML."""

from __future__ import annotations

import pytest
from rich.console import Console

from extractor import pipeline
from extractor.claims import LIST_SLOTS, Claim
from extractor.explain import Explanation, Line, draw, explain
from extractor.highlight import Span, disjoint, html, terminal
from extractor.quantities import Evidence, Rejection
from extractor.records import Old, Phrase, Record

TEXT = "Foo cuts storage from 57Gb to 8.2Gb on CIFAR-10 & co."


def record() -> Record:
    return Record(
        quantity="8.2Gb", start=30, end=35, value=8.2, low=None, high=None, spread=0.5, unit="Gbit",
        bound="exact", statistic=None, form="level", direction="decrease", type="memory", role="result",
        sentence=(0, 53),
        from_=Old("57Gb", 22, 26, 57.0, None, None, "Gbit"), metric=Phrase("storage", "abstract", 9, 16),
        system=Phrase("Bar", "title", 0, 3), canonical="storage", polarity="lower",
        dataset=[Phrase("CIFAR-10", "abstract", 39, 47)],
        evidence={
            "value": Evidence("numeral", 30, 33), "direction": Evidence("verbs-down", 4, 8),
            "role": Evidence("result", 30, 30), "system": Evidence("title-name", 0, 3, "title"),
        },
    )  # fmt: skip


def explanation() -> Explanation:
    return Explanation(
        TEXT, "Bar: a title", [record()], [Rejection(45, 47, "hyphened-name")], {"hyphened-name": "A name."}
    )


def test_every_field_has_its_rule_and_cue() -> None:
    found = {line.field: line for line in explanation().lines(record())}
    assert found["value"] == Line("value", "8.2", "numeral", "8.2")
    assert found["direction"] == Line("direction", "decrease", "verbs-down", "cuts")
    assert found["role"] == Line("role", "result", "result", "")
    assert found["bound"] == Line("bound", "exact", "", "")
    assert found["system"] == Line("system", "Bar", "title-name", "Bar")
    assert found["from"].value == "57Gb"
    assert found["spread"].value == "0.5"
    assert found["dataset"].value == "CIFAR-10"
    assert found["canonical metric"].value == "storage (lower is better)"
    assert found["factor"].value == "6.9512195122"
    assert found.keys().isdisjoint({"statistic", *LIST_SLOTS} - {"dataset"})


def test_number_turned_away_names_its_rule_and_what_it_says() -> None:
    assert explanation().turned_away(Rejection(45, 47, "hyphened-name")) == Line("", "10", "hyphened-name", "A name.")
    assert explanation().turned_away(Rejection(45, 47, "built-in")).cue == ""


def test_factor_that_is_none_says_why() -> None:
    claim = record()
    claim.from_, claim.form, claim.unit = None, "change", "pp"
    found = {line.field: line.value for line in explanation().lines(claim)}
    assert found["factor"] == "none: points are no multiple of the reference"


def test_data_has_claims_of_the_library() -> None:
    data = explanation().to_data()
    claim = Claim.model_validate(data["claims"][0])
    assert (claim.quantity, claim.from_ and claim.from_.value) == ("8.2Gb", 57)
    assert data["rejected"] == [{"text": "10", "start": 45, "end": 47, "rule": "hyphened-name", "says": "A name."}]


def test_drawing_shows_text_claims_and_rejections() -> None:
    console = Console(width=100, record=True, file=None, quiet=False)
    with console.capture() as captured:
        console.print(*draw(explanation()), sep="\n")
    out = captured.get()
    for shown in (
        TEXT,
        "1. 8.2Gb  30–35",
        "verbs-down",
        "cuts",
        "Numbers that are no claims",
        "hyphened-name",
    ):
        assert shown in out


def test_explain_runs_the_pipeline_and_sorts_rejections() -> None:
    found = explain("In 2020 and 2021, Foo is 2.5x faster than Bar.", pipeline=pipeline.default())
    assert [r.quantity for r in found.records] == ["2.5x"]
    assert [(r.start, r.end) for r in found.rejections] == [(3, 7), (12, 16)]


def test_text_without_claims_says_so() -> None:
    assert any("No claims" in str(part) for part in draw(explain("Nothing here.", pipeline=pipeline.default())))


# --- highlighting -------------------------------------------------------------------------------------------

OVERLAPS = [
    ("apart", [(4, 6), (0, 2)], [(0, 2), (4, 6)]),
    ("touching", [(0, 2), (2, 4)], [(0, 2), (2, 4)]),
    ("earlier wins", [(1, 4), (0, 2)], [(0, 2)]),
    ("longer wins from one start", [(0, 2), (0, 4)], [(0, 4)]),
    ("nested", [(0, 6), (2, 3)], [(0, 6)]),
    ("empty", [(3, 3), (1, 2)], [(1, 2)]),
]


@pytest.mark.parametrize(("spans", "kept"), [o[1:] for o in OVERLAPS], ids=[o[0] for o in OVERLAPS])
def test_overlaps_have_one_policy(spans: list[tuple[int, int]], kept: list[tuple[int, int]]) -> None:
    assert [(s.start, s.end) for s in disjoint(Span(*span, "speed") for span in spans)] == kept


def test_html_is_escaped_inside_and_outside_marks() -> None:
    text = "a<b & >2x 🙂 5%"
    marked = html(text, [Span(text.index(">2x"), text.index(">2x") + 3, "speed"), Span(12, 14, "quality")])
    assert marked == ('a&lt;b &amp; <mark class="claim speed">&gt;2x</mark> 🙂 <mark class="claim quality">5%</mark>')


def test_html_of_text_without_spans_is_the_text() -> None:
    assert html("1 < 2", []) == "1 &lt; 2"


def test_terminal_text_is_whole_and_coloured_at_the_spans() -> None:
    marked = terminal("is [bold]2x faster", [Span(9, 11, "speed")])
    assert marked.plain == "is [bold]2x faster"
    assert [(span.start, span.end) for span in marked.spans] == [(9, 11)]
    assert "#2a7de1" in str(marked.spans[0].style)
