"""Reads paper abstracts and pulls out every quantitative claim as a typed record.

>>> import extractor
>>> [claim] = extractor.extract("It cuts latency by up to 2.5x on GPUs.")
>>> claim.value, claim.unit, claim.bound, claim.direction
(2.5, 'x', 'up_to', 'decrease')
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = ["Claim", "Document", "__version__", "evaluate", "extract", "extract_frame", "read"]

if TYPE_CHECKING:
    from extractor.claims import Claim, Document
    from extractor.evaluation import evaluate
    from extractor.frame import extract_frame
    from extractor.pipeline import extract
    from extractor.reading import read

# Where each public name lives; imported when first used, so that `import extractor` stays cheap.
_HOMES = {
    "Claim": "claims",
    "Document": "claims",
    "evaluate": "evaluation",
    "extract": "pipeline",
    "extract_frame": "frame",
    "read": "reading",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'extractor' has no attribute {name!r}; public names are {', '.join(__all__)}")
    value = getattr(import_module(f"extractor.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
