"""Split a labelled file into parts by the ids of its documents."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from extractor.gold.loading import load


def part_of(identifier: str, shares: Mapping[str, float], *, seed: str = "") -> str:
    """The part that a document belongs to, by the SHA-256 of seed and id.

    It depends on nothing else: a document stays in its part whatever other documents come or go. Shares need not add
    up to anything. Raises ValueError where a share is negative or none is positive.
    """
    total = sum(shares.values())
    if min(shares.values(), default=0) < 0 or not total > 0:
        raise ValueError(f"shares are {dict(shares)}; expected numbers from 0 up, one of them above 0")
    digest = hashlib.sha256(f"{seed}{identifier}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64 * total
    for name, share in shares.items():
        place -= share
        if place < 0:
            return name
    return [name for name, share in shares.items() if share > 0][-1]  # rounding, at the very end of the scale


def split(path: str | os.PathLike[str], folder: Path, shares: Mapping[str, float], *, seed: str = "") -> dict[str, int]:
    """Write each document's line, unchanged, to `folder/PART.jsonl`; returns the documents of each part.

    Raises GoldError where the file has a fault, ValueError as `part_of` does, FileExistsError where a part is there
    already.
    """
    load(path)
    targets = {name: folder / f"{name}.jsonl" for name in shares}
    for target in targets.values():
        if target.exists():
            raise FileExistsError(f"{target} is there already; remove it or name another folder")
    parts: dict[str, list[str]] = {name: [] for name in shares}
    # Not splitlines: it also breaks at separators that stand unescaped inside a JSON string.
    for line in Path(path).read_text(encoding="utf-8-sig").split("\n"):
        if line.strip():
            parts[part_of(json.loads(line)["id"], shares, seed=seed)].append(line + "\n")
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in parts.items():
        targets[name].write_text("".join(lines), encoding="utf8")
    return {name: len(lines) for name, lines in parts.items()}
