"""Load labelled documents and say what is wrong in them.

A labelled file holds a JSON document per line. Hand-written files may leave out what can be worked out: a mention as
a bare string, `nth` (from 1) in place of `start` and `end`, `from` as a string beside `from_value`. Loading resolves
these to offsets; what cannot be resolved or is no legal value becomes a `Fault` and the document is not loaded.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from extractor.claims import CLOSED_FIELDS, LIST_SLOTS, SLOTS, Claim, Document, Mention, OldLevel, TextField
from extractor.sentences import sentence_at

Span = tuple[int, int]
Texts = Mapping[TextField, str]
Model = TypeVar("Model", bound=BaseModel)

_NUMBERS = ("value", "low", "high", "spread")
_REQUIRED = ("quantity", "unit", "bound", "form", "direction", "type", "role")
_PLAIN = (*_NUMBERS, "unit", *CLOSED_FIELDS, "sentence", "confidence", "evidence")
# Notes of the labellers, and what a merge of two labellings leaves open: accepted, but without effect on scores.
_NOTES = ("note", "rules", "open", "other", "maybe", "optional")
_CLAIM_KEYS = ("quantity", "nth", "start", "end", "from", "from_value", *_PLAIN, *SLOTS, *_NOTES)
_DOCUMENT_KEYS = (*Document.model_fields, "note")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a labelled file: where it is, what was found, what is allowed.

    `line` and `claim` (the claim's place in its document) count from 1; `nearest` is the nearest legal value.
    """

    file: str
    line: int
    document: str | None
    claim: int | None
    quantity: str | None
    field: str
    found: str
    expected: str
    nearest: str | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: "
        where += f"document {self.document!r} " if self.document is not None else ""
        where += f"claim {self.claim} " if self.claim is not None else ""
        where += f"({self.quantity!r}) " if self.quantity is not None else ""
        hint = f"; the nearest is {self.nearest}" if self.nearest is not None else ""
        return f"{where.rstrip(' :')}: {self.field} is {self.found}; expected {self.expected}{hint}"


class GoldError(ValueError):
    """A labelled file that cannot be used as it is; `fault` says what is wrong and where."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def load(path: str | os.PathLike[str], *, on_problem: Callable[[Fault], object] | None = None) -> list[Document]:
    """The documents of a labelled JSON-lines file, every mention with its offsets.

    Raises GoldError on the first fault. With `on_problem`, that is called with each fault instead, and the documents
    that have one are left out. Raises OSError where the file cannot be read.
    """
    documents = []
    for document, faults in _scan(path):
        for fault in faults:
            if on_problem is None:
                raise GoldError(fault)
            on_problem(fault)
        if document is not None and not faults:
            documents.append(document)
    return documents


def check(path: str | os.PathLike[str]) -> list[Fault]:
    """Every fault of a labelled JSON-lines file, in the order of its lines; OSError where it cannot be read."""
    return [fault for _, faults in _scan(path) for fault in faults]


def to_line(document: Document) -> str:
    """A document as a line of a labelled file, with offsets and without what is empty."""
    data = json.loads(document.to_json())
    data["claims"] = [
        {name: value for name, value in claim.items() if name in _REQUIRED or value not in (None, [], {})}
        for claim in data["claims"]
    ]
    return json.dumps(data, ensure_ascii=False)


def occurrences(text: str, phrase: str, *, whole: bool = True) -> list[Span]:
    """The [start, end) of each occurrence of `phrase`, left to right; its white space matches any white space.

    With `whole`, occurrences that cut a number or a word (`5` of `2.5`, `ratio` of `ratios`) are left out.
    """
    pattern = r"\s+".join(map(re.escape, phrase.split()))
    spans = [match.span() for match in re.finditer(pattern, text)] if pattern else []
    return [span for span in spans if not (whole and _cuts(text, *span))]


def locate(phrase: str, *, abstract: str, title: str, anchor: Span) -> Mention | None:
    """Where the phrase that a labeller gave for the claim at `anchor` (offsets in the abstract) stands.

    The occurrence nearest to the anchor in its sentence, the left one of two equally near; else the nearest earlier
    one in the abstract, else the title's, else the nearest later one; None without any. Occurrences that cut a
    number or word count only where the texts have no other.
    """
    for whole in (True, False):
        sentence = sentence_at(abstract, anchor[0])
        earlier_or_same, later = _ranked(occurrences(abstract, phrase, whole=whole), anchor, sentence)
        in_title = occurrences(title, phrase, whole=whole)
        if earlier_or_same:
            return _mention("abstract", abstract, earlier_or_same[0])
        if in_title:
            return _mention("title", title, in_title[0])
        if later:
            return _mention("abstract", abstract, later[0])
    return None


def _ranked(spans: list[Span], anchor: Span, sentence: Span) -> tuple[list[Span], list[Span]]:
    """The spans up to the end of the anchor's sentence, best first, and the later ones, nearest first."""
    same = [span for span in spans if sentence[0] <= span[0] and span[1] <= sentence[1]]
    earlier = [span for span in spans if span[0] < sentence[0]]
    later = [span for span in spans if span[0] >= sentence[0] and span[1] > sentence[1]]
    return sorted(same, key=lambda span: (_gap(span, anchor), span)) + earlier[::-1], later


