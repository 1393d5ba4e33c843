"""Floors under the scores: none may fall by accident.

python tools/floors.py check          exit status 1 where a score of this version is below its floor
python tools/floors.py raise          raise every floor to this version's score; none is lowered
python tools/floors.py raise --lower  the same, and lower the floors of scores that fell

`gold/floors.json` holds the floors and the SHA-256 of the gold file that they were measured on: on other labels a floor
means nothing, so that a changed file has to be raised anew.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from extractor.evaluation import SCORES, report
from extractor.gold import load
from extractor.pipeline import default
from extractor.records import to_claim

ROOT = Path(__file__).resolve().parent.parent
GOLD = ROOT / "gold"
FLOORS = GOLD / "floors.json"
# The test split is left out: each run on it is a look at it.
SPLITS = ("dev", "validation")
ROLES = ("result", "all")
# Scores are compared as they are written: four digits.
DIGITS = 4

Floors = dict[str, dict[str, Any]]


def measured() -> Floors:
    """The F1 scores of this version on each split, by role, with the hash of the split's file."""
    floors: Floors = {}
    for split in SPLITS:
        path = GOLD / f"{split}.jsonl"
        gold = load(path)
        found = [
            d.model_copy(update={"claims": [to_claim(r) for r in default().records(d.abstract, d.title)]}) for d in gold
        ]
        scores = report(gold, found, resamples=0)
        floors[path.name] = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()} | {
            role: {name: round(getattr(getattr(scores, role), name).f1, DIGITS) for name in SCORES} for role in ROLES
        }
    return floors


def fallen(floors: Floors, now: Floors) -> list[str]:
    """A line for each score below its floor, and for each gold file that is not the one measured."""
    lines = []
    for file, scores in now.items():
        if file not in floors or floors[file]["sha256"] != scores["sha256"]:
            lines.append(f"gold/{file} is not the file that the floors were measured on")
            continue
        for role in ROLES:
            for name, floor in floors[file][role].items():
                if scores[role][name] < floor:
                    lines.append(f"gold/{file}, {role}: {name} F1 is {scores[role][name]}, its floor {floor}")
    return lines


def raised(floors: Floors, now: Floors, *, lower: bool) -> Floors:
    """The higher of floor and score; with `lower`, and on a changed gold file, the score."""
    new = {}
    for file, scores in now.items():
        old = floors.get(file, {})
        keep = not lower and old.get("sha256") == scores["sha256"]
        new[file] = scores | {
            role: {name: max(score, old[role][name]) if keep else score for name, score in scores[role].items()}
            for role in ROLES
        }
    return new


def main() -> int:
    """Check or raise the floors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["check", "raise"])
    parser.add_argument("--lower", action="store_true", help="with raise: lower the floors of scores that fell")
    options = parser.parse_args()
    floors = json.loads(FLOORS.read_text(encoding="utf8")) if FLOORS.exists() else {}
    now = measured()
    if options.verb == "raise":
        FLOORS.write_text(json.dumps(raised(floors, now, lower=options.lower), indent=1) + "\n", encoding="utf8")
        return 0
    lines = fallen(floors, now)
    for line in lines:
        print(line)
    if lines:
        print("mend it; or, on purpose: python tools/floors.py raise, with --lower where a score may fall")
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main())
