"""The five saved pages that ship with the repository, pinned by what a person reads in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractor.claims import Document
from extractor.reading import Problem, read

EXAMPLES = Path(__file__).parents[2] / "examples"
COUNTS = {
    "feed-agarwal": ("feed", 19),
    "feed-mitra": ("feed", 18),
    "aitopics-agarwal": ("aitopics", 9),
    "huggingface-papers": ("huggingface", 47),
    "arxiv-search-mahajan": ("arxiv-search", 50),
}


def documents(stem: str) -> list[Document]:
    problems: list[Problem] = []
    found = list(read(EXAMPLES / f"{stem}.txt", on_problem=problems.append))
    assert problems == []
    return found


@pytest.mark.parametrize("stem", COUNTS)
def test_counts_kinds_and_ids(stem: str) -> None:
    kind, count = COUNTS[stem]
    found = documents(stem)
    assert [document.id for document in found] == [f"{stem}-{number}" for number in range(1, count + 1)]
    for number, document in enumerate(found, start=1):
        assert document.source is not None
        assert (document.source.file, document.source.kind, document.source.number) == (
            f"{stem}.txt",
            kind,
            number,
        )


# page, number, line, title, authors (how many, first, last), date, beginning and end of the abstract
PINNED = [
    (
        "feed-agarwal",
        1,
        1,
        "RL-ACRGNet: Reinforcement Learning-Based Chest Radiology Report Generation Network",
        (3, "Yogesh Kumar Meena", "K. V. Arya"),
        "--06-01",
        "Medical imaging interpretation is a foundational pillar",
        "high-quality, clinically relevant reports",
    ),
    (
        "feed-agarwal",
        2,
        4,
        "LayerSkip: Enabling Early Exit Inference and Self-Speculative Decoding",
        (3, "Mostafa Elhoushi", "Diana Liskovich"),
        "2024-04-25",
        "We present LayerSkip, an end-to-end solution",
        "checkpoints at https://github.com/facebookresearch/LayerSkip.",
    ),
    (
        "feed-agarwal",
        16,
        46,
        "Attack of the Tails: Yes, You Really Can Backdoor Federated Learning",
        (3, "Hongyi Wang", "Shashank Rajput"),
        "2020-07-09",
        "Due to its decentralized nature, Federated Learning (FL)",
        "(e.g., image classification, OCR, text prediction, sentiment analysis).",
    ),
    (
        "feed-agarwal",
        19,
        55,
        "A Novel Approach to Develop a New Hybrid Technique for Trademark Image Retrieval",
        (2, "Saurabh Agarwal", "Punit Kumar Johari"),
        "2014-11-08",
        "Trademark Image Retrieval is playing a vital role",
        "the system is 85 percent efficient.",
    ),
    (
        "feed-mitra",
        1,
        1,
        "Analysis of Distributed Deep Learning in the Cloud",
        (3, "Aakash Sharma", "Sonali Singh"),
        "2022-08-30",
        "We aim to resolve this problem by introducing",
        "monetary costs for DDL, given a time budget.",
    ),
    (
        "feed-mitra",
        13,
        37,
        "FlowCast: Trajectory Forecasting for Scalable Zero-Cost Speculative Flow Matching",
        (3, "Divya Jyoti Bajpai", "Apoorv Saxena"),
        "--02-01",
        "Flow Matching (FM) has recently emerged",
        "no quality loss as compared to standard full generation.",
    ),
    (
        "feed-mitra",
        18,
        52,
        "DeepPlace: Learning to Place Applications in Multi-Tenant Clusters",
        (3, "Subrata Mitra", "Nikhil Sheoran"),
        "2019-07-30",
        "Large multi-tenant production clusters often have to handle",
        "at the same time optimizing for overall cluster utilization.",
    ),
    (
        "aitopics-agarwal",
        1,
        4,
        "Everything Everywhere All at Once: LLMs can In-Context Learn Multiple Tasks in Superposition",
        (14, "Zheyang Xiong", "Dimitris Papailiopoulos"),
        None,
        "Large Language Models (LLMs) have demonstrated remarkable",
        "raise questions about the mechanisms enabling simultaneous task execution.",
    ),
    (
        "aitopics-agarwal",
        5,
        16,
        "MultiFusionNet: Multilayer Multimodal Fusion of Deep Neural Networks for Chest X-Ray Image Classification",
        (3, "Saurabh Agarwal", "Yogesh Kumar Meena"),
        None,
        "Chest X-ray imaging is a critical diagnostic tool",
        "extended to other disease classifications in chest X-ray images.",
    ),
    (
        "aitopics-agarwal",
        9,
        28,
        "Scalable K-Medoids via True Error Bound and Familywise Bandits",
        (4, "Aravindakshan Babu", "Hariharan Chandrasekaran"),
        None,
        "K-Medoids(KM) is a standard clustering method",
        "calculating the KM of 1 billion points on semi-metric spaces.",
    ),
    (
        "huggingface-papers",
        1,
        13,
        "Reshaping Free-Text Radiology Notes Into Structured Reports With Generative Transformers",
        None,
        "2024-03-27",
        "BACKGROUND: Radiology reports are typically written in a free-text format",
        "generating plausible human-like statements.",
    ),
    (
        "huggingface-papers",
        6,
        53,
        "Batch Speculative Decoding Done Right",
        None,
        None,
        "Speculative decoding speeds up LLM inference",
        "Our code is available at https://github.com/eBay/spec_dec.",
    ),
    (
        "huggingface-papers",
        33,
        261,
        "SkipPipe: Partial and Reordered Pipelining Framework for Training LLMs in Heterogeneous Networks",
        None,
        "2025-02-27",
        "Data and pipeline parallelism are ubiquitous",
        "code is available at https://github.com/gensyn-ai/skippipe.",
    ),
    (
        "huggingface-papers",
        47,
        373,
        "MAP: Low-compute Model Merging with Amortized Pareto Fronts via Quadratic Approximation",
        None,
        "2024-06-11",
        "Model merging has emerged as an effective approach",
        "further reducing the computational cost of evaluation.",
    ),
    (
        "arxiv-search-mahajan",
        1,
        1,
        "The Llama 4 Herd: Architecture, Training, Evaluation, and Deployment Notes",
        (25, "Aaron Adcock", "Aidan Boyd"),
        "2026-01-15",
        "This document consolidates publicly reported technical details",
        "practitioners who need precise, source-backed facts about Llama 4.",
    ),
    (
        "arxiv-search-mahajan",
        2,
        37,
        "EarthSight: A Distributed Framework for Low-Latency Satellite Intelligence",
        (3, "Ansel Kaplan Erol", "Divya Mahajan"),
        "2025-11-13",
        "Low-latency delivery of satellite imagery is essential",
        "51 to 21 minutes compared to the state-of-the-art baseline.",
    ),
    (
        "arxiv-search-mahajan",
        40,
        721,
        "Do We Still Need Clinical Language Models?",
        (10, "Eric Lehman", "Emily Alsentzer"),
        "2023-02-16",
        "Although recent advances in scaling large language models",
        "Health Data license and data use agreement.",
    ),
    (
        "arxiv-search-mahajan",
        50,
        889,
        "Heterogeneous Acceleration Pipeline for Recommendation System Training",
        (4, "Muhammad Adnan", "Prashant J. Nair"),
        "2022-04-11",
        "Recommendation models rely on deep learning networks",
        "by 2.2x compared to Intel-optimized CPU-GPU DLRM baseline.",
    ),
]


@pytest.mark.parametrize(
    ("stem", "number", "line", "title", "authors", "date", "begins", "ends"),
    PINNED,
    ids=[f"{pin[0]}-{pin[1]}" for pin in PINNED],
)
def test_documents_are_what_the_page_shows(
    stem: str,
    number: int,
    line: int,
    title: str,
    authors: tuple[int, str, str] | None,
    date: str | None,
    begins: str,
    ends: str,
) -> None:
    document = documents(stem)[number - 1]
    assert document.title == title
    names = document.authors
    assert ((len(names), names[0], names[-1]) if names else None) == authors
    assert document.date == date
    assert document.abstract.startswith(begins)
    assert document.abstract.endswith(ends)
    assert document.source is not None
    assert document.source.line == line


@pytest.mark.parametrize("stem", COUNTS)
def test_no_document_holds_what_is_not_its_own(stem: str) -> None:
    page = (EXAMPLES / f"{stem}.txt").read_text(encoding="utf-8")
    for document in documents(stem):
        assert document.abstract in page
        assert document.title in page
        assert len(document.abstract) > 300
        assert not document.title.isspace()
        assert "\n" not in document.title
        for name in document.authors:
            assert name not in document.title
        for mark in ("▽ More", "△ Less", "Submitted", "• ", "Authors:"):
            assert mark not in document.abstract
        assert document.abstract.count(document.abstract[:80]) == 1


def test_only_a_page_without_names_has_no_authors() -> None:
    without = {stem for stem in COUNTS if not all(document.authors for document in documents(stem))}
    assert without == {"huggingface-papers"}


def test_paragraphs_of_an_abstract_stay_apart() -> None:
    abstract = documents("arxiv-search-mahajan")[2].abstract
    paragraphs = abstract.split("\n")
    assert [paragraph.split()[0] for paragraph in paragraphs] == ["Attention", "In", "Our"]


def test_missing_years_stay_missing() -> None:
    dates = [document.date for stem in COUNTS for document in documents(stem)]
    assert sorted(date for date in dates if date and date.startswith("--")) == [
        "--01-04",
        "--02-01",
        "--02-05",
        "--03-02",
        "--06-01",
    ]