def _gap(one: Span, other: Span) -> int:
    return max(one[0] - other[1], other[0] - one[1], 0)


def _mention(where: TextField, text: str, span: Span) -> Mention:
    return Mention(text=text[slice(*span)], field=where, start=span[0], end=span[1])


def _cuts(text: str, start: int, end: int) -> bool:
    return _cuts_left(text, start) or _cuts_right(text, end)


def _cuts_left(text: str, start: int) -> bool:
    first, before = text[start], text[max(start - 2, 0) : start]
    if first.isdigit():
        return before[-1:].isdigit() or (before[-1:] == "." and before[:-1].isdigit())
    return first.isalpha() and before[-1:].isalpha()


def _cuts_right(text: str, end: int) -> bool:
    last, after = text[end - 1], text[end : end + 2]
    if last.isdigit():
        return after[:1].isdigit() or (after[:1] in {".", ","} and after[1:].isdigit())
    return last.isalpha() and after[:1].isalpha()


@dataclass(slots=True)
class _Line:
    """The line being read: where it is, and the faults found so far."""

    file: str
    number: int
    document: str | None = None
    claim: int | None = None
    quantity: str | None = None
    faults: list[Fault] = field(default_factory=list)

    def fault(self, name: str, found: str, expected: str, nearest: str | None = None) -> None:
        where = (self.file, self.number, self.document, self.claim, self.quantity)
        self.faults.append(Fault(*where, name, found, expected, nearest))

    def named(self) -> set[str]:
        """The fields of the present claim (or of the document) that already have a fault."""
        return {fault.field for fault in self.faults if fault.claim == self.claim}


def resolve(
    documents: Iterable[tuple[int, dict[str, Any]]], *, file: str
) -> Iterator[tuple[Document | None, list[Fault]]]:
    """Each document given as plain data, with its line in the file that faults name, and what is wrong in it."""
    first_line: dict[str, int] = {}
    for number, data in documents:
        line = _Line(file, number)
        yield _document(data, first_line, line), line.faults


def _scan(path: str | os.PathLike[str]) -> Iterator[tuple[Document | None, list[Fault]]]:
    first_line: dict[str, int] = {}
    with Path(path).open("rb") as lines:
        for number, raw in enumerate(lines, start=1):
            if raw.strip():
                line = _Line(os.fspath(path), number)
                data = _parse(raw, line)
                yield (_document(data, first_line, line) if data is not None else None), line.faults


def _parse(raw: bytes, line: _Line) -> dict[str, Any] | None:
    expected = "a JSON document on one line, in UTF-8"
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        line.fault("line", f"no JSON ({error.msg} at column {error.colno})", expected)
        return None
    except (ValueError, RecursionError) as error:
        line.fault("line", f"not readable ({error})", expected)
        return None
    if not isinstance(data, dict):
        line.fault("line", _shown(data), expected)
        return None
    return data


