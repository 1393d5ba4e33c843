"""The page of errors: what it holds, and in a browser, its filters."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from extractor.claims import Claim, Cue, Document, Mention
from extractor.differences import errors
from extractor.errorpage import page
from extractor.evaluation import report
from extractor.highlight import Layer, layered
from tests.browser import opened

ABSTRACT = "Foo is 2.5x faster than Bar & <b>Qux</b>, with 30% less memory on 8 GPUs."


def claim(quantity: str, value: float, unit: str, **changes: Any) -> Claim:
    start = ABSTRACT.index(quantity)
    fields = {"form": "ratio", "direction": "increase", "type": "speed", "role": "result", "metric": "faster"} | changes
    metric = fields.pop("metric")
    if metric:
        at = ABSTRACT.index(metric)
        fields["metric"] = Mention(text=metric, start=at, end=at + len(metric))
    return Claim(quantity=quantity, start=start, end=start + len(quantity), value=value, unit=unit, **fields)


FASTER = claim("2.5x", 2.5, "x")
MEMORY = claim("30%", 30, "%", form="change", direction="decrease", type="memory", metric="memory")
GPUS = claim("8", 8, "gpu", form="level", direction="none", type="scale", role="setup", metric="GPUs")


def documents(*claims: Claim, also: tuple[Claim, ...] = ()) -> list[Document]:
    texts = {"title": "Foo <i>", "abstract": ABSTRACT}
    return [Document(id="a", claims=list(claims), **texts), Document(id="b", claims=list(also), **texts)]


def shown(gold: list[Document], predicted: list[Document]) -> str:
    return page(gold, predicted, report(gold, predicted, resamples=20), title="mine", version="1.2")


WRONG = FASTER.model_copy(update={"type": "quality", "evidence": {"type": Cue(rule="quality-words", start=7, end=11)}})
GOLD = documents(FASTER, MEMORY, GPUS)
PREDICTED = documents(WRONG, MEMORY.model_copy(update={"metric": None}), also=(GPUS,))


def test_every_error_is_a_row_with_its_rule() -> None:
    html = shown(GOLD, PREDICTED)
    rows = re.findall(r'<li [^>]*data-kind="(\w*)" data-field="(\w*)" data-type="(\w*)" data-role="(\w*)"', html)
    assert sorted(rows) == [
        ("field", "type", "speed", "result"),
        ("missing", "", "scale", "setup"),
        ("slot", "metric", "memory", "result"),
        ("spurious", "", "scale", "setup"),
    ]
    assert len(rows) == len(errors(GOLD, PREDICTED, role=None))
    assert "by rule quality-words" in html


def test_texts_are_escaped() -> None:
    html = shown(GOLD, PREDICTED)
    assert "&lt;b&gt;Qux&lt;/b&gt;" in html
    assert "Foo &lt;i&gt;" in html
    assert "<b>Qux" not in html


def test_page_without_errors_says_so() -> None:
    assert "No errors: prediction and labels agree" in shown(GOLD, GOLD)


LAYERED = {
    "none": ("a < b", [], "a &lt; b"),
    "one": ("ab cd", [Layer(3, 5, "gold", "g0")], 'ab <mark class="gold" data-keys="g0">cd</mark>'),
    "overlap": (
        "abc",
        [Layer(0, 2, "gold", "g0"), Layer(1, 3, "predicted", "p0")],
        '<mark class="gold" data-keys="g0">a</mark><mark class="gold predicted" data-keys="g0 p0">b</mark>'
        '<mark class="predicted" data-keys="p0">c</mark>',
    ),
}


@pytest.mark.parametrize(("text", "layers", "expected"), LAYERED.values(), ids=LAYERED)
def test_layers(text: str, layers: list[Layer], expected: str) -> None:
    assert layered(text, layers) == expected


def test_filters_in_a_browser(tmp_path: Path) -> None:
    file = tmp_path / "errors.html"
    file.write_text(shown(GOLD, PREDICTED), encoding="utf8")
    with opened(file.as_uri()) as browser:
        visible = browser.locator("li:visible")
        said = browser.locator("#shown")
        assert (visible.count(), said.inner_text()) == (4, "4 of 4 errors, in 2 documents")
        browser.select_option("[name=kind]", "field")
        assert (visible.count(), said.inner_text()) == (1, "1 of 4 errors, in 1 documents")
        assert "labelled speed predicted quality" in " ".join(visible.inner_text().split())
        browser.select_option("[name=kind]", "")
        browser.select_option("[name=type]", "scale")
        assert visible.count() == 2
        browser.fill("[name=text]", "missing")
        assert (visible.count(), browser.locator("article:visible").count()) == (1, 1)
        browser.fill("[name=text]", "no such words")
        assert (visible.count(), browser.locator("#none").is_visible()) == (0, True)
        browser.click("button")
        browser.wait_for_function("document.querySelectorAll('li:not([hidden])').length === 4")
        browser.select_option("[name=field]", "metric")
        visible.first.focus()
        assert browser.locator("mark.on").all_inner_texts() == ["30%", "memory"]
