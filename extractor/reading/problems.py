"""What reading can run into: a document that is left out, or an input that cannot be used at all."""

from __future__ import annotations

from dataclasses import dataclass


class ReadingError(ValueError):
    """The input or an argument cannot be used; the message says what was expected, found, and to try."""


class ReadingWarning(UserWarning):
    """One document was left out; raised as a warning when `read` was given no `on_problem`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A document that could not be read.

    `file` is the input as the caller named it, `line` (from 1) where the document starts in it; Parquet
    files have no lines, there it is the row.
    """

    file: str
    line: int
    reason: str
    advice: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}; {self.advice}"
