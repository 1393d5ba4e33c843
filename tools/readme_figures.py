"""Write the figures of the README from runs: the example table and the scores.

python tools/readme_figures.py           rewrites README.md
python tools/readme_figures.py --check   exit status 1 when README.md does not say what a run says
"""

import re
import sys
from pathlib import Path

from extractor import read
from extractor.evaluation import Scores, report
from extractor.gold import load
from extractor.pipeline import default
from extractor.records import Record, to_claim

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "examples" / "arxiv-search-mahajan.txt"
COLUMNS = ("quantity", "bound", "statistic", "form", "direction", "type", "metric", "system", "from")
ROWS = 12
# The test split stays unseen: its figures are looked at only for a finished version, by the evaluate command.
SPLITS = ("dev", "train", "more")


def cell(record: Record, column: str) -> str:
    """One cell of the example table."""
    if column == "from":
        return record.from_.text if record.from_ else ""
    value = getattr(record, column)
    return "" if value is None else str(getattr(value, "text", value)).replace("|", r"\|").replace("\n", " ")


def table() -> str:
    """The first result claims of the example page that are no plain level, as Markdown."""
    records = (r for d in read(PAGE) for r in default().records(d.abstract, d.title))
    shown = [r for r in records if r.role == "result" and (r.form != "level" or r.from_)][:ROWS]
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
    lines += ["| " + " | ".join(cell(r, c) for c in COLUMNS) + " |" for r in shown]
    return "\n".join(lines)


def row(split: str, role: str, scores: Scores) -> str:
    """One line of the scores table: F1 with its interval, and the counts."""
    cells = []
    for name in ("detection", "record"):
        score = getattr(scores, name)
        low, high = score.f1_interval or (score.f1, score.f1)
        cells.append(f"{score.f1:.3f} [{low:.2f}, {high:.2f}]")
    return f"| {split} | {role} | {scores.gold} | {scores.predicted} | " + " | ".join(cells) + " |"


def scores() -> str:
    """Detection and record F1 on the labelled splits, as Markdown."""
    lines = ["| split | claims of | gold | predicted | detection F1 | record F1 |", "|" + " --- |" * 6]
    for split in SPLITS:
        gold = load(ROOT / "gold" / f"{split}.jsonl")
        found = [
            d.model_copy(update={"claims": [to_claim(r) for r in default().records(d.abstract, d.title)]}) for d in gold
        ]
        both = report(gold, found)
        lines += [row(split, "role result", both.result), row(split, "all roles", both.all)]
    return "\n".join(lines)


def main() -> int:
    """Rewrite or check the marked parts of the README."""
    path = ROOT / "README.md"
    old = new = path.read_text(encoding="utf8")
    for name, text in (("table", table()), ("scores", scores())):
        marked = re.compile(rf"(<!-- {name}: begin -->\n).*?(<!-- {name}: end -->)", re.S)
        new = marked.sub(lambda match, text=text: f"{match[1]}{text}\n{match[2]}", new)
    if "--check" in sys.argv[1:]:
        if new != old:
            print("README.md does not say what a run says; run: python tools/readme_figures.py")
        return int(new != old)
    path.write_text(new, encoding="utf8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
