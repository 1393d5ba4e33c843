"""Draw the documents to label from the arXiv corpus, stratified and repeatable.

python tools/sample_gold.py CORPUS --split train|test --size N [--seed S] [--exclude FILE ...]
                            [--holding ratio percent] -o OUT

A document belongs to the test split when the SHA-256 of its id ends in the hex digit 0, else to train.
Strata are the field (60 % systems, 30 % machine learning, 10 % other sciences), the year and what the text holds
(a ratio, a percentage, other digits, no digit at all), so that every year and every kind of text is met.
"""

import argparse
import gzip
import hashlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

SYSTEMS = frozenset({"cs.DC", "cs.AR", "cs.OS", "cs.PF", "cs.DB", "cs.NI", "cs.SE"})
LEARNING = frozenset({"cs.LG", "cs.CL", "cs.CV", "cs.AI", "cs.NE", "stat.ML", "cs.IR", "cs.MA", "eess.AS", "eess.IV"})
FIELD_SHARES = {"systems": 0.6, "learning": 0.3, "other": 0.1}
TEXT_SHARES = {"ratio": 0.35, "percent": 0.35, "digits": 0.2, "none": 0.1}
RATIO = re.compile(
    r"\d\s*(?:\$?\\times|×|x\b|-?fold\b|-?times\b)|\b(?:twice|threefold|twofold|orders? of magnitude)\b", re.I
)
PERCENT = re.compile(r"\d\s*\\?%|\d\s*percent", re.I)


def is_test(identifier: str) -> bool:
    """Whether an id belongs to the reserved test split."""
    return hashlib.sha256(identifier.encode()).hexdigest().endswith("0")


def field_of(categories: list[str]) -> str:
    """The field by the primary category."""
    primary = categories[0] if categories else ""
    return "systems" if primary in SYSTEMS else "learning" if primary in LEARNING else "other"


def content_of(abstract: str) -> str:
    """What kind of number an abstract holds."""
    if RATIO.search(abstract):
        return "ratio"
    if PERCENT.search(abstract):
        return "percent"
    return "digits" if re.search(r"\d", abstract) else "none"


def documents(corpus: Path) -> Iterator[dict[str, Any]]:
    """Corpus lines as dictionaries."""
    with gzip.open(corpus, "rt", encoding="utf8") as lines:
        yield from map(json.loads, lines)


def sample(pool: list[dict[str, Any]], size: int, rng: random.Random) -> list[dict[str, Any]]:
    """Size documents by field and content, the years of each stratum taken in turn."""
    strata: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for document in pool:
        key = field_of(document["categories"]), content_of(document["abstract"])
        strata[key][str(document["date"])[:4]].append(document)
    chosen = []
    for field, field_share in FIELD_SHARES.items():
        for content, content_share in TEXT_SHARES.items():
            years = {y: rng.sample(d, len(d)) for y, d in sorted(strata[field, content].items())}
            wanted = round(size * field_share * content_share)
            taken: list[dict[str, Any]] = []
            for year in cycle(rng.sample(sorted(years), len(years))):
                if len(taken) >= wanted or not any(years.values()):
                    break
                if years[year]:
                    taken.append(years[year].pop())
            chosen += taken
    rng.shuffle(chosen)
    return chosen


def main() -> None:
    """Write the sample as labelled documents without claims."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--split", choices=["train", "test"], required=True)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--seed", type=int, default=20261120)
    parser.add_argument("--exclude", type=Path, nargs="*", default=[], help="labelled files whose ids are left out")
    parser.add_argument("--holding", choices=TEXT_SHARES, nargs="*", help="keep only texts that hold this")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    known = {json.loads(line)["id"] for path in options.exclude for line in path.open(encoding="utf8")}
    pool = [
        document
        for document in documents(options.corpus)
        if is_test(document["id"]) == (options.split == "test") and document["id"] not in known
    ]
    chosen = sample(pool, options.size, random.Random(options.seed))
    if options.holding:
        chosen = [document for document in chosen if content_of(document["abstract"]) in options.holding]
    with options.output.open("w", encoding="utf8") as out:
        out.writelines(json.dumps(document, ensure_ascii=False) + "\n" for document in chosen)
    print(f"{len(chosen)} documents of {len(pool)} written to {options.output}")


if __name__ == "__main__":
    main()