def _document(data: dict[str, Any], first_line: dict[str, int], line: _Line) -> Document | None:
    _check_id(data.get("id"), first_line, line)
    _check_keys(data, _DOCUMENT_KEYS, line)
    texts = _texts(data, line)
    if texts is None:
        return None
    claims = _claims(data.get("claims", []), texts, line)
    fields = {name: value for name, value in data.items() if name in Document.model_fields}
    return _build(Document, {**fields, "claims": [claim for claim in claims if claim is not None]}, line)


def _check_id(found: Any, first_line: dict[str, int], line: _Line) -> None:
    if not _is_phrase(found):
        line.fault("id", _shown(found), "the id of the paper, a string that is not empty")
        return
    line.document = found
    if found in first_line:
        line.fault("id", f"also that of line {first_line[found]}", "an id that no other line has")
    first_line.setdefault(found, line.number)


def _texts(data: dict[str, Any], line: _Line) -> Texts | None:
    abstract, title = data.get("abstract"), data.get("title", "")
    if not isinstance(abstract, str):
        line.fault("abstract", _shown(abstract), "the raw text of the abstract, a string")
    if not isinstance(title, str):
        line.fault("title", _shown(title), "the raw text of the title, a string")
    if isinstance(abstract, str) and isinstance(title, str):
        return {"abstract": abstract, "title": title}
    return None


def _claims(found: Any, texts: Texts, line: _Line) -> list[Claim | None]:
    if not isinstance(found, list):
        line.fault("claims", _shown(found), "a list of claims")
        return []
    claims = [_claim(raw, number, texts, line) for number, raw in enumerate(found, start=1)]
    line.claim = line.quantity = None
    return claims


def _claim(raw: Any, number: int, texts: Texts, line: _Line) -> Claim | None:
    line.claim, line.quantity = number, None
    if not isinstance(raw, dict):
        line.fault("claim", _shown(raw), "a claim: a JSON object with " + ", ".join(_REQUIRED))
        return None
    line.quantity = raw["quantity"] if isinstance(raw.get("quantity"), str) else None
    _check_keys(raw, _CLAIM_KEYS, line)
    _check_required(raw, line)
    _check_words(raw, line)
    _check_numbers(raw, line)
    # Without its span a claim is refused, but its phrases are looked for all the same, so that all faults are told.
    start, end = _span(raw, texts["abstract"], line) or (0, 0)
    resolved = {name: raw[name] for name in _PLAIN if raw.get(name) is not None}
    resolved |= {"quantity": texts["abstract"][start:end], "start": start, "end": end}
    resolved |= {"from": _old_level(raw, texts["abstract"], (start, end), line)}
    resolved |= _slots(raw, texts, (start, end), line)
    resolved.setdefault("sentence", sentence_at(texts["abstract"], start))
    return _build(Claim, resolved, line)


def _check_keys(found: dict[str, Any], known: tuple[str, ...], line: _Line) -> None:
    for name in found:
        if name not in known:
            line.fault(name, "unknown", "one of the fields " + ", ".join(known), _nearest(name, known))


def _check_required(raw: dict[str, Any], line: _Line) -> None:
    for name in _REQUIRED:
        if raw.get(name) is None:
            allowed = "one of " + ", ".join(CLOSED_FIELDS[name]) if name in CLOSED_FIELDS else "a string"
            line.fault(name, "missing", allowed)
        elif name not in CLOSED_FIELDS and not isinstance(raw[name], str):
            line.fault(name, _shown(raw[name]), "a string")


def _check_words(raw: dict[str, Any], line: _Line) -> None:
    for name, allowed in CLOSED_FIELDS.items():
        found = raw.get(name)
        if found is not None and found not in allowed:
            line.fault(name, _shown(found), "one of " + ", ".join(allowed), _nearest(found, allowed))


def _check_numbers(raw: dict[str, Any], line: _Line) -> None:
    for name in (*_NUMBERS, "from_value"):
        if raw.get(name) is not None and not _is_number(raw[name]):
            line.fault(name, _shown(raw[name]), "a finite number or null")
    if raw.get("value") is None and (raw.get("low") is None or raw.get("high") is None):
        line.fault("value", "missing", "a number, or low and high for a range")


