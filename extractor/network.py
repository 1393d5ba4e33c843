"""The trained claim model, run by ONNX Runtime: labels for the words around a number, readings of the number itself.

`training/` makes the model; `models/README.md` says of what data, and how good it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from extractor.claims import CLOSED_FIELDS, SLOTS
from extractor.encoding import Encoder, Vocabulary, Window

MODEL = Path(__file__).resolve().parent / "models" / "claims.onnx"
# What a word can be for a number: nothing, or the beginning or the inside of the phrase of a slot.
LABELS = ("", *(place + slot for slot in SLOTS for place in ("B-", "I-")))
# What the model reads of a number, and the values that each field can have. A number without a role is no claim.
NO_CLAIM = "none"
FIELDS: Mapping[str, tuple[str, ...]] = {
    "form": ("ratio", "change", "share", "level"),
    "direction": ("increase", "decrease", "none"),
    "type": CLOSED_FIELDS["type"],
    "role": ("result", "background", "setup", NO_CLAIM),
    "statistic": ("", "mean", "geomean", "median", "std"),
}  # fmt: skip
_LONGEST = 512
_NEAR, _FARTHEST = 8, 64

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model says of one number: the probabilities of each word's labels, and of each field's values."""

    labels: Floats  # (words, len(LABELS))
    fields: dict[str, Floats]


class Network:
    """The trained model; opened once, without state between texts."""

    def __init__(self, path: Path = MODEL) -> None:
        options = onnxruntime.SessionOptions()
        # One thread a process, and one window a run: the same text gives the same figures wherever it stands.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        if not path.is_file():
            raise FileNotFoundError(f"{path}: no such model; install the package again, or train one (see training/)")
        self._session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        about = self._session.get_modelmeta().custom_metadata_map
        self.encoder = Encoder(Vocabulary(json.loads(about["vocabulary"])))
        self.calibration: list[tuple[float, float]] = [tuple(pair) for pair in json.loads(about["calibration"])]

    def read(self, window: Window) -> Reading:
        """What the model says of the number of a window."""
        labels, *fields = self._session.run(
            None,
            {
                "rows": window.rows,
                "marks": window.marks,
                "target": np.array([window.target]),
                "readings": window.readings,
                "apart": apart(len(window)),
            },
        )
        return Reading(labels, dict(zip(FIELDS, fields, strict=True)))

    def confidence(self, score: float) -> float:
        """How often claims of such a score were right on documents that the model had not seen."""
        scores, rates = zip(*self.calibration, strict=True)
        return float(np.interp(score, scores, rates))


def apart(length: int) -> npt.NDArray[np.int64]:
    """For each pair of words of a window the row of their distance in the attention's table."""
    rows: npt.NDArray[np.int64] = _apart()[:length, :length]
    return rows


@cache
def _apart() -> npt.NDArray[np.int64]:
    here = np.arange(_LONGEST)
    distance = here[None, :] - here[:, None]
    far = np.abs(distance)
    steps = np.log(np.maximum(far, 1) / _NEAR) / np.log(_FARTHEST / _NEAR) * (_NEAR - 1)
    row = np.where(far < _NEAR, far, np.minimum(_NEAR + steps.astype(np.int64), 2 * _NEAR - 1))
    rows: npt.NDArray[np.int64] = row + np.where(distance < 0, 2 * _NEAR, 0)
    return rows


@cache
def default() -> Network:
    """The shipped model."""
    return Network()
