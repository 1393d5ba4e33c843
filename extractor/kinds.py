"""What a number says: its form, direction and metric, by the frames of `rules/frames.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import regex

from extractor.linking import VERBS, after_in, head, listed_metrics, look, nearest, stronger
from extractor.quantities import Quantity
from extractor.rules import Rule, RuleSet
from extractor.tokens import TAGS, TaggedSentence, Term, Token, compile_pattern

_REACH = 40
_LONGEST_LIST = 12
_LIST = frozenset((TAGS["QTY"], TAGS["COMMA"], TAGS["AND"]))
_VERB_WAYS = {"UP": "increase", "DOWN": "decrease", "GOOD": "good", "BAD": "bad"}
_NOUN_WAYS = {"UPN": "increase", "DOWNN": "decrease", "GOODN": "good"}
_GAP_WAYS = {"BADN": "none"}
_COMPARATIVE_WAYS = {"HIGH": "increase", "LOW": "decrease", "BETTER": "good", "WORSE": "bad"}


def _by_letter(*ways: Mapping[str, str]) -> dict[str, str]:
    return {TAGS[name]: way for names in ways for name, way in names.items()}


# Which way a property goes by the tag of the word that says so, for the directions that frames set.
_WORDS_OF = {
    "verb": _by_letter(_VERB_WAYS, _NOUN_WAYS, _COMPARATIVE_WAYS),
    "noun": _by_letter(_NOUN_WAYS, _GAP_WAYS),
    "comparative": _by_letter(_COMPARATIVE_WAYS, _VERB_WAYS),
}
_CHANGED = {tag: way for ways in _WORDS_OF.values() for tag, way in ways.items()}


@dataclass(frozen=True, slots=True)
class Frame:
    """A compiled frame rule."""

    rule: str
    left: regex.Pattern[str] | None
    right: regex.Pattern[str] | None
    units: frozenset[str]
    old: bool
    types: frozenset[str]
    plain: bool
    supports: bool
    modifier: str
    form: str
    direction: str
    metric: str


@dataclass(slots=True)
class Reading:
    """How a frame reads a quantity: the tokens it rests on are indices into the sentence's tokens."""

    frame: Frame
    form: str
    direction: str
    cue: Token | None
    metric: Token | None
    span: tuple[int, int]


def unit_class(quantity: Quantity) -> str:
    """The class of unit that frames distinguish."""
    match quantity.unit:
        case "%":
            return "percent"
        case "x":
            return "ratio"
        case "pp":
            return "points"
    if quantity.noun is not None:
        return "count"
    return "bare" if quantity.bare else "unit"


class FrameReader:
    """Reads each quantity of a tagged sentence by the first frame that fits."""

    def __init__(self, rules: RuleSet) -> None:
        self._frames = [_frame(rule) for rule in rules.of("frame")]

    def read(
        self,
        text: str,
        sentence: TaggedSentence,
        index: int,
        quantity: Quantity,
        readings: Sequence[Reading] = (),
    ) -> Reading:
        """The reading of the quantity with this index in the sentence; `readings` are those of the ones before it."""
        reading = self._read(text, sentence, index, quantity)
        if not readings:
            return reading
        last = _last_alike(sentence, index)
        before = readings[last]
        if before.form == "change" and reading.frame.rule == "changed-by" and _by_again(sentence, index):
            return _inherited(sentence, last, index, before)
        if reading.metric is None and before.metric is not None and _apposed(sentence, last, index, reading, before):
            metric = before.metric
            return replace(reading, metric=metric, direction=_direction(reading.frame, reading.cue, metric))
        if reading.frame.rule not in _WEAK:
            return reading
        if before.form == "change" and _continues(sentence, last, index):
            return _inherited(sentence, last, index, before)
        goes_on = before.form in ("level", "share") and reading.frame.rule == "percent-of-something"
        if goes_on and _level_goes_on(sentence, last, index):
            return _inherited(sentence, last, index, before)
        return reading

    def _read(self, text: str, sentence: TaggedSentence, index: int, quantity: Quantity) -> Reading:
        place = sentence.places[index]
        first, last = _list_around(sentence, place)
        kind = unit_class(quantity)
        for frame in self._frames:
            if (frame.units and kind not in frame.units) or (frame.old and not quantity.olds):
                continue
            if frame.modifier and not _modified(text, quantity, frame.modifier):
                continue
            reading = _fit(frame, sentence, place, place) or (
                _fit(frame, sentence, first, last) if first < last else None
            )
            if reading is not None:
                return _distributed(sentence, reading, place, first, last)
        raise AssertionError("the last frame fits every quantity")