def _span(raw: dict[str, Any], abstract: str, line: _Line) -> Span | None:
    """The quantity's place; None, with a fault told, where it has none."""
    quantity = raw.get("quantity")
    if not _is_phrase(quantity):
        if isinstance(quantity, str):
            line.fault("quantity", "empty", "the text of number and unit")
        return None
    if raw.get("start") is not None:
        return _given_span(raw, quantity, abstract, line)
    return _nth_span(raw.get("nth"), quantity, abstract, line)


def _given_span(found: dict[str, Any], phrase: str, text: str, line: _Line, name: str = "start") -> Span | None:
    start, end = found.get("start"), found.get("end")
    if not (_is_count(start) and _is_count(end)):
        line.fault(name, f"{_shown(start)}, with end {_shown(end)}", "two offsets, whole numbers from 0")
        return None
    if not phrase or text[start:end] != phrase:
        covered = f"{start}, with end {end}, which cover {_shown(text[start:end])}"
        line.fault(name, covered, f"the offsets of {phrase!r}", _nearest_offset(phrase, text, start))
        return None
    return start, end


def _nth_span(nth: Any, quantity: str, abstract: str, line: _Line) -> Span | None:
    places = occurrences(abstract, quantity)
    allowed = f"a whole number from 1 to {len(places)}, or start and end"
    if not places:
        expected = "text of the abstract that cuts no number and no word"
        line.fault("quantity", f"{quantity!r}, which does not occur", expected, _like(quantity, abstract))
    elif nth is None and len(places) > 1:
        line.fault("nth", f"missing where the quantity occurs {len(places)} times", allowed)
    elif nth is not None and not (_is_count(nth) and 1 <= nth <= len(places)):
        line.fault("nth", _shown(nth), allowed, str(len(places)) if _is_count(nth) and nth else None)
    else:
        return places[(nth or 1) - 1]
    return None


def _old_level(raw: dict[str, Any], abstract: str, anchor: Span, line: _Line) -> dict[str, Any] | None:
    old = raw.get("from")
    if old is not None and not isinstance(old, str | dict):
        line.fault("from", _shown(old), "the text of the old level, or an object with text and value")
        return None
    if isinstance(old, dict):
        return _old_mapping(old, raw, abstract, anchor, line)
    together = "from_value" in raw if old else raw.get("from_value") is None
    if not together:
        line.fault("from", _shown(old), "a text beside from_value: the two go together")
        return None
    return _placed_old({"text": old, "value": raw["from_value"]}, abstract, anchor, line) if old else None


def _old_mapping(
    old: dict[str, Any], raw: dict[str, Any], abstract: str, anchor: Span, line: _Line
) -> dict[str, Any] | None:
    if raw.get("from_value") is not None:
        line.fault("from_value", _shown(raw["from_value"]), "nothing beside a from that is an object")
    for name in ("value", "low", "high"):
        if old.get(name) is not None and not _is_number(old[name]):
            line.fault("from", f"an object with {name} {_shown(old[name])}", "a finite number or null there")
    if any(name not in OldLevel.model_fields for name in old):
        line.fault("from", _shown(old), "an object of " + ", ".join(OldLevel.model_fields))
    return _placed_old(old, abstract, anchor, line)


def _placed_old(old: dict[str, Any], abstract: str, anchor: Span, line: _Line) -> dict[str, Any] | None:
    text = old.get("text")
    if not _is_phrase(text):
        line.fault("from", _shown(text), "the text of the old level, not empty")
        return None
    if old.get("start") is not None:
        span = _given_span(old, text, abstract, line, "from")
    else:
        span = _old_span(text, abstract, anchor)
        if span is None:
            line.fault("from", f"{text!r}, which does not occur", "text of the abstract", _like(text, abstract))
    return {**old, "text": abstract[slice(*span)], "start": span[0], "end": span[1]} if span else None


def _old_span(text: str, abstract: str, anchor: Span) -> Span | None:
    """As `locate`, but the old level stands in the abstract and is never part of the new one ("from 5% to 5%")."""
    sentence = sentence_at(abstract, anchor[0])
    for whole in (True, False):
        spans = occurrences(abstract, text, whole=whole)
        apart = [span for span in spans if span[1] <= anchor[0] or span[0] >= anchor[1]]
        upto, later = _ranked(apart, anchor, sentence)
        if upto or later:
            return [*upto, *later][0]
    return None


