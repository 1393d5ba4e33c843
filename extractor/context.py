"""Context: which phrases say what a number was measured of, by whom, against what, and where it holds.

A linear-chain conditional random field (Lafferty, McCallum & Pereira, ICML 2001) labels the words around a number with
the slots that they fill; its weights are trained on labelled documents by `training/train_context.py`. Where it is
silent, the property that a frame linked is the metric, and the paper's own system has reached a result.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pycrfsuite
import regex

from extractor.claims import LIST_SLOTS, SLOTS
from extractor.entities import nearest_stand_in
from extractor.matching import same_phrase
from extractor.phrases import phrase
from extractor.quantities import Evidence
from extractor.records import Phrase, Record
from extractor.rules import RuleSet
from extractor.tokens import Tagger
from extractor.wordfeatures import EDGES, GOVERNORS, JOINTS, VERBS, Words, features_of, words_of

MODEL = Path(__file__).resolve().parent / "models" / "context.crfsuite"
# How probable a word's slot must be; chosen for the best context F1 by cross-validation on train.
THRESHOLDS = dict.fromkeys(SLOTS, 0.3) | {"metric": 0.05, "system": 0.15}
# Set-up and background name a system only where the model is sure of it.
_SURE = 0.5
# A word that is nothing at all with this probability is not looked at again.
_SURELY_NOTHING = 0.95
# Numbers of a document that get a context; an abstract has a handful.
MAX_NUMBERS = 200
_TITLE_WORD = regex.compile(r"[\w-]+")
# Slots of names, to which no verb belongs; "outperforms" is a metric.
_NAMES = frozenset(("system", "baseline", "dataset", "model", "hardware"))
# Slots whose lists are given out, and how long such a list is where no "respectively" says so.
_DISTRIBUTED = ("baseline", "task", "dataset", "model", "hardware")
_PLAIN_LIST = 3
# Halves of surrogate pairs, which the field's own encoding of features cannot hold.
_LONE_SURROGATE = regex.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase that the model found for a slot: its place, how probable it is, and the cue before it."""

    slot: str
    start: int
    end: int
    probability: float
    cue: tuple[int, int]


class ContextModel:
    """The trained field; opened once, without state between texts."""

    def __init__(self, path: Path = MODEL) -> None:
        self._tagger: Any = pycrfsuite.Tagger()
        self._tagger.open(str(path))
        labels = [label for label in self._tagger.labels() if label != "O"]
        self._labels = [(label, label.split("-", 1)[0] == "B", label.split("-", 1)[1]) for label in labels]

    def phrases(self, words: Words, features: Sequence[Sequence[str]]) -> list[Found]:
        """The phrases that fill the slots of the number whose features these are."""
        self._tagger.set(pycrfsuite.ItemSequence(features))
        stretches: list[tuple[str, int, int, float]] = []
        slot: str | None = None
        for k in range(len(features)):
            last, (slot, probability, begins) = slot, self._slot(k)
            if slot is None or (words.quantities[k] >= 0 and slot != "condition"):
                slot = None
            elif slot != last or begins:
                stretches.append((slot, k, k, probability))
            else:
                _, first, _, known = stretches[-1]
                stretches[-1] = (slot, first, k, max(probability, known))
        found = (_trimmed(words, *stretch) for stretch in stretches)
        return [one for one in found if one is not None]

    def _slot(self, k: int) -> tuple[str | None, float, bool]:
        """The slot of a word, how probable it is, and whether a phrase begins there."""
        if self._tagger.marginal("O", k) > _SURELY_NOTHING:
            return None, 0.0, False
        slots, begins = dict.fromkeys(SLOTS, 0.0), dict.fromkeys(SLOTS, 0.0)
        for label, is_begin, slot in self._labels:
            probability = self._tagger.marginal(label, k)
            slots[slot] += probability
            if is_begin:
                begins[slot] = probability
        best = max(SLOTS, key=slots.__getitem__)
        if slots[best] < THRESHOLDS[best]:
            return None, 0.0, False
        return best, slots[best], begins[best] > slots[best] / 2


class NoModel:
    """In the place of a model: it finds nothing, so that the rules decide alone."""

    def phrases(self, words: Words, features: Sequence[Sequence[str]]) -> list[Found]:  # noqa: ARG002 - it looks at none
        """No phrase."""
        return []


def _trimmed(words: Words, slot: str, first: int, last: int, probability: float) -> Found | None:
    """The phrase without what cannot begin or end it; a condition keeps the cue that it begins with."""
    while first <= last and _is_edge(words, last, slot):
        last -= 1
    while first <= last and slot != "condition" and _is_edge(words, first, slot):
        first += 1
    if first > last:
        return None
    end = words.ends[last]
    if "(" in words.low[first : last + 1] and ")" not in words.low[first : last + 1]:
        closing = words.low[last + 1 : last + 2] == [")"]
        end = words.ends[last + 1] if closing else end
    if slot in _NAMES and words.low[last].endswith(("'s", "’s")):
        end -= 2
    return Found(slot, words.starts[first], end, probability, _cue(words, first))


