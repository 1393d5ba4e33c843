"""The extractor beside a plain regular expression and quantulum3, on labelled documents.

python benchmarks/baselines.py GOLD... [--json]

All three find quantities: detection (over claims of all roles) and the units of matched claims can be compared.
Neither of the other two says what a number is about, so no other field can. quantulum3 must be installed
(`pip install --group dev` does so); it runs without its unit classifier, and what it finds depends on PYTHONHASHSEED.
"""

import argparse
import json
import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from extractor.claims import Claim, Document
from extractor.evaluation import Scores, report
from extractor.gold import load
from extractor.pipeline import default
from extractor.records import to_claim

# What anyone would write first: digits, then a sign or word that looks like a unit.
_PLAIN = re.compile(r"(?P<number>\d[\d,]*(?:\.\d+)?)\s?\\?(?P<unit>%|x\b|[a-zA-Z]+)?")
# quantulum3 spells units out; these are those that occur, as the guidelines write them.
_UNITS = {
    "percentage": "%", "second": "s", "millisecond": "ms", "microsecond": "us", "nanosecond": "ns", "minute": "min",
    "hour": "h", "day": "day", "year": "year", "byte": "B", "kilobyte": "kB", "megabyte": "MB", "gigabyte": "GB",
    "terabyte": "TB", "petabyte": "PB", "bit": "bit", "gigabit": "Gbit", "megabit": "Mbit", "watt": "W",
    "milliwatt": "mW", "joule": "J", "hertz": "Hz", "megahertz": "MHz", "gigahertz": "GHz", "decibel": "dB",
    "dollar": "USD", "metre": "m", "kilometre": "km", "gigabyte per second": "GB/s", "gigabit per second": "Gbit/s",
}  # fmt: skip


def _claim(text: str, start: int, end: int, value: float, unit: str) -> Claim:
    """A claim of which only quantity, value and unit mean anything."""
    fields: dict[str, Any] = {"form": "level", "type": "other", "role": "result"}
    return Claim(quantity=text[start:end], start=start, end=end, value=value, unit=unit, **fields)


def by_extractor(document: Document) -> list[Claim]:
    """The extractor's claims."""
    return [to_claim(record) for record in default().records(document.abstract, document.title)]


def by_expression(document: Document) -> list[Claim]:
    """Every run of digits with the word behind it."""
    text = document.abstract
    return [
        _claim(text, *match.span(), float(match["number"].replace(",", "")), match["unit"] or "")
        for match in _PLAIN.finditer(text)
    ]


def by_quantulum3(document: Document) -> list[Claim]:
    """The quantities of quantulum3; none where it fails on a text."""
    from quantulum3 import classifier, parser  # type: ignore[import-untyped]

    # Off as where scikit-learn is not installed, so that the figures do not depend on what else is.
    classifier.USE_CLF = False
    logging.disable(logging.WARNING)  # a line for every unit that it is not sure of
    try:
        found = parser.parse(document.abstract)
    except Exception:  # it fails on some texts, which is part of what is compared
        return []
    text = document.abstract
    units = [_UNITS.get(one.unit.name, "" if one.unit.name == "dimensionless" else one.unit.name) for one in found]
    return [_claim(text, *one.span, one.value, unit) for one, unit in zip(found, units, strict=True)]


SYSTEMS: dict[str, Callable[[Document], list[Claim]]] = {
    "extractor": by_extractor,
    "regular expression": by_expression,
    "quantulum3": by_quantulum3,
}


def measured(gold: list[Document]) -> dict[str, Scores]:
    """The scores over all roles of each system."""
    scores = {}
    for name, extract in SYSTEMS.items():
        found = [document.model_copy(update={"claims": extract(document)}) for document in gold]
        scores[name] = report(gold, found).all
    return scores


def cells(scores: Scores) -> list[str]:
    """Detection precision, recall and F1, and how many of the matched claims have the right unit."""
    of, units = scores.detection, scores.fields["unit"]
    low, high = of.f1_interval or (of.f1, of.f1)
    return [
        f"{of.precision:.3f} ({of.true_positives}/{of.predicted})",
        f"{of.recall:.3f} ({of.true_positives}/{of.gold})",
        f"{of.f1:.3f} [{low:.2f}, {high:.2f}]",
        f"{units.accuracy:.3f} ({units.right}/{units.pairs})",
    ]


def table(paths: list[Path]) -> str:
    """A Markdown table, a row a file and system."""
    lines = ["| split | system | detection precision | recall | F1 | unit right |", "|" + " --- |" * 6]
    for path in paths:
        rows = measured(load(path)).items()
        lines += [f"| {path.stem} | {name} | " + " | ".join(cells(scores)) + " |" for name, scores in rows]
    return "\n".join(lines)


def main() -> int:
    """Print the table, or the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, nargs="+", help="labelled documents (JSON lines)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.json:
        figures = {
            str(path): {
                name: {"detection": of.detection.f1, "unit": of.fields["unit"].accuracy}
                for name, of in measured(load(path)).items()
            }
            for path in options.gold
        }
        print(json.dumps(figures, indent=2))
    else:
        print(table(options.gold))
    return 0


if __name__ == "__main__":
    sys.exit(main())
