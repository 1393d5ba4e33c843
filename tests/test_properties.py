"""What holds of every extraction, whatever the text: spans, values, order, determinism.

`EXTRACTOR_EXAMPLES=5000 pytest tests/test_properties.py` looks harder than the usual run does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise
from math import isfinite
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from extractor.claims import Claim, Cue, Mention
from extractor.pipeline import default, extract
from extractor.quantities import MAX_NUMBERS, MAX_TEXT

ROOT = Path(__file__).parent.parent
EXAMPLES = int(os.environ.get("EXTRACTOR_EXAMPLES", "150"))

pages = settings(
    max_examples=EXAMPLES,
    deadline=None,  # the first call loads the rules
    suppress_health_check=[HealthCheck.too_slow],
)

NUMBERS = [
    "3", "0", "9.5", ".5", "1,000", "1{,}000", "1\\,000", "10\u202f000", "1e-3", "1e999", "10^", "10^6",
    "10^{6}", "10^{", "10^{-3}", "3\\times10^{5}", "-2.1", "−4", "+7", "128M", "3K", "3k", "557-million",
    "1.1billion", "twice", "half", "halves", "doubles", "threefold", "ten-fold", "two", "one-third", "1/3",
    "0/0", "\\frac{1}{3}", "1-2", "1–2", "1--2", "1:2", "2x5", "3±1", "3\\pm0.1", "2024", "٣", "３", "²",
    "½", "⅓", "3thouſand", "999999999999999999999", "1.2.3", "1..2", "1-1-1", "1/2/3", "3×", "3x", "10X",
    "2.5\\times", "$3", "€3", "£3", "US$3", "3%", "3\\%", "3.", ".3.",
]  # fmt: skip
LATEX = [
    "$", "$$", "\\(", "\\)", "{", "}", "{}", "}{", "\\", "\\\\", "\\%", "\\,", "\\;", "~", "^", "^{", "_",
    "_{", "\\times", "\\pm", "\\sim", "\\approx", "\\leq", ">", "<", "=", "\\geq", "\\mathrm{",
    "\\text{ms}", "\\textbf{", "\\frac{", "\\cdot", "^{-1}", "^2", "^\\circ", "\\mu", "\\mathbf",
]  # fmt: skip
UNITS = [
    "x", "×", "times", "fold", "percent", "%", "points", "pp", "ms", "s", "seconds", "minutes", "GB",
    "Gb/s", "GB/s/s", "tokens/s", "fps", "μs", "µs", "\\mus", "W", "kWh", "J", "°C", "K", "in.", "B", "bit",
    "-bit", "-layer", "GPUs", "parameters", "cats", "USD", "million", "mm^2", "m2", "per", "second", "/s",
]  # fmt: skip
MODIFIERS = [
    "up to", "about", "over", "at least", "less than", "on average", "average", "mean", "geomean", "median",
    "more than", "roughly", "as much as", "nearly", "only", "from", "to", "between", "and", "or", "by",
    "of", "a factor of", "vs.", "compared to", "respectively", "out of", "orders of magnitude",
    "an order of magnitude", "medıan",
]  # fmt: skip
WORDS = [
    "we", "our method", "this paper", "achieves", "reduces", "improves", "latency", "throughput",
    "accuracy", "speedup", "faster", "higher", "smaller", "compared", "which", "while", "dataset", "the",
    "GPT-4", "top-1", "F1", "TOPv2", "e.g.", "et al.", "Fig.", "İ", "ſ", "e\u0301", "\u202b", "\u200b", "🚀",
    "ﬁ", "\x00", "\ud800",
]  # fmt: skip
PUNCTUATION = [
    ".", ",", ";", ":", "!", "?", "(", ")", "[", "]", "-", "–", "—", "/", "'", '"', "…", "\n", "\n\n", "\t",
    "  ", "\r\n",
]  # fmt: skip

piece = st.sampled_from([*NUMBERS, *NUMBERS, *LATEX, *UNITS, *UNITS, *MODIFIERS, *WORDS, *PUNCTUATION])
glue = st.sampled_from(["", " ", " ", " ", "\n", "-", ". "])
hostile = st.lists(st.tuples(piece, glue), max_size=40).map(lambda parts: "".join(a + b for a, b in parts))
anything = st.text(max_size=200)
texts = hostile | anything | st.tuples(hostile, anything, hostile).map("".join)
titles = st.just("") | hostile | st.sampled_from(["LayerSkip: Early Exit", "3x: A Title", "$O(n)$ – Faster"])

# Whole sentences that say nothing about the next one.
SENTENCES = (
    "It reduces latency from 21 ms to 8.5 ms.",
    "Throughput improves by 2.1x, 3x and 40% over vLLM, TGI and Orca, respectively.",
    "The accuracy of 97.2% is 3.1 points higher than before.",
    "Training takes between 5 and 8 hours on 64 GPUs.",
    "A 557-million-parameter model needs $>2.5\\times$ less memory.",
    "On average, the error drops by half with 1.2e-3 of the cost.",
    "Storage costs \\$3 per 10 GB.",
    "The system answers 6 cases out of more than 200.",
    "It is two orders of magnitude faster (up to 150$\\times$) on 12 datasets.",
    "Nothing is counted here.",
)
NEUTRAL = "Nothing is counted in this remark."


@pages
@given(texts, titles)
@example("3 thouſand cats", "")
@example("a power of 10^" + "9" * 5000 + " things", "")
@example("an accuracy of " + "9" * 400 + "%", "")
@example("It runs 10x geo-mean over Pyserini 8T and 11x over PISA-1T.", "")
@example("achieves 3.24$\\times$ geomean speedup and\nup to 5.30$\\times$ speedup on 95% recall rate", "")
def test_any_text_gives_sound_claims(text: str, title: str) -> None:
    claims = extract(text, title)
    for claim in claims:
        check_spans(claim, text=text, title=title)
        check_value(claim)
    check_order(claims)


def check_spans(claim: Claim, *, text: str, title: str) -> None:
    assert 0 <= claim.start < claim.end <= len(text)
    assert text[claim.start : claim.end] == claim.quantity
    assert claim.sentence is not None
    first, last = claim.sentence
    assert 0 <= first <= claim.start < claim.end <= last <= len(text)
    old = claim.from_
    if old is not None:
        assert text[old.start : old.end] == old.text != ""
    lists = (claim.baseline, claim.task, claim.dataset, claim.model, claim.hardware, claim.condition)
    for mention in (claim.metric, claim.system, *(m for slot in lists for m in slot)):
        assert mention is None or covered(mention, text=text, title=title) == mention.text != ""
    for name, cue in claim.evidence.items():
        source = title if cue.field == "title" else text
        assert 0 <= cue.start <= cue.end <= len(source), name
        assert cue.rule


def covered(place: Mention | Cue, *, text: str, title: str) -> str:
    """The text that a mention's span covers."""
    return (title if place.field == "title" else text)[place.start : place.end]


