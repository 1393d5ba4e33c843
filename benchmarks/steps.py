"""What share of the time each step of the extractor takes.

    python benchmarks/steps.py CORPUS [--documents 2000]

CORPUS is a .jsonl or .jsonl.gz file of documents with `title` and `abstract`. Each step is run over all documents by
itself, three times, and its best time counts; the last step is what is left of the time of all.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from extractor.context import phrases
from extractor.network import default as network
from extractor.pipeline import default

ROUNDS = 3


def best(step: Callable[[], object]) -> float:
    """Seconds of the best round."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        step()
        times.append(time.perf_counter() - began)
    return min(times)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--documents", type=int, default=2000)
    options = parser.parse_args()
    opened = gzip.open if options.corpus.suffix == ".gz" else open
    with opened(options.corpus, "rt", encoding="utf8") as lines:
        texts = [(d["abstract"], d["title"] or "") for d in map(json.loads, islice(lines, options.documents))]
    pipeline, model = default(), network()
    rules = pipeline.rules_only()
    windows = [window for text, title in texts for window in pipeline.windows(text, title, model.encoder)[1]]
    readings = [model.read(window) for window in windows]
    whole = best(lambda: [pipeline.records(*text) for text in texts])
    by_rules = best(lambda: [rules.records(*text) for text in texts])
    numbers = best(lambda: [pipeline._quantities.find(text) for text, _ in texts])
    shown = best(lambda: [pipeline.windows(text, title, model.encoder) for text, title in texts]) - by_rules
    read = best(lambda: [model.read(window) for window in windows])
    found = best(lambda: [phrases(w, r.labels) for w, r in zip(windows, readings, strict=True)])
    print(f"{len(texts) / whole:.0f} abstracts a second, {len(windows)} numbers read by the model")
    for name, seconds in (
        ("numbers, units, what is no quantity", numbers),
        ("modifiers, frames, types, roles", by_rules - numbers),
        ("what the model is shown", shown),
        ("the model", read),
        ("phrases of the slots", found),
        ("the rest", whole - by_rules - shown - read - found),
    ):
        print(f"{name:36} {seconds / whole:6.1%}")


if __name__ == "__main__":
    main()
