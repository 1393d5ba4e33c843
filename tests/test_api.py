"""The public names of the package and what they promise."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys
from importlib import resources
from types import FunctionType

import pytest
from pydantic import BaseModel

import extractor

MODELS = ["Claim", "Document"]
FUNCTIONS = ["evaluate", "extract", "extract_frame", "read"]
MODULES = [module.name for module in pkgutil.walk_packages(extractor.__path__, prefix="extractor.")]


def public_functions(name: str) -> list[str]:
    """The functions that a module defines and that are no detail of its own."""
    found = inspect.getmembers(importlib.import_module(name), inspect.isfunction)
    return [key for key, value in found if value.__module__ == name and not key.startswith("_")]


def test_public_names_are_exactly_these() -> None:
    assert sorted(extractor.__all__) == sorted([*MODELS, *FUNCTIONS, "__version__"])
    assert set(extractor.__all__) <= set(dir(extractor))


@pytest.mark.parametrize("name", MODELS)
def test_model_is_documented_pydantic(name: str) -> None:
    model = getattr(extractor, name)
    assert issubclass(model, BaseModel)
    assert model.__doc__


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_stays_one_whatever_was_imported_before(name: str) -> None:
    # A submodule of the same name, once imported, would take the place of the function.
    for module in MODULES:
        importlib.import_module(module)
    assert isinstance(getattr(extractor, name), FunctionType)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(extractor, "no_such_name")  # noqa: B009


@pytest.mark.parametrize("name", MODULES)
def test_module_and_its_public_functions_have_docstrings(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__
    assert [key for key in public_functions(name) if not getattr(module, key).__doc__] == []


def test_types_are_published() -> None:
    assert resources.files(extractor).joinpath("py.typed").is_file()


def test_importing_the_package_loads_nothing_slow() -> None:
    slow = {"pandas", "pint", "pyarrow", "pydantic", "spacy"}
    code = f"import sys, extractor; print(*{slow} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
