"""Context: which phrases say what a number was measured of, by whom, against what, and where it holds.

The trained model (`extractor.network`) labels the words of the title and of a number's sentence with the slots that
they fill. Where it is silent, the property that a frame linked is the metric, and the paper's own system has reached a
result.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from extractor.claims import LIST_SLOTS, SLOTS
from extractor.encoding import Encoded, Encoder, Window
from extractor.entities import nearest_stand_in
from extractor.fields import is_no_claim, settle
from extractor.matching import same_phrase
from extractor.network import LABELS, Floats, Network, default
from extractor.phrases import phrase
from extractor.quantities import Evidence, Rejection
from extractor.records import Phrase, Record
from extractor.rules import RuleSet
from extractor.tokens import TaggedSentence, Tagger
from extractor.words import EDGES, GOVERNORS, JOINTS, VERBS, Words, tag, words_of

# How probable the slot of one word of a phrase must be, and how probable that of every word; chosen for the best
# context F1 on gold/validation.jsonl.
_FROM = dict.fromkeys(SLOTS, 0.5) | {"metric": 0.2, "system": 0.3}
_EACH_FROM = dict.fromkeys(SLOTS, 0.3) | {"metric": 0.2}
_EACH = np.array([_EACH_FROM[slot] for slot in SLOTS])
# One or two words without a cue before them, as `added`, are a condition only where the model is this sure.
_CUELESS_FROM, _CUELESS_WORDS = 0.8, 2
_BEGINS, _INSIDES = slice(1, len(LABELS), 2), slice(2, len(LABELS), 2)
# Set-up and background name a system only where the model is sure of it.
_SURE = 0.5
# Numbers of a document that the model reads; an abstract has a handful.
MAX_NUMBERS = 200
# Slots of names, to which no verb belongs; "outperforms" is a metric.
_NAMES = frozenset(("system", "baseline", "dataset", "model", "hardware"))
# Slots whose lists are given out, and how long such a list is where no "respectively" says so.
_DISTRIBUTED = ("baseline", "task", "dataset", "model", "hardware")
_PLAIN_LIST = 3


@dataclass(frozen=True, slots=True)
class Own:
    """What a document says of its own system: its name, phrases that stand for it, and where its sentences are."""

    system: tuple[Phrase, Evidence] | None
    stand_ins: Sequence[tuple[int, int]]
    sentences: Mapping[int, TaggedSentence]


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase that the model found for a slot: where it stands, how probable it is, and the cue before it."""

    slot: str
    field: str
    start: int
    end: int
    probability: float
    cue: tuple[int, int]


def phrases(window: Window, labels: Floats) -> list[Found]:
    """The phrases that fill the slots of a number, by the probabilities of its words' labels."""
    begins = labels[:, _BEGINS]
    slots = begins + labels[:, _INSIDES]
    ratios = slots / _EACH
    best = ratios.argmax(axis=1)
    stretches: list[tuple[int, int, int, float]] = []
    for k in np.flatnonzero(ratios.max(axis=1) >= 1).tolist():
        slot = int(best[k])
        words, place = window.word(k)
        if words.quantities[place] >= 0 and SLOTS[slot] != "condition":
            continue
        probability = float(slots[k, slot])
        last = stretches[-1] if stretches else None
        joins = last is not None and last[0] == slot and last[2] == k - 1 and k != window.titled
        if last is not None and joins and begins[k, slot] <= probability / 2:
            stretches[-1] = (slot, last[1], k, max(probability, last[3]))
        else:
            stretches.append((slot, k, k, probability))
    found = (_found(window, *stretch) for stretch in stretches if stretch[3] >= _FROM[SLOTS[stretch[0]]])
    return [one for one in found if one is not None]


def _found(window: Window, slot: int, first: int, last: int, probability: float) -> Found | None:
    words, start = window.word(first)
    field = "title" if first < window.titled else "abstract"
    found = _trimmed(words, start, start + last - first, Found(SLOTS[slot], field, 0, 0, probability, (0, 0)))
    if found is None or found.slot != "condition":
        return found
    held = [low for low, place in zip(words.low, words.starts, strict=True) if found.start <= place < found.end]
    if held[0] in GOVERNORS:
        return found if len(held) > 1 else None
    return found if len(held) > _CUELESS_WORDS or probability >= _CUELESS_FROM else None


def _trimmed(words: Words, first: int, last: int, found: Found) -> Found | None:
    """The phrase without what cannot begin or end it; a condition keeps the cue that it begins with."""
    slot = found.slot
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
    return replace(found, start=words.starts[first], end=end, cue=words.governor(first))


# What an item of a list is trimmed as.
_ITEM = Found("baseline", "abstract", 0, 0, 1.0, (0, 0))


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
        found = _trimmed(words, before + 1, behind - 1, _ITEM)
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