def _list_around(text: str, words: Words, seed: int, names: Collection[str]) -> list[Phrase]:
    """The items of the list that the word at offset `seed` stands in, without the names of the own system."""
    at = next((k for k, start in enumerate(words.starts) if start >= seed), None)
    if at is None:
        return []
    first = next((k + 1 for k in range(at, -1, -1) if _ends_list(words, k)), 0)
    end = next((k for k in range(at, len(words.low)) if _ends_list(words, k)), len(words.low))
    cuts = [first - 1, *(k for k in range(first, end) if words.low[k] in JOINTS), end]
    items = []
    for before, behind in pairwise(cuts):
        found = _trimmed(words, "baseline", before + 1, behind - 1, 1.0)
        if found is not None and text[found.start : found.end] not in names:
            items.append(_phrase(text, found))
    return items


def _ends_list(words: Words, k: int) -> bool:
    """Whether a word is in no list of phrases: a number, a verb, a cue other than a joint."""
    low = words.low[k]
    governs = low in GOVERNORS and low not in JOINTS
    return words.quantities[k] >= 0 or words.tags[k] in VERBS or governs or low in {";", ":", ".", "(", ")"}


def _is_edge(words: Words, k: int, slot: str) -> bool:
    """Whether a word stands at no edge of a phrase: a cue, a joint, a mark, an article, for names a verb."""
    low = words.low[k]
    return low in EDGES or (slot in _NAMES and words.tags[k] in VERBS)


def _cue(words: Words, k: int) -> tuple[int, int]:
    """The place of the word that governs word `k`; an empty one where nothing does."""
    governor = words.governors[k]
    at = next((j for j in range(k, -1, -1) if words.governors[j] == governor and words.low[j] == governor), None)
    return (words.starts[at], words.ends[at]) if at is not None else (words.starts[k], words.starts[k])


