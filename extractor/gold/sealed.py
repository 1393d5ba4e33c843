"""Sealed gold files: of a split kept unseen, only figures over all of it are shown, and each look is logged.

A file is sealed when `sealed.json` beside it names it and the log that takes each look: {"test.jsonl":
"test-looks.csv"}.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path

from extractor.evaluation import SCORES, Report

LIST = "sealed.json"
COLUMNS = (
    "time",
    "version",
    "predictions",
    "gold_sha256",
    *(f"{of}_{name}" for of in ("result", "all") for name in SCORES),
)


class SealError(ValueError):
    """A `sealed.json` that cannot be used as it is."""


def log_of(path: str | os.PathLike[str]) -> Path | None:
    """The log of looks at a sealed gold file, None for a file that is not sealed.

    Raises SealError where `sealed.json` is no JSON object of file names.
    """
    listed = Path(path).parent / LIST
    if not listed.is_file():
        return None
    try:
        logs = json.loads(listed.read_text(encoding="utf8"))
    except ValueError as error:
        raise SealError(f"{listed}: expected JSON, found: {error}") from None
    if not isinstance(logs, dict) or not all(isinstance(name, str) for name in logs.values()):
        raise SealError(f'{listed}: expected names of gold files and their logs, as in {{"test.jsonl": "looks.csv"}}')
    name = logs.get(Path(path).name)
    return listed.parent / name if name is not None else None


def record_look(log: Path, gold: str | os.PathLike[str], report: Report, *, predictions: str, version: str) -> None:
    """Append to the log: when, which version, whose predictions, which gold, and the F1 scores that were seen."""
    digest = hashlib.sha256(Path(gold).read_bytes()).hexdigest()
    figures = [f"{getattr(part, name).f1:.4f}" for part in (report.result, report.all) for name in SCORES]
    new = not log.exists() or not log.stat().st_size
    with log.open("a", encoding="utf8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        if new:
            writer.writerow(COLUMNS)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        writer.writerow([now, version, predictions, digest, *figures])
