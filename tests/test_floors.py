"""The floors under the scores, and the figures that documents show."""

from __future__ import annotations

import copy
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

TOOLS = Path(__file__).parent.parent / "tools"


@pytest.fixture(scope="module")
def floors() -> ModuleType:
    spec = importlib.util.spec_from_file_location("floors", TOOLS / "floors.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measured(record: float, *, sha256: str = "a") -> dict[str, Any]:
    scores = {"detection": 0.9, "record": record}
    return {"dev.jsonl": {"sha256": sha256, "result": dict(scores), "all": dict(scores)}}


def test_score_below_its_floor_is_told(floors: ModuleType) -> None:
    assert floors.fallen(measured(0.8), measured(0.8)) == []
    assert floors.fallen(measured(0.8), measured(0.81)) == []
    (line, _) = floors.fallen(measured(0.8), measured(0.79))
    assert line == "gold/dev.jsonl, result: record F1 is 0.79, its floor 0.8"


def test_other_gold_has_no_floors(floors: ModuleType) -> None:
    (line,) = floors.fallen(measured(0.8), measured(0.9, sha256="b"))
    assert "is not the file that the floors were measured on" in line
    assert len(floors.fallen({}, measured(0.9))) == 1


@pytest.mark.parametrize(
    ("score", "sha256", "lower", "floor"),
    [(0.9, "a", False, 0.9), (0.7, "a", False, 0.8), (0.7, "a", True, 0.7), (0.7, "b", False, 0.7)],
)
def test_floors_are_raised_and_lowered_only_on_purpose(
    floors: ModuleType, score: float, sha256: str, lower: bool, floor: float
) -> None:
    old = measured(0.8)
    before = copy.deepcopy(old)
    new = floors.raised(old, measured(score, sha256=sha256), lower=lower)
    assert (new["dev.jsonl"]["result"]["record"], new["dev.jsonl"]["sha256"]) == (floor, sha256)
    assert old == before
