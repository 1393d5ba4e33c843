"""Ten sentences from the guidelines and the example pages, whose record fields come out fully right."""

from typing import Any

import pytest

from extractor.pipeline import default

X, PERCENT = "x", "%"

# Title, sentence, then per claim: quantity, value or (low, high), unit, bound, statistic, form, direction, type, role
# and old level.
SENTENCES: list[tuple[str, str, list[tuple[Any, ...]]]] = [
    (
        "LayerSkip: Enabling Early Exit Inference and Self-Speculative Decoding",
        "We implement our inference solution and show speedups of up to 2.16x on summarization for CNN/DM documents, "
        "1.82x on coding, and 2.0x on TOPv2 semantic parsing task.",
        [
            ("2.16x", 2.16, X, "up_to", None, "ratio", "increase", "speed", "result", None),
            ("1.82x", 1.82, X, "up_to", None, "ratio", "increase", "speed", "result", None),
            ("2.0x", 2.0, X, "up_to", None, "ratio", "increase", "speed", "result", None),
        ],
    ),
    (
        "CHAI: Clustered Head Attention for Efficient LLM Inference",
        "In our experiments, we show that CHAI is able to reduce the memory requirements for storing K,V cache by up "
        "to 21.4% and inference time latency by up to 1.73x without any fine-tuning required.",
        [
            ("21.4%", 21.4, PERCENT, "up_to", None, "change", "decrease", "memory", "result", None),
            ("1.73x", 1.73, X, "up_to", None, "ratio", "decrease", "speed", "result", None),
        ],
    ),
    (
        "MultiFusionNet",
        "The proposed model achieves a significantly higher accuracy of 97.21% and 99.60% for both three-class and "
        "two-class classifications, respectively.",
        [
            ("97.21%", 97.21, PERCENT, "exact", None, "level", "none", "quality", "result", None),
            ("99.60%", 99.6, PERCENT, "exact", None, "level", "none", "quality", "result", None),
        ],
    ),
    (
        "",
        "Furthermore, our proposed compression scheme reduces storage from 57Gb to 8.2Gb while retaining 99.7% of "
        "original performance.",
        [
            ("8.2Gb", 8.2, "Gbit", "exact", None, "level", "decrease", "memory", "result", ("57Gb", 57)),
            ("99.7%", 99.7, PERCENT, "exact", None, "share", "none", "quality", "result", None),
        ],
    ),
    (
        "",
        r"Our evaluation demonstrates that compared to GPU-only, NPU-only, and a naïve NPU+PIM integrated acceleration "
        r"approaches, NeuPIMs achieves 3$\times$, 2.4$\times$ and 1.6$\times$ throughput improvement, respectively.",
        [
            (r"3$\times", 3.0, X, "exact", None, "ratio", "increase", "speed", "result", None),
            (r"2.4$\times", 2.4, X, "exact", None, "ratio", "increase", "speed", "result", None),
            (r"1.6$\times", 1.6, X, "exact", None, "ratio", "increase", "speed", "result", None),
        ],
    ),
    (
        "Patchwork: A Unified Framework for RAG Serving",
        "Our experimental evaluation demonstrates that Patchwork delivers substantial performance improvements over "
        "commercial alternatives, achieving throughput gains exceeding 48% while simultaneously reducing SLO "
        "violations by ~24%.",
        [
            ("48%", 48.0, PERCENT, "at_least", None, "change", "increase", "speed", "result", None),
            ("24%", 24.0, PERCENT, "approx", None, "change", "decrease", "reliability", "result", None),
        ],
    ),
    (
        "",
        "It reduces the percentage error from 121.4% and 30.8% to 2.3% in predicting the latency of GPT3 model for "
        "training and inference on H100, compared to state-of-the-art prior work.",
        [
            (
                "2.3%",
                2.3,
                PERCENT,
                "exact",
                None,
                "level",
                "decrease",
                "quality",
                "result",
                ("121.4%", 121.4),
            ),
            ("2.3%", 2.3, PERCENT, "exact", None, "level", "decrease", "quality", "result", ("30.8%", 30.8)),
        ],
    ),
    (
        "",
        "Extensive evaluation shows that BatchLLM outperforms vLLM by 1.1x to 2x on a set of microbenchmarks and two "
        "typical industry workloads.",
        [("1.1x to 2x", (1.1, 2.0), X, "exact", None, "ratio", "increase", "speed", "result", None)],
    ),
    (
        "Splitwise: Efficient generative LLM inference using phase splitting",
        "In particular, we show that we can achieve 1.4x higher throughput at 20% lower cost than current designs.",
        [
            ("1.4x", 1.4, X, "exact", None, "ratio", "increase", "speed", "result", None),
            ("20%", 20.0, PERCENT, "exact", None, "change", "decrease", "cost", "result", None),
        ],
    ),
    (
        "EarthSight: A Distributed Framework for Low-Latency Satellite Intelligence",
        "Evaluations using a prior established satellite simulator show that EarthSight reduces average compute time "
        "per image by 1.9x and lowers 90th percentile end-to-end latency from first contact to delivery from 51 to 21 "
        "minutes compared to the state-of-the-art baseline.",
        [
            ("1.9x", 1.9, X, "exact", "mean", "ratio", "decrease", "speed", "result", None),
            ("21 minutes", 21.0, "min", "exact", None, "level", "decrease", "speed", "result", ("51", 51)),
        ],
    ),
]


@pytest.mark.parametrize(("title", "text", "expected"), SENTENCES, ids=[text[:40] for _, text, _ in SENTENCES])
def test_record_fields_are_right(title: str, text: str, expected: list[tuple[Any, ...]]) -> None:
    found = [
        (
            record.quantity,
            record.value if record.value is not None else (record.low, record.high),
            record.unit,
            record.bound,
            record.statistic,
            record.form,
            record.direction,
            record.type,
            record.role,
            (record.from_.text, record.from_.value) if record.from_ else None,
        )
        for record in default().records(text, title)
    ]
    assert found == expected
    assert all(text[record.start : record.end] == record.quantity for record in default().records(text, title))
