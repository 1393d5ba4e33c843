"""A run of documents through the pipeline: what it counts, and documents that the pipeline fails on."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from extractor.reading.problems import Problem

if TYPE_CHECKING:
    from extractor.claims import Document
    from extractor.records import Record


class Extractor(Protocol):
    """What turns a text into records: the pipeline, or what stands in for it."""

    def records(self, text: str, title: str = "") -> list[Record]:
        """The claims of a text, in order of their offsets."""
        ...


@dataclass(slots=True)
class Run:
    """One run over documents and its counts so far; `roles` and `types`, where given, alone are kept.

    So are claims of at least `min_confidence`; with one given, claims without a confidence are left out.

    `problem` takes both what the reader cannot read and documents that the pipeline fails on.
    """

    extractor: Extractor
    roles: Collection[str] = ()
    types: Collection[str] = ()
    on_problem: Callable[[Problem], object] | None = None
    min_confidence: float = 0.0
    documents: int = 0
    problems: int = 0
    first_problem: Problem | None = None
    claims: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.perf_counter)

    def over(self, documents: Iterable[Document]) -> Iterator[tuple[Document, list[Record]]]:
        """Each document with the claims that are kept; one that the pipeline fails on is a problem."""
        for document in documents:
            records = self._records(document)
            if records is not None:
                self.documents += 1
                self.claims.update(record.type for record in records)
                yield document, records

    def problem(self, problem: Problem) -> None:
        """Count a document that is left out, and tell the caller."""
        self.problems += 1
        self.first_problem = self.first_problem or problem
        if self.on_problem is not None:
            self.on_problem(problem)

    def summary(self) -> str:
        """One line: documents, claims by type, errors, seconds."""
        by_type = ", ".join(f"{name} {count}" for name, count in self.claims.most_common())
        claims = _counted(self.claims.total(), "claim") + (f" ({by_type})" if by_type else "")
        errors, seconds = _counted(self.problems, "error"), time.perf_counter() - self.began
        return f"{_counted(self.documents, 'document')}, {claims}, {errors}, {seconds:.1f} s"

    def _records(self, document: Document) -> list[Record] | None:
        try:
            records = self.extractor.records(document.abstract, document.title)
        except Exception as error:  # one text that the pipeline does not bear must not end a run over millions
            self.problem(_failure(document, error))
            return None
        return [record for record in records if self._keeps(record)]

    def _keeps(self, record: Record) -> bool:
        return (
            (not self.roles or record.role in self.roles)
            and (not self.types or record.type in self.types)
            and (not self.min_confidence or (record.confidence or 0.0) >= self.min_confidence)
        )


def _failure(document: Document, error: Exception) -> Problem:
    source = document.source
    return Problem(
        source.file if source else document.id,
        source.line if source else 1,
        f"the extractor fails on document {document.id!r}: {type(error).__name__}: {error}",
        "please report it with the abstract; the other documents are not affected",
    )


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