def _slots(raw: dict[str, Any], texts: Texts, anchor: Span, line: _Line) -> dict[str, Any]:
    slots: dict[str, Any] = {}
    for name in ("metric", "system"):
        if raw.get(name):
            slots[name] = _phrase(name, raw[name], texts, anchor, line)
    for name in LIST_SLOTS:
        found = raw.get(name, [])
        if not isinstance(found, list):
            line.fault(name, _shown(found), "a list of phrases, left out when empty")
            continue
        mentions = [_phrase(name, item, texts, anchor, line) for item in found]
        slots[name] = [mention for mention in mentions if mention is not None]
    return slots


def _phrase(name: str, found: Any, texts: Texts, anchor: Span, line: _Line) -> Mention | None:
    """The mention of one slot item; None, with a fault told, where the texts do not have it."""
    text = found.get("text") if isinstance(found, dict) else found
    if not _is_phrase(text):
        line.fault(name, _shown(found), "a phrase of the abstract or title, or an object with its text")
        return None
    if isinstance(found, dict) and found.get("start") is not None:
        return _given_mention(name, found, texts, line)
    mention = locate(text, abstract=texts["abstract"], title=texts["title"], anchor=anchor)
    if mention is None:
        nearest = _like(text, texts["abstract"] + "\n" + texts["title"])
        line.fault(name, f"{text!r}, which does not occur", "a phrase of the abstract or title", nearest)
    return mention


def _given_mention(name: str, found: dict[str, Any], texts: Texts, line: _Line) -> Mention | None:
    fields, where = get_args(TextField), found.get("field", "abstract")
    if where not in fields:
        line.fault(name, f"in field {_shown(where)}", "one of " + ", ".join(fields), _nearest(where, fields))
        return None
    text: str = texts[where]
    span = _given_span(found, found["text"], text, line, name)
    return _mention(where, text, span) if span else None


def _build(model: type[Model], data: dict[str, Any], line: _Line) -> Model | None:
    """The validated model; what only the model refuses becomes a fault, unless its field has one already."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        named = line.named()
        for problem in error.errors():
            name = str(problem["loc"][0]) if problem["loc"] else "value"
            if name not in named:
                line.fault(name, _shown(problem["input"]), problem["msg"])
        return None


def _nearest(found: Any, allowed: tuple[str, ...]) -> str | None:
    # Low, so that a wrong word gets a suggestion whenever it shares a syllable with a legal one.
    matches = difflib.get_close_matches(str(found).lower(), allowed, n=1, cutoff=0.3)
    return repr(matches[0]) if matches else None


def _like(phrase: str, text: str) -> str | None:
    """The run of as many words that looks most like the phrase."""
    count, words = len(phrase.split()), list(re.finditer(r"\S+", text))
    runs = [text[a.start() : b.end()] for a, b in zip(words, words[count - 1 :], strict=False)]
    matches = difflib.get_close_matches(phrase, runs, n=1, cutoff=0.5)
    return repr(matches[0]) if matches else None


def _nearest_offset(phrase: str, text: str, start: int) -> str | None:
    starts = [match.start() for match in re.finditer(re.escape(phrase), text)]
    return str(min(starts, key=lambda offset: abs(offset - start))) if starts else None


def _is_phrase(found: Any) -> TypeGuard[str]:
    return isinstance(found, str) and bool(found.strip())


def _is_number(found: Any) -> TypeGuard[float]:
    largest = sys.float_info.max
    return isinstance(found, int | float) and not isinstance(found, bool) and -largest <= found <= largest


def _is_count(found: Any) -> TypeGuard[int]:
    return isinstance(found, int) and not isinstance(found, bool) and found >= 0


def _shown(found: Any) -> str:
    """A value as JSON writes it, cut short."""
    if found is None:
        return "missing"
    text = json.dumps(found, ensure_ascii=False, default=str)
    text = text.encode("utf8", "backslashreplace").decode("utf8")  # half a surrogate pair cannot be printed
    return text if len(text) <= 80 else text[:77] + "..."
