"""The type of a property that no lexicon knows, by its words: a maximum-entropy model trained on labelled documents.

It is asked where no rule links a property but the context model finds one. `training/train_context.py` trains it beside
that model, as a field over a single item, which is a multinomial logistic regression.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pycrfsuite

MODEL = Path(__file__).resolve().parent / "models" / "property-types.crfsuite"
# Characters on each side of the number whose words count.
_AROUND = 80
_WORD = re.compile(r"[a-z]+")
_LONG_WORD = re.compile(r"[a-z]{3,}")
_COMMON_UNITS = frozenset(("x", "%", "pp", ""))


class PropertyTypes:
    """The trained model; opened once, without state between properties."""

    def __init__(self, path: Path = MODEL) -> None:
        self._tagger: Any = pycrfsuite.Tagger()
        self._tagger.open(str(path))

    def type_of(self, features: list[str]) -> str:
        """The most probable claim type."""
        (label,) = self._tagger.tag(pycrfsuite.ItemSequence([features]))
        return str(label)


def features_of(text: str, number: tuple[int, int], prop: str, *, unit: str, form: str, direction: str) -> list[str]:
    """What the model sees of a property: its words and their parts, the kind of number, the words around it."""
    words = _WORD.findall(prop.lower())
    kind = unit if unit in _COMMON_UNITS else "u"
    features = [f"kind={kind}", f"unit={unit}", f"form={form}", f"direction={direction}", f"kind|form={kind}|{form}"]
    for word in words:
        features += (f"w={word}", f"begin4={word[:4]}", f"begin5={word[:5]}", f"end4={word[-4:]}")
    if words:
        features += (f"head={words[-1]}", f"head-begin={words[-1][:5]}")
    around = text[max(0, number[0] - _AROUND) : number[1] + _AROUND].lower()
    return features + [f"near={word}" for word in sorted(set(_LONG_WORD.findall(around)))]


@cache
def model() -> PropertyTypes:
    """The shipped model, opened once."""
    return PropertyTypes()
