"""Which words decide what the claim model says: each is hidden in turn, and what the model then loses is counted.

Occlusion, as in Zeiler & Fergus (ECCV 2014): exact for the model as it is, and deterministic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from extractor.claims import SLOTS
from extractor.encoding import HIDDEN, Window
from extractor.network import FIELDS, LABELS, Network, Reading
from extractor.records import Phrase, Record

# Words shown for a field, and how much of its probability a word must carry.
_SHOWN, _LEAST = 3, 0.05


def influences(network: Network, window: Window, record: Record) -> Mapping[str, list[tuple[str, float]]]:
    """For each field and slot that the model decided the words that it hangs on, each with the probability it carries.

    The words' own place does not count for a phrase: hiding the words of a baseline says nothing of its role.
    """
    asked = {name: _places(window, record, name) for name in (*FIELDS, *SLOTS) if _is_learned(record, name)}
    if not asked:
        return {}
    known = _probabilities(network.read(window), asked, record)
    losses: dict[str, list[tuple[str, float]]] = {name: [] for name in asked}
    for k in range(len(window)):
        words, place = window.word(k)
        if k == window.target or not words.texts[place][0].isalnum():
            continue
        rows = window.rows.copy()
        rows[k] = HIDDEN
        found = _probabilities(network.read(replace(window, rows=rows)), asked, record)
        for name, inside in asked.items():
            if k not in inside:
                losses[name].append((words.texts[place], known[name] - found[name]))
    return {name: _largest(found) for name, found in losses.items()}


def _is_learned(record: Record, name: str) -> bool:
    evidence = record.evidence.get(name)
    return evidence is not None and evidence.rule in {f"model-{name}", f"context-{name}"}


def _places(window: Window, record: Record, slot: str) -> list[int]:
    """The words of the window that a slot's phrases hold; none for a field."""
    found: Phrase | list[Phrase] | None = getattr(record, slot) if slot in SLOTS else None
    phrases = found if isinstance(found, list) else [found] if found else []
    places = []
    for k in range(len(window)):
        words, at = window.word(k)
        field = "title" if k < window.titled else "abstract"
        start, end = words.starts[at], words.ends[at]
        if any(p.field == field and p.start < end and start < p.end for p in phrases):
            places.append(k)
    return places


def _probabilities(reading: Reading, asked: Mapping[str, Sequence[int]], record: Record) -> dict[str, float]:
    """How probable the model takes each field's value, or each slot's words."""
    probabilities = {}
    for name, inside in asked.items():
        if name in SLOTS:
            columns = [LABELS.index(f"{place}-{name}") for place in "BI"]
            probabilities[name] = float(reading.labels[inside][:, columns].sum(axis=1).mean()) if inside else 0.0
        else:
            probabilities[name] = float(reading.fields[name][FIELDS[name].index(getattr(record, name) or "")])
    return probabilities


def _largest(losses: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    return sorted((one for one in losses if one[1] >= _LEAST), key=lambda one: -one[1])[:_SHOWN]
