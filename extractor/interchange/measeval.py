"""MeasEval (SemEval-2021 task 8): quantity spans with units and modifiers, as tab-separated files beside texts.

MeasEval knows the quantity, its unit and modifiers; it has no form, direction, type or role. Only detection, units and
statistics can be scored on it. Format: Harper et al., SemEval-2021 Task 8, https://aclanthology.org/2021.semeval-1.38.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from extractor.claims import Claim, Document
from extractor.interchange.graph import InterchangeError
from extractor.joins import Joiner
from extractor.quantities import Quantity, QuantityFinder
from extractor.rules import RuleSet
from extractor.units import match_unit

COLUMNS = ("docId", "annotSet", "annotType", "startOffset", "endOffset", "annotId", "text", "other")
_STATISTICS = {"IsMean": "mean", "IsMeanHasSD": "mean", "IsMeanHasTolerance": "mean", "IsMedian": "median"}
# Where the texts lie beside a folder of annotations, as MeasEval has been published.
_TEXT_FOLDERS = (".", "../text", "../txt", "text", "txt")


@dataclass(frozen=True, slots=True)
class _Row:
    """One annotated quantity, and where it stands in its file."""

    where: str
    document: str
    start: int
    end: int
    text: str
    other: Mapping[str, Any]


def is_measeval(path: Path) -> bool:
    """Whether a path is a file of MeasEval annotations, or a folder of them."""
    return path.suffix == ".tsv" or (path.is_dir() and any(path.glob("*.tsv")))


def read(
    path: Path, rules: RuleSet, *, texts: Path | None = None, on_unread: Callable[[str], object] | None = None
) -> Iterator[Document]:
    """The documents of a file or folder of annotations, by id, their quantities as claims.

    A claim's value, bounds and unit are read from the annotated text; a list gives a claim for each number. What
    holds no number (`several`) is told to `on_unread` and left out. Form, direction, type and role of the claims mean
    nothing. Raises InterchangeError, naming file and line, where an annotation does not fit its text.
    """
    files = sorted(path.glob("*.tsv")) if path.is_dir() else [path]
    rows: dict[str, list[_Row]] = {}
    for file in files:
        for row in _rows(file):
            rows.setdefault(row.document, []).append(row)
    reader = _QuantityReader(rules)
    for name in sorted(rows):
        text = _text(name, path if path.is_dir() else path.parent, texts)
        claims = [claim for row in rows[name] for claim in _claims(row, text, reader, on_unread)]
        yield Document(id=name, abstract=text, claims=sorted(claims, key=lambda claim: (claim.start, claim.end)))


def _rows(file: Path) -> Iterator[_Row]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        # Quotation marks in the text column are text; real files quote only what holds them.
        for number, cells in enumerate(csv.DictReader(stream, delimiter="\t"), start=2):
            where = f"{file}:{number}"
            missing = [name for name in COLUMNS if cells.get(name) is None and name != "other"]
            if missing:
                raise InterchangeError(f"{where}: no {missing[0]}; expected the columns {', '.join(COLUMNS)}")
            if cells["annotType"] == "Quantity":
                yield _row(cells, where)


def _row(cells: Mapping[str, str], where: str) -> _Row:
    try:
        start, end = int(cells["startOffset"]), int(cells["endOffset"])
        # The format's own examples leave out the quotation marks of JSON, which YAML reads as well.
        other = yaml.safe_load(cells.get("other") or "{}") or {}
    except (ValueError, yaml.YAMLError) as error:
        raise InterchangeError(f"{where}: expected offsets and a mapping in `other`, found: {error}") from None
    if not isinstance(other, dict):
        raise InterchangeError(f"{where}: expected a mapping in `other`, found {other!r}")
    return _Row(where, cells["docId"], start, end, cells["text"], other)


def _text(name: str, folder: Path, texts: Path | None) -> str:
    places = [texts] if texts else [folder / place for place in _TEXT_FOLDERS]
    for place in places:
        if (place / f"{name}.txt").is_file():
            return (place / f"{name}.txt").read_text(encoding="utf-8")
    raise InterchangeError(f"{folder}: no text {name}.txt beside the annotations; name its folder with --texts")


class _QuantityReader:
    """Reads the numbers of a text that is known to be a quantity."""

    def __init__(self, rules: RuleSet) -> None:
        self._finder = QuantityFinder(rules)
        self._joiner = Joiner(rules)

    def read(self, text: str) -> list[Quantity]:
        """Every quantity in the text, ranges and spreads joined."""
        found = self._joiner.merged(text, self._finder.candidates(text))
        self._joiner.share_units(text, found)
        return found


def _claims(
    row: _Row, text: str, reader: _QuantityReader, on_unread: Callable[[str], object] | None
) -> Iterator[Claim]:
    if "".join(text[row.start : row.end].split()) != "".join(row.text.split()):
        covered = text[row.start : row.end]
        raise InterchangeError(f"{row.where}: {row.start} to {row.end} cover {covered!r}, not {row.text!r}")
    found = reader.read(text[row.start : row.end])
    if not found and on_unread is not None:
        on_unread(f"{row.where}: {row.text!r} holds no number")
    statistics = [_STATISTICS[name] for name in row.other.get("mods") or () if name in _STATISTICS]
    for quantity in found:
        start, end = row.start + quantity.start, row.start + quantity.end
        yield Claim.model_validate(
            {
                "quantity": text[start:end], "start": start, "end": end, "value": quantity.value, "low": quantity.low,
                "high": quantity.high, "unit": quantity.unit or _unit(row.other.get("unit")),
                "statistic": next(iter(statistics), None), "form": "level", "type": "other", "role": "result",
            }
        )  # fmt: skip


def _unit(surface: Any) -> str:
    """A unit as the guidelines write it, or as annotated where the unit table does not know it."""
    text = str(surface or "")
    match = match_unit(text, 0)
    return match.unit if match is not None and match.end == len(text) else text
