"""Context: which phrases belong to which number. What must hold does so whatever the model's weights of the day are."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractor import extract, pipeline
from extractor.claims import LIST_SLOTS, Claim
from extractor.context import MAX_NUMBERS

ROOT = Path(__file__).parent.parent


def slots(claim: Claim, *names: str) -> dict[str, list[str]]:
    """The texts of some slots."""
    texts = {}
    for name in names:
        found = getattr(claim, name)
        texts[name] = [m.text for m in found] if name in LIST_SLOTS else [found.text] if found else []
    return texts


# Title, abstract, number -> slots. Plain sentences that readers of systems papers meet every day.
LINKED = {
    "baseline behind over": (
        "Foo: Fast Inference",
        "We present Foo. Foo improves throughput by 2.5x over vLLM.",
        "2.5x",
        {"metric": ["throughput"], "system": ["Foo"], "baseline": ["vLLM"]},
    ),
    "baseline behind compared to": (
        "Foo: Fast Inference",
        "Foo reduces latency by up to 30% compared to TensorRT.",
        "30%",
        {"metric": ["latency"], "system": ["Foo"], "baseline": ["TensorRT"]},
    ),
    "system before outperforms": (
        "",
        "Our evaluation shows that Tesserae outperforms Tiresias by 1.62x in average JCT.",
        "1.62x",
        {"system": ["Tesserae"], "baseline": ["Tiresias"]},
    ),
    "stand-in is the named system": (
        "LayerSkip: Early Exit",
        "We propose LayerSkip. Our method achieves a speedup of 1.8x over autoregressive decoding.",
        "1.8x",
        {"system": ["LayerSkip"], "baseline": ["autoregressive decoding"]},
    ),
    "name without what follows it": (
        "EvoSPLat: Testing",
        "In our study EvoSPLat detected all bugs four times faster than 6-wise sampling.",
        "four times",
        {"system": ["EvoSPLat"], "metric": ["faster"]},
    ),
    "name without its possessive": (
        "DDCCast: Deadlines",
        "We confirm DDCCast's potential to reduce bandwidth usage by 45% over existing schemes.",
        "45%",
        {"metric": ["bandwidth usage"], "system": ["DDCCast"], "baseline": ["existing schemes"]},
    ),
    "name from the title when the sentence has none": (
        "LayerSkip: Early Exit",
        "Experiments show speedups of up to 2.16x.",
        "2.16x",
        {"metric": ["speedups"], "system": ["LayerSkip"], "baseline": []},
    ),
}


@pytest.mark.parametrize(("title", "abstract", "quantity", "expected"), LINKED.values(), ids=LINKED)
def test_phrases_are_linked(title: str, abstract: str, quantity: str, expected: dict[str, list[str]]) -> None:
    (claim,) = (claim for claim in extract(abstract, title) if claim.quantity == quantity)
    assert slots(claim, *expected) == expected


def test_every_phrase_stands_where_it_says_and_names_its_cue() -> None:
    text = (ROOT / "examples" / "feed-agarwal.txt").read_text(encoding="utf8")[:20_000]
    found = 0
    for claim in extract(text):
        for name in LIST_SLOTS:
            for mention in getattr(claim, name):
                assert text[mention.start : mention.end] == mention.text
                assert claim.evidence[name].rule in {f"context-{name}", "one-each"}
                found += 1
    assert found > 20


LISTED = {
    "baselines, respectively": (
        "Bar outperforms Foo, Baz and Qux by 2x, 3x and 4x, respectively.",
        "baseline",
        [["Foo"], ["Baz"], ["Qux"]],
    ),
    "baselines before the system": (
        "Compared to GPU-only, NPU-only, and a naive NPU+PIM approach, Bar achieves 3$\\times$, 2.4$\\times$ and "
        "1.6$\\times$ throughput improvement, respectively.",
        "baseline",
        [["GPU-only"], ["NPU-only"], ["naive NPU+PIM approach"]],
    ),
}


@pytest.mark.parametrize(("abstract", "slot", "expected"), LISTED.values(), ids=LISTED)
def test_each_number_of_a_list_has_its_own_phrase(abstract: str, slot: str, expected: list[list[str]]) -> None:
    claims = extract(abstract, "Bar: x")
    assert [slots(claim, slot)[slot] for claim in claims] == expected
    assert {claim.evidence[slot].rule for claim in claims} == {"one-each"}


def test_set_up_has_no_system() -> None:
    (claim,) = extract("We evaluate Foo on 64 GPUs.", "Foo: x")
    assert (claim.role, claim.system) == ("setup", None)


def test_rules_alone_leave_the_list_slots_empty() -> None:
    rules_only = pipeline.default().rules_only()
    (record,) = rules_only.records("Foo improves throughput by 2.5x over vLLM.", "Foo: Fast Inference")
    assert (record.metric and record.metric.text, record.system and record.system.text) == ("throughput", "Foo")
    assert [getattr(record, name) for name in LIST_SLOTS] == [[]] * len(LIST_SLOTS)


def test_a_phrase_fills_a_slot_once() -> None:
    claims = extract("Foo is 2x faster than Bar, and compared to Bar it saves 30% of energy over Bar.", "Foo: x")
    for claim in claims:
        texts = [mention.text for mention in claim.baseline]
        assert len(texts) == len(set(texts))


def test_work_is_bounded_in_a_sentence_without_end() -> None:
    text = "It is " + ", ".join(f"{n}x faster than System{n}" for n in range(2, 400)) + "."
    claims = extract(text, "Foo: x")
    assert len(claims) == 398
    assert not any(claim.baseline for claim in claims[MAX_NUMBERS:])


@pytest.mark.parametrize("odd", ["\ud800", "\x00", "\u2028", "𝛼"])
def test_odd_characters_are_no_matter(odd: str) -> None:
    (claim,) = extract(f"Foo{odd} improves throughput by 2.5x over vLLM{odd}.", "Foo: x")
    assert claim.value == 2.5
