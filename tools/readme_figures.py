"""Write the figures of README.md and gold/README.md from runs.

python tools/readme_figures.py           rewrites both
python tools/readme_figures.py --check   exit status 1 when one does not say what a run says
"""

import csv
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from extractor import read
from extractor.evaluation import SCORES, Accuracy, Score, Scores, report
from extractor.gold import load
from extractor.gold.agreement import agreement
from extractor.gold.statistics import statistics
from extractor.pipeline import default
from extractor.records import Record, to_claim
from extractor.reliability import reliability

ROOT = Path(__file__).resolve().parent.parent
GOLD = ROOT / "gold"
PAGE = ROOT / "examples" / "arxiv-search-mahajan.txt"
COLUMNS = ("quantity", "bound", "statistic", "form", "direction", "type", "metric", "system", "from")
ROWS = 12
# The test split stays unseen: its figures are those of the last logged look, by the evaluate command.
SPLITS = ("dev", "validation")
LOOKS = GOLD / "test-looks.csv"
FILES = ("dev", "train", "extra", "validation", "test")


def markdown(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def cell(record: Record, column: str) -> str:
    """One cell of the example table."""
    if column == "from":
        return record.from_.text if record.from_ else ""
    value = getattr(record, column)
    return "" if value is None else str(getattr(value, "text", value)).replace("|", r"\|").replace("\n", " ")


def example() -> str:
    """The first result claims of the example page that are no plain level."""
    records = (r for d in read(PAGE) for r in default().records(d.abstract, d.title))
    shown = [r for r in records if r.role == "result" and (r.form != "level" or r.from_)][:ROWS]
    return markdown(COLUMNS, [[cell(r, c) for c in COLUMNS] for r in shown])


def figure(of: Score | Accuracy) -> str:
    """A ratio with its 95 % interval."""
    value, interval = (of.f1, of.f1_interval) if isinstance(of, Score) else (of.accuracy, of.interval)
    return f"{value:.3f}" + (f" [{interval[0]:.2f}, {interval[1]:.2f}]" if interval else "")


def row(split: str, role: str, scores: Scores) -> list[str]:
    """One line of the scores table: counts, and F1 with its interval."""
    return [split, role, str(scores.gold), str(scores.predicted), *(figure(getattr(scores, name)) for name in SCORES)]


def scores() -> str:
    """The four F1 scores on the labelled splits; of the test split, those of the last look."""
    rows = []
    for split in SPLITS:
        gold = load(GOLD / f"{split}.jsonl")
        found = [
            d.model_copy(update={"claims": [to_claim(r) for r in default().records(d.abstract, d.title)]}) for d in gold
        ]
        both = report(gold, found)
        rows += [row(split, "role result", both.result), row(split, "all roles", both.all)]
    look = list(csv.DictReader(LOOKS.open(encoding="utf8")))[-1]
    for of, name in (("result", "role result"), ("all", "all roles")):
        figures = [f"{float(look[f'{of}_{score}']):.3f}" for score in SCORES]
        rows.append(["test", name, "", "", *figures])
    return markdown(["split", "claims of", "gold", "predicted", *(f"{name} F1" for name in SCORES)], rows)


def by_confidence() -> str:
    """Precision and recall of the record on validation, by the least confidence that is kept."""
    gold = load(GOLD / "validation.jsonl")
    found = [
        d.model_copy(update={"claims": [to_claim(r) for r in default().records(d.abstract, d.title)]}) for d in gold
    ]
    _, floors = reliability(gold, found)
    rows = [[f"{f.confidence:g}", f.kept, f"{f.precision:.3f}", f"{f.recall:.3f}"] for f in floors]
    return markdown(["`--min-confidence`", "claims kept", "record precision", "record recall"], rows)


def looks() -> str:
    """How often the test split was looked at, and when last."""
    times = [look["time"] for look in csv.DictReader(LOOKS.open(encoding="utf8"))]
    return f"Logged looks at the test split: {len(times)}, the last at {times[-1]} (UTC)."


def baselines() -> str:
    """The extractor beside a regular expression and quantulum3."""
    command = [sys.executable, "-W", "ignore", str(ROOT / "benchmarks" / "baselines.py")]
    files = [str(GOLD / f"{split}.jsonl") for split in SPLITS]
    # What quantulum3 finds depends on the order of sets.
    fixed = os.environ | {"PYTHONHASHSEED": "0"}
    return subprocess.run([*command, *files], check=True, stdout=subprocess.PIPE, text=True, env=fixed).stdout.strip()


def counts() -> str:
    """What the labelled files hold."""
    found = [statistics(load(GOLD / f"{name}.jsonl")) for name in FILES]
    rows: list[list[object]] = [
        ["documents", *(of.documents for of in found)],
        ["… without a claim", *(of.without_claims for of in found)],
        ["claims", *(of.claims for of in found)],
        ["… from A to B", *(of.with_old_level for of in found)],
        ["… ranges", *(of.ranges for of in found)],
    ]
    for field in ("role", "type", "form", "direction", "bound"):
        values = found[0].fields[field]
        rows += [[f"{field} `{value}`", *(of.fields[field][value] for of in found)] for value in values]
    slots = found[0].slots
    rows += [[f"with {slot}", *("{} ({})".format(*of.slots[slot]) for of in found)] for slot in slots]
    return markdown(["", *(f"{name}.jsonl" for name in FILES)], rows)


def agreed() -> str:
    """Agreement of the two labellings of the test split: scores, fields with kappa, slots."""
    found = agreement(*(load(GOLD / "labellings" / f"test-{n}.jsonl") for n in (1, 2)))
    result, every = found.scores.result, found.scores.all
    rows = [[f"**{name}** F1", figure(getattr(result, name)), figure(getattr(every, name)), ""] for name in SCORES]
    for name in result.fields:
        kappa = found.kappa.get(name)
        shown = "" if kappa is None else f"{kappa:.3f}"
        rows.append([f"{name}, equal", figure(result.fields[name]), figure(every.fields[name]), shown])
    rows += [[f"{slot} F1", figure(result.slots[slot]), figure(every.slots[slot]), ""] for slot in result.slots]
    head = ["", f"role result ({result.gold} and {result.predicted} claims)"]
    return markdown([*head, f"all roles ({every.gold} and {every.predicted})", "kappa, all roles"], rows)


BLOCKS: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {"table": example, "scores": scores, "confidence": by_confidence, "baselines": baselines},
    "gold/README.md": {"counts": counts, "agreement": agreed, "looks": looks},
}


def main() -> int:
    """Rewrite or check the marked parts of the documents."""
    stale = []
    for name, blocks in BLOCKS.items():
        path = ROOT / name
        old = new = path.read_text(encoding="utf8")
        for block, write in blocks.items():
            marked = re.compile(rf"(<!-- {block}: begin -->\n).*?(<!-- {block}: end -->)", re.S)
            assert marked.search(new), f"{name} has no place for {block}"
            text = write()
            new = marked.sub(lambda match, text=text: f"{match[1]}{text}\n{match[2]}", new)
        if new != old:
            stale.append(name)
        if "--check" not in sys.argv[1:]:
            path.write_text(new, encoding="utf8")
    if "--check" not in sys.argv[1:]:
        return 0
    for name in stale:
        print(f"{name} does not say what a run says; run: make figures")
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main())