# Frames that a change stated for the number before overrides in a list: "by 51% over A and 75% over B".
_WEAK = frozenset(
    (
        "quality-level",
        "metric-right-in",
        "metric-left",
        "metric-right",
        "percent-of-something",
        "more-of-anything",
        "points",
        "plain-level",
        "multiple-of-metric",
    )
)
_MAX_BETWEEN = 16
# What a condition begins with: "66% at 16 devices".
_CONDITIONS = frozenset(TAGS[name] for name in ("AT", "IN", "FOR", "WITH"))


def _last_alike(sentence: TaggedSentence, index: int) -> int:
    """The index of the quantity that a list goes on from: of `66% at 16 devices and 40%` the first."""
    last, unit = index - 1, sentence.units[index]
    if last < 1 or unit not in ("%", "x") or sentence.units[last] == unit or sentence.units[last - 1] != unit:
        return last
    between = sentence.tags[sentence.places[last - 1] + 1 : sentence.places[last]]
    return last - 1 if between and between[-1] in _CONDITIONS and len(between) <= 2 else last


def _continues(sentence: TaggedSentence, last: int, index: int) -> bool:
    """Whether the quantity goes on a list begun by the one before: joined, with no verb between."""
    between = sentence.tags[sentence.places[last] + 1 : sentence.places[index]]
    if between == TAGS["OPEN"]:
        return sentence.units[index] == sentence.units[last]
    joined = TAGS["AND"] in between or TAGS["COMMA"] in between
    return joined and len(between) <= _MAX_BETWEEN and not any(tag in VERBS for tag in between)


def _apposed(sentence: TaggedSentence, last: int, index: int, reading: Reading, before: Reading) -> bool:
    """`latency falls from 10 ms to 2 ms, a 5x improvement`: a change that says the level before again."""
    between = sentence.tags[sentence.places[last] + 1 : sentence.places[index]]
    change = reading.form == "change" and reading.frame.rule in ("change-noun-right", "gain-right")
    return change and before.form == "level" and between.strip(TAGS["WORD"]) in (TAGS["COMMA"], TAGS["OPEN"])


def _by_again(sentence: TaggedSentence, index: int) -> bool:
    """`reduced by 64% for A and by 63% for B`: the same change, stated again."""
    place = sentence.places[index]
    return sentence.tags[max(0, place - 2) : place] in (TAGS["AND"] + TAGS["BY"], TAGS["COMMA"] + TAGS["BY"])


def _level_goes_on(sentence: TaggedSentence, last: int, index: int) -> bool:
    """`89% on A and 85% on B`, `… (85%)`: another value of the level before."""
    place = sentence.places[index]
    if sentence.units[index] != sentence.units[last]:
        return False
    return sentence.tags[max(0, place - 1) : place] in (TAGS["OPEN"], TAGS["LEVEL"]) or _continues(
        sentence, last, index
    )


def _inherited(sentence: TaggedSentence, last: int, index: int, before: Reading) -> Reading:
    """The reading before, with the property named between the two numbers where there is one."""
    start, place = sentence.places[last] + 1, sentence.places[index]
    joints = [k for k in range(start, place) if sentence.tags[k] in (TAGS["AND"], TAGS["COMMA"])]
    behind = [
        k
        for k in range(place + 1, min(len(sentence.tags), place + 4))
        if sentence.tags[place + 1 : k].strip(TAGS["WORD"]) == ""
    ]
    joints = joints or [start]
    metric = (
        nearest(sentence, range(place - 1, joints[-1], -1))
        or after_in(sentence, place)
        or nearest(sentence, behind, forward=True)
        or before.metric
    )
    return replace(before, direction=_direction(before.frame, before.cue, metric), metric=metric)


def _frame(rule: Rule) -> Frame:
    sides = {
        side: compile_pattern(str(rule.body[side]), reverse=side == "left", rule=rule.id)
        if rule.body.get(side)
        else None
        for side in ("left", "right")
    }
    sets = rule.body["sets"]
    return Frame(
        rule.id,
        sides["left"],
        sides["right"],
        frozenset(rule.body.get("units", ())),
        bool(rule.body.get("old")),
        frozenset(rule.body.get("types", ())),
        bool(rule.body.get("plain")),
        bool(rule.body.get("supports")),
        str(rule.body.get("modifier", "")),
        sets["form"],
        sets["direction"],
        sets.get("metric", "around"),
    )