class ContextFinder:
    """Lets the model read the numbers of an abstract, and fills the slots of their records."""

    def __init__(self, rules: RuleSet, tagger: Tagger) -> None:
        self._tagger = tagger
        self._stands_for = phrase(rules, "stands-for-own")
        self._listed = phrase(rules, "listed")
        self._network: Network | None = None
        self._with_network = True

    @property
    def network(self) -> Network | None:
        """The trained model; None where the rules decide alone."""
        return (self._network or default()) if self._with_network else None

    def with_network(self, network: Network | None) -> ContextFinder:
        """This finder with another trained model, or with none: then the rules decide alone."""
        found = copy(self)
        found._network, found._with_network = network, network is not None
        return found

    def fill(self, text: str, title: str, records: Sequence[Record], own: Own) -> tuple[list[Record], list[Rejection]]:
        """The records with their slots, and the numbers that the model turns away."""
        network = self.network
        if network is None:
            for record in records:
                self._set_system(text, title, record, [], own)
            _share_systems(records)
            return list(records), []
        windows: dict[int, Window] = {}
        turned_away: list[Rejection] = []
        for window in self.windows(text, title, records, own, network.encoder):
            record = window.record
            reading = network.read(window)
            if is_no_claim(reading.fields):
                turned_away.append(Rejection(record.start, record.end, "model-no-claim"))
                continue
            record.confidence = round(network.confidence(settle(record, reading.fields)), 2)
            found = phrases(window, reading.labels)
            windows[id(record)] = window
            self._set(text, record, found)
            self._set_system(text, title, record, found, own)
        gone = {(rejection.start, rejection.end) for rejection in turned_away}
        kept = [record for record in records if (record.start, record.end) not in gone]
        self._distribute(text, kept, windows)
        _share_systems(kept)
        return kept, turned_away

    def windows(self, text: str, title: str, records: Sequence[Record], own: Own, encoder: Encoder) -> Iterator[Window]:
        """What the model sees of each of the first records; nothing of a number inside another."""
        names = frozenset(own.system[0].text.lower().split()) if own.system else frozenset()
        titled = encoder.title(words_of(title, (0, len(title))), names)
        known: dict[int, Encoded] = {}
        places = _quantities(records)
        starts = [place[0] for place in places]
        for record in records[:MAX_NUMBERS]:
            start, end = record.sentence
            first, last = bisect_left(starts, start), bisect_left(starts, end)
            if start not in known:
                words = words_of(text, (start, end), places[first:last])
                if start in own.sentences:
                    tag(words, own.sentences[start].tokens)
                units = _units(text, records, places[first:last])
                known[start] = encoder.sentence(words, units, frozenset(titled.words.low), names)
            place = bisect_right(starts, record.start) - 1
            if first <= place < last:
                yield encoder.window(titled, known[start], place - first, record, len(text))

    def _set(self, text: str, record: Record, found: Sequence[Found]) -> None:
        """The metric and the list slots."""
        for one in found:
            if one.slot not in LIST_SLOTS or one.field == "title":
                continue
            listed: list[Phrase] = getattr(record, one.slot)
            item = _phrase(text, one)
            if not any(same_phrase(item.text, other.text) for other in listed):
                listed.append(item)
                record.evidence.setdefault(one.slot, _evidence(one))
        metric = _best(found, "metric")
        if metric is not None and metric.field == "abstract" and not _covers(record.metric, metric):
            self._set_metric(text, record, metric)

    def _distribute(self, text: str, records: Sequence[Record], windows: Mapping[int, Window]) -> None:
        """`compared to A, B and C … 3x, 2.4x and 1.6x`: of a list of as many phrases each number has its own."""
        for listed in self._lists(text, records):
            window = windows.get(id(listed[0]))
            # Two phrases beside two numbers may as well both hold for both.
            if window is None or (len(listed) < _PLAIN_LIST and "respectively" not in window.sentence.low):
                continue
            names = {record.system.text for record in listed if record.system}
            for slot in _DISTRIBUTED:
                seeds = sorted({phrase.start for record in listed for phrase in getattr(record, slot)})
                lists = (_list_around(text, window.sentence, seed, names) for seed in seeds)
                items = next((found for found in lists if len(found) == len(listed)), [])
                for record, one in zip(listed, items, strict=False):
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
        """The property that the model found, with its name in the lexicon where it has one."""
        record.metric, record.evidence["metric"] = _phrase(text, found), _evidence(found)
        terms = [t.term for t in self._tagger.tokens(text, found.start, found.end, {}) if t.term is not None]
        term = terms[-1] if terms else None
        record.canonical, record.polarity = (term.canonical, term.polarity) if term else (None, None)

    def _set_system(self, text: str, title: str, record: Record, phrases: Sequence[Found], own: Own) -> None:
        found = _best(phrases, "system")
        if record.role != "result" and (found is None or found.probability < _SURE):
            return
        known = own.system
        if found is not None and found.field == "title":
            record.system, record.evidence["system"] = _phrase(title, found), _evidence(found)
            return
        if found is not None and known and text.startswith(tuple(known[0].text + mark for mark in " '’"), found.start):
            found = replace(
                found, end=found.start + len(known[0].text)
            )  # "Foo detects", "Foo's use": the name is enough
        if found is not None and not (known and self._stands_for.fullmatch(text, found.start, found.end)):
            record.system, record.evidence["system"] = _phrase(text, found), _evidence(found)
            return
        known = known or nearest_stand_in(text, own.stand_ins, record.sentence)
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


def _units(text: str, records: Sequence[Record], places: Sequence[tuple[int, int]]) -> dict[int, tuple[str, str]]:
    """The unit of each quantity, by its index, with its text; none for an old level, which is no record."""
    known = {(record.start, record.end): record.unit for record in records}
    return {k: (known.get(place, ""), text[slice(*place)]) for k, place in enumerate(places)}


def _best(phrases: Sequence[Found], slot: str) -> Found | None:
    return max((p for p in phrases if p.slot == slot), key=lambda p: p.probability, default=None)


def _phrase(text: str, found: Found) -> Phrase:
    return Phrase(text[found.start : found.end], found.field, found.start, found.end)


def _evidence(found: Found) -> Evidence:
    return Evidence(f"context-{found.slot}", *found.cue, found.field)


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