def check_value(claim: Claim) -> None:
    numbers = (claim.value, claim.low, claim.high, claim.spread)
    assert all(number is None or isfinite(number) for number in numbers)
    if claim.value is None:
        assert claim.low is not None and claim.high is not None and claim.low <= claim.high
    else:
        assert claim.low is None and claim.high is None
    old = claim.from_
    assert old is None or (old.value is None) == (old.low is not None and old.high is not None)


def check_order(claims: list[Claim]) -> None:
    places = [(c.start, c.end, c.from_.start if c.from_ else -1) for c in claims]
    assert places == sorted(places)
    assert len(set(places)) == len(places)
    spans = sorted({(c.start, c.end) for c in claims})
    assert all(left[1] <= right[0] for left, right in pairwise(spans)), "claims overlap"


@pages
@given(texts)
def test_claims_survive_json(text: str) -> None:
    for claim in extract(text):
        data = claim.model_dump(by_alias=True)
        assert Claim.model_validate(data) == claim


@pages
@given(texts, texts)
def test_a_text_says_the_same_whatever_was_read_before(text: str, other: str) -> None:
    before = extract(text)
    extract(other)
    assert extract(text) == before


@pages
@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=5))
def test_a_remark_before_the_text_shifts_the_claims(sentences: list[str]) -> None:
    text = " ".join(sentences)
    shift = len(NEUTRAL) + 1
    # The model also looks at where in its abstract a number stands.
    moved = default().rules_only().records(f"{NEUTRAL} {text}")
    plain = default().rules_only().records(text)
    assert plain or set(sentences) == {SENTENCES[-1]}
    assert [(r.start - shift, r.end - shift, r.value, r.low, r.high, r.unit, r.form) for r in moved] == [
        (r.start, r.end, r.value, r.low, r.high, r.unit, r.form) for r in plain
    ]


@pages
@given(texts)
def test_rejected_numbers_stand_in_the_text(text: str) -> None:
    _, rejected = default().analyse(text)
    assert all(0 <= number.start < number.end <= len(text) and number.rule for number in rejected)


@pytest.mark.parametrize("sentence", ["It is 3x faster. ", "It takes 3 ms, "])
def test_nothing_is_read_beyond_the_limits(sentence: str) -> None:
    claims = extract(sentence * (MAX_TEXT // len(sentence) + 100))
    assert 0 < len(claims) <= MAX_NUMBERS
    assert all(claim.end <= MAX_TEXT for claim in claims)


def test_numbers_behind_the_longest_text_are_not_read() -> None:
    assert extract("It is 3x faster. " + "word " * (MAX_TEXT // 5) + "It is 4x faster.") == extract(
        "It is 3x faster. " + "word " * (MAX_TEXT // 5)
    )


_EXTRACT_ALL = """
import sys
from pathlib import Path
from extractor.claims import dumps
from extractor.pipeline import extract
for page in sorted(Path("examples").glob("*.txt")):
    for line in page.read_text(encoding="utf-8").splitlines():
        claims = [claim.model_dump(by_alias=True) for claim in extract(line, line[:80])]
        sys.stdout.buffer.write(dumps(claims).encode() + b"\\n")
"""


def output_under(seed: str) -> bytes:
    """What a fresh interpreter with this hash seed extracts from the example pages."""
    run = subprocess.run(
        [sys.executable, "-c", _EXTRACT_ALL],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
    )
    return run.stdout


def test_the_hash_seed_changes_no_byte() -> None:
    expected = output_under("0")
    assert expected.count(b'"quantity"') > 100
    assert output_under("1") == expected
    assert output_under("random") == expected