def _distributed(sentence: TaggedSentence, reading: Reading, place: int, first: int, last: int) -> Reading:
    """`improves recall and precision by 3% and 4%`: as many properties as numbers go one by one."""
    numbers = [k for k in range(first, last + 1) if sentence.tags[k] == TAGS["QTY"]]
    if len(numbers) < 2 or reading.metric is None:
        return reading
    metrics = listed_metrics(sentence, reading.metric, first, last)
    if len(metrics) != len(numbers):
        return reading
    metric = metrics[numbers.index(place)]
    return replace(reading, direction=_direction(reading.frame, reading.cue, metric), metric=metric)


def _modified(text: str, quantity: Quantity, pattern: str) -> bool:
    bound = quantity.evidence.get("bound")
    return bound is not None and re.search(pattern, text[bound.start : bound.end], re.IGNORECASE) is not None


def _list_around(sentence: TaggedSentence, place: int) -> tuple[int, int]:
    """The first and last quantity, of one unit, of the coordinated list that the quantity at `place` is in."""
    return _reach(sentence, place, -1), _reach(sentence, place, 1)


def _reach(sentence: TaggedSentence, place: int, step: int) -> int:
    tags, tokens = sentence.tags, sentence.tokens
    unit, reached, at = sentence.units[tokens[place].of], place, place + step
    while 0 <= at < len(tags) and abs(at - place) < _LONGEST_LIST and tags[at] in _LIST:
        if tags[at] == TAGS["QTY"]:
            if sentence.units[tokens[at].of] != unit:
                break
            reached = at
        at += step
    return reached


def _fit(frame: Frame, sentence: TaggedSentence, first: int, last: int) -> Reading | None:
    tags = sentence.tags
    left = frame.left.match(tags, max(0, first - _REACH), first) if frame.left else None
    right = frame.right.match(tags, last + 1, last + 1 + _REACH) if frame.right else None
    if (frame.left and left is None) or (frame.right and right is None):
        return None
    span = (left.start() if left else first, right.end() if right else last + 1)
    metric = _captured(sentence, left, forward=False) or _captured(sentence, right, forward=True)
    cue = _change_word(sentence, frame, first, last, span)
    if metric is not None and left is not None and frame.form == "level":
        metric = stronger(sentence, metric)
    if metric is None:
        metric = look(sentence, frame.metric, first, last, span)
    direction = _direction(frame, cue, metric)
    if frame.direction == "less" and direction == "none":
        return None
    if (
        frame.plain
        and metric is not None
        and metric.term is not None
        and (metric.term.vote or metric.term.polarity != "higher")
    ):
        return None
    if frame.types and (metric is None or metric.term is None or metric.term.type not in frame.types):
        return None
    return Reading(frame, frame.form, direction, cue, metric, span)


def _captured(sentence: TaggedSentence, match: regex.Match[str] | None, *, forward: bool) -> Token | None:
    if match is None or "metric" not in match.re.groupindex or match.start("metric") < 0:
        return None
    place = match.start("metric")
    return sentence.tokens[head(sentence.tags, place) if forward else place]


def _change_word(sentence: TaggedSentence, frame: Frame, first: int, last: int, span: tuple[int, int]) -> Token | None:
    """The verb, noun or comparative of the frame that gives the direction: the nearest in its span."""
    wanted = _WORDS_OF.get(frame.direction.split("-")[0], _CHANGED)
    places = [*range(last + 1, span[1]), *range(first - 1, span[0] - 1, -1)]
    return next((sentence.tokens[k] for k in places if sentence.tags[k] in wanted), None)


def _direction(frame: Frame, cue: Token | None, metric: Token | None) -> str:
    term = metric.term if metric else None
    if frame.direction in ("none", "increase", "decrease"):
        return frame.direction
    if frame.direction == "less":
        return "decrease" if term and term.polarity == "lower" else "none"
    if frame.direction == "implied":
        return (term.implies if term else None) or "increase"
    if frame.direction == "more" or (cue is None and frame.direction.endswith("more")):
        return "increase"
    if cue is None:
        return (term.implies if term else None) or "none"
    return resolve(_CHANGED[cue.tag], term)


def resolve(way: str, term: Term | None) -> str:
    """Which way the property goes when it gets better or worse: against its polarity's lower end."""
    lower_is_better = term is not None and term.polarity == "lower"
    if way == "good":
        return "decrease" if lower_is_better else "increase"
    if way == "bad":
        return "increase" if lower_is_better else "decrease"
    return way