class ContextFinder:
    """Fills the slots of an abstract's records."""

    def __init__(self, rules: RuleSet, tagger: Tagger) -> None:
        self._tagger = tagger
        self._machine = phrase(rules, "machine-word")
        self._stands_for = phrase(rules, "stands-for-own")
        self._listed = phrase(rules, "listed")
        self._model: ContextModel | NoModel | None = None

    def with_model(self, other: ContextModel | NoModel) -> ContextFinder:
        """This finder with another trained model."""
        found = copy(self)
        found._model = other
        return found

    def fill(
        self,
        text: str,
        title: str,
        records: Sequence[Record],
        own: tuple[Phrase, Evidence] | None,
        stand_ins: Sequence[tuple[int, int]],
    ) -> None:
        """Set the slots of all records; `own` is the name of the paper's system, `stand_ins` are phrases for it."""
        windows: dict[int, Words] = {}
        for record, words, features in self.windows(text, title, records, own):
            windows[id(record)] = words
            phrases = (self._model or model()).phrases(words, features)
            self._set(text, record, phrases)
            self._set_system(text, record, phrases, own, stand_ins)
        self._distribute(text, records, windows)
        _share_systems(records)

    def windows(
        self,
        text: str,
        title: str,
        records: Sequence[Record],
        own: tuple[Phrase, Evidence] | None,
    ) -> Iterator[tuple[Record, Words, list[list[str]]]]:
        """Each of the first records with the words around it and their features; none for a number inside another."""
        text = _LONE_SURROGATE.sub("\ufffd", text)
        known: dict[int, Words] = {}
        places = _quantities(records)
        starts = [place[0] for place in places]
        title_words = frozenset(word.lower() for word in _TITLE_WORD.findall(title))
        name = frozenset(own[0].text.lower().split()) if own else frozenset()
        for record in records[:MAX_NUMBERS]:
            window = record.sentence
            first, last = bisect_left(starts, window[0]), bisect_left(starts, window[1])
            if window[0] not in known:
                inside = places[first:last]
                spans = {place[0]: (k, place[1]) for k, place in enumerate(inside)}
                tagged = self._tagger.tokens(text, *window, spans)
                known[window[0]] = words_of(
                    text, window, inside, tagged, title=title_words, name=name, hardware=self._machine
                )
            place = bisect_right(starts, record.start) - 1
            if first <= place < last:
                yield record, *features_of(known[window[0]], place - first, record)

    def _set(self, text: str, record: Record, phrases: Sequence[Found]) -> None:
        """The metric and the list slots."""
        for found in phrases:
            if found.slot not in LIST_SLOTS:
                continue
            listed: list[Phrase] = getattr(record, found.slot)
            one = _phrase(text, found)
            if not any(same_phrase(one.text, other.text) for other in listed):
                listed.append(one)
                record.evidence.setdefault(found.slot, _evidence(found))
        metric = _best(phrases, "metric")
        if metric is not None and not _covers(record.metric, metric):
            self._set_metric(text, record, metric)

    def _distribute(self, text: str, records: Sequence[Record], windows: Mapping[int, Words]) -> None:
        """`compared to A, B and C … 3x, 2.4x and 1.6x`: of a list of as many phrases each number has its own."""
        for listed in self._lists(text, records):
            words = windows.get(id(listed[0]))
            # Two phrases beside two numbers may as well both hold for both.
            if words is None or (len(listed) < _PLAIN_LIST and "respectively" not in words.low):
                continue
            names = {record.system.text for record in listed if record.system}
            for slot in _DISTRIBUTED:
                seeds = sorted({phrase.start for record in listed for phrase in getattr(record, slot)})
                lists = (_list_around(text, words, seed, names) for seed in seeds)
                phrases = next((found for found in lists if len(found) == len(listed)), [])
                for record, one in zip(listed, phrases, strict=False):
                    setattr(record, slot, [one])
                    record.evidence[slot] = Evidence("one-each", one.start, one.end)

    def _lists(self, text: str, records: Sequence[Record]) -> Iterator[list[Record]]:
        """Runs of two or more records whose numbers stand in one list."""
        run: list[Record] = []
        for record in records:
            if run and not self._listed.fullmatch(text, run[-1].end, record.start):
                if len(run) > 1:
                    yield run
                run = []
            run.append(record)
        if len(run) > 1:
            yield run

    def _set_metric(self, text: str, record: Record, found: Found) -> None:
        """The property that the model found; where no rule knew one, one of the lexicon decides the type too."""
        untyped = record.metric is None
        record.metric, record.evidence["metric"] = _phrase(text, found), _evidence(found)
        terms = [t.term for t in self._tagger.tokens(text, found.start, found.end, {}) if t.term is not None]
        term = terms[-1] if terms else None
        record.canonical, record.polarity = (term.canonical, term.polarity) if term else (None, None)
        if untyped and term is not None and not term.vote:
            record.type, record.evidence["type"] = term.type, Evidence(term.rule, found.start, found.end)

    def _set_system(
        self,
        text: str,
        record: Record,
        phrases: Sequence[Found],
        own: tuple[Phrase, Evidence] | None,
        stand_ins: Sequence[tuple[int, int]],
    ) -> None:
        found = _best(phrases, "system")
        if record.role != "result" and (found is None or found.probability < _SURE):
            return
        if found is not None and own and text.startswith(tuple(own[0].text + mark for mark in " '’"), found.start):
            found = replace(found, end=found.start + len(own[0].text))  # "Foo detects", "Foo's use": the name is enough
        if found is not None and not (own and self._stands_for.fullmatch(text, found.start, found.end)):
            record.system, record.evidence["system"] = _phrase(text, found), _evidence(found)
            return
        known = own or nearest_stand_in(text, stand_ins, record.sentence)
        if known is not None:
            record.system, record.evidence["system"] = known


def _quantities(records: Sequence[Record]) -> list[tuple[int, int]]:
    """The places of all quantities and old levels, in order, without overlap."""
    places = {(record.start, record.end) for record in records}
    places |= {(record.from_.start, record.from_.end) for record in records if record.from_}
    kept: list[tuple[int, int]] = []
    for place in sorted(places):
        if not kept or kept[-1][1] <= place[0]:
            kept.append(place)
    return kept


def _best(phrases: Sequence[Found], slot: str) -> Found | None:
    return max((p for p in phrases if p.slot == slot), key=lambda p: p.probability, default=None)


def _phrase(text: str, found: Found) -> Phrase:
    return Phrase(text[found.start : found.end], "abstract", found.start, found.end)


def _evidence(found: Found) -> Evidence:
    return Evidence(f"context-{found.slot}", *found.cue)


def _covers(metric: Phrase | None, found: Found) -> bool:
    """Whether the property that a frame linked is the one that the model found."""
    return metric is not None and metric.start < found.end and found.start < metric.end


def _share_systems(records: Sequence[Record]) -> None:
    """A result without a system takes that of the result before it, else of the one behind it."""
    results = [record for record in records if record.role == "result"]
    for ordered in (results, results[::-1]):
        last: Record | None = None
        for record in ordered:
            if record.system is None and last is not None:
                record.system, record.evidence["system"] = last.system, last.evidence["system"]
            last = record if record.system is not None else last


@cache
def model() -> ContextModel:
    """The shipped model, opened once."""
    return ContextModel()
