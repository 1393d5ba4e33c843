"""What must travel with the package, and what `pyproject.toml` says of it."""

from __future__ import annotations

import tomllib
from importlib import metadata
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

import extractor
from extractor import rules, units

ROOT = Path(__file__).parent.parent
SHIPPED = sorted((ROOT / "rules").glob("*.yaml"))


def project() -> Any:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]


def entry_points() -> list[EntryPoint]:
    scripts = [EntryPoint(name, value, "console_scripts") for name, value in project()["scripts"].items()]
    factories = project()["entry-points"]["spacy_factories"]
    return scripts + [EntryPoint(name, value, "spacy_factories") for name, value in factories.items()]


def test_rules_are_found_with_all_their_files() -> None:
    found = {path.name for path in rules.rules_dir().iterdir()}
    assert found >= {path.name for path in SHIPPED} | {"units.yaml", "units_pint.txt"}


@pytest.mark.parametrize("path", [p for p in SHIPPED if p.name != "units.yaml"], ids=lambda path: path.name)
def test_rule_file_loads(path: Path) -> None:
    loaded, _ = rules.load_file(path)
    assert loaded


def test_unit_table_loads() -> None:
    assert units.load_table(ROOT / "rules" / "units.yaml")


@pytest.mark.parametrize("point", entry_points(), ids=lambda point: point.name)
def test_entry_point_leads_to_something_callable(point: EntryPoint) -> None:
    assert callable(point.load())


def test_installed_version_is_the_one_of_the_package() -> None:
    assert metadata.version(project()["name"]) == extractor.__version__
