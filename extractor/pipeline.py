"""The order of the steps: text → quantities → modifiers, nouns → frames → types, roles → records → context."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

from extractor import modifiers, rules, sentences
from extractor.claim_types import DomainFinder, TypeFinder
from extractor.claims import Claim
from extractor.context import ContextFinder, Own
from extractor.encoding import Encoder, Window
from extractor.entities import SystemFinder
from extractor.influence import influences
from extractor.joins import Joiner
from extractor.kinds import FrameReader, Reading, unit_class
from extractor.modifiers import ModifierFinder
from extractor.network import Network
from extractor.nouns import NounFinder
from extractor.opposed import OldLevelFinder
from extractor.phrases import phrase
from extractor.quantities import MAX_TEXT, Evidence, Quantity, QuantityFinder, Rejection
from extractor.records import Old, Phrase, Record, to_claim
from extractor.roles import OwnWorkFinder, RoleFinder
from extractor.tokens import TAGS, TaggedSentence, Tagger, Token
from extractor.units import convert

_OUT_OF = ("out of", "out of more than", "out of over", "of the")
# How far before a number its being absolute may be said, in characters.
_SAID_BEFORE = 120
_RELATIONS = ("=", "<", ">", "≈", "∼", "≤", "≥")


@dataclass(frozen=True, slots=True)
class _Context:
    """What the whole document says: where the authors' own work begins, its system's name, its domain."""

    own_start: int
    system: tuple[Phrase, Evidence] | None
    stand_ins: list[tuple[int, int]]
    domain: Callable[[], tuple[str, str] | None]
    sentences: dict[int, TaggedSentence] = field(default_factory=dict)  # those with numbers, by their start

    def own(self) -> Own:
        return Own(self.system, self.stand_ins, self.sentences)


class Pipeline:
    """The extractor with one set of rules; deterministic, and free of state between documents."""

    def __init__(self, rule_set: rules.RuleSet) -> None:
        self._quantities = QuantityFinder(rule_set)
        self._joiner = Joiner(rule_set)
        self._own_work = OwnWorkFinder(rule_set)
        self._systems = SystemFinder(rule_set)
        self._old_levels = OldLevelFinder(rule_set)
        self._modifiers = ModifierFinder(rule_set)
        self._tagger = Tagger(rule_set)
        self._nouns = NounFinder(rule_set)
        self._frames = FrameReader(rule_set)
        self._types = TypeFinder(rule_set)
        self._domains = DomainFinder(rule_set)
        self._roles = RoleFinder(rule_set)
        self._part_of = phrase(rule_set, "part-of")
        self._absolute = phrase(rule_set, "absolute-before"), phrase(rule_set, "absolute-behind")
        self._context_finder = ContextFinder(rule_set, self._tagger)

    def rules_only(self) -> Pipeline:
        """This pipeline without a trained model."""
        return self.with_network(None)

    def with_network(self, network: Network | None) -> Pipeline:
        """This pipeline with another trained model, or with none."""
        other = copy(self)
        other._context_finder = self._context_finder.with_network(network)
        return other

    def windows(self, text: str, title: str, encoder: Encoder) -> tuple[list[Record], list[Window]]:
        """The records as the rules read them, and what the model sees of each; to train it on."""
        text = text[:MAX_TEXT]
        records, _, context = self._found(text, title)
        if context is None:
            return records, []
        return records, list(self._context_finder.windows(text, title, records, context.own(), encoder))

    def influences(
        self, text: str, title: str, records: Sequence[Record]
    ) -> list[Mapping[str, list[tuple[str, float]]]]:
        """For each record that `analyse` gave the words that the fields decided by the model hang on."""
        text = text[:MAX_TEXT]
        network = self._context_finder.network
        if network is None:
            return [{} for _ in records]
        _, windows = self.windows(text, title, network.encoder)
        known = {(window.record.start, window.record.end): window for window in windows}
        return [
            influences(network, known[place], record) if (place := (record.start, record.end)) in known else {}
            for record in records
        ]

    def records(self, text: str, title: str = "") -> list[Record]:
        """The claims of an abstract as slotted records, in order of their offsets."""
        return self.analyse(text, title)[0]

    def analyse(self, text: str, title: str = "") -> tuple[list[Record], list[Rejection]]:
        """The records, and the numbers turned away with the rule that did so."""
        text = text[:MAX_TEXT]
        records, rejected, context = self._found(text, title)
        if context is not None:
            records, turned_away = self._context_finder.fill(text, title, records, context.own())
            rejected += turned_away
        return records, rejected

    def _found(self, text: str, title: str) -> tuple[list[Record], list[Rejection], _Context | None]:
        """The records without context, the numbers turned away, and what the document says (None without a number)."""
        numbers, rejected = self._quantities.find(text)
        found = self._joiner.merged(text, numbers)
        if not found:
            return [], rejected, None
        spans = sentences.split(text)
        context = self._context(text, title, spans)
        starts = [quantity.start for quantity in found]
        records: list[Record] = []
        for start, end in spans:
            inside = found[bisect_left(starts, start) : bisect_left(starts, end)]
            if not inside:
                continue
            sentence, kept, readings = self._read(text, start, end, inside)
            context.sentences[start] = sentence
            left = {id(quantity) for quantity in kept}
            rejected += [Rejection(q.start, q.end, "bare-number") for q in inside if id(q) not in left]
            records += self._settled(text, sentence, kept, readings, context)
        return records, rejected, context

    def _context(self, text: str, title: str, spans: Sequence[tuple[int, int]]) -> _Context:
        system = self._systems.own(title, text)
        name = system[0].text if system else None
        return _Context(
            self._own_work.start(text, spans, name),
            system,
            self._systems.stand_ins(text),
            cache(lambda: self._domains.find(title, text)),
        )

    def _read(
        self, text: str, start: int, end: int, inside: Sequence[Quantity], *, again: bool = True
    ) -> tuple[TaggedSentence, Sequence[Quantity], list[Reading]]:
        """The sentence, its quantities and their readings, without bare numbers of which nothing is said."""
        sentence = self._sentence(text, start, end, inside)
        readings: list[Reading] = []
        noun: Quantity | None = None
        self._share_nouns(text, inside)
        for index, quantity in enumerate(inside):
            noun = self._elliptical(text, quantity, noun)
            readings.append(self._frames.read(text, sentence, index, quantity, readings))
        kept = [q for q, reading in zip(inside, readings, strict=True) if self._kept(text, q, reading)]
        if len(kept) == len(inside) or not kept:
            return sentence, kept, readings
        if again:
            return self._read(text, start, end, kept, again=False)
        return sentence, inside, readings

    def _settled(
        self, text: str, sentence: TaggedSentence, inside: Sequence[Quantity], readings: Sequence[Reading],
        context: _Context,
    ) -> list[Record]:  # fmt: skip
        """The records of a sentence, two levels set against each other made one."""
        if not inside:
            return []
        opposed = self._old_levels.opposed(text, inside, readings)
        others = set(opposed.values())
        olds = self._old_levels.further(text, inside, readings) | opposed
        records: list[Record] = []
        for index, (quantity, reading) in enumerate(zip(inside, readings, strict=True)):
            if index not in others:
                old = inside[olds[index]] if index in olds else None
                records += self._records_of(text, sentence, quantity, reading, context, old)
        return records

    def _sentence(self, text: str, start: int, end: int, inside: Sequence[Quantity]) -> TaggedSentence:
        found = [self._modifiers.find(text, quantity, start, end) for quantity in inside]
        modifiers.apply(inside, found)
        spans = self._modifiers.spans(text, inside, found)
        tokens = self._tagger.tokens(text, start, end, spans)
        sentence = TaggedSentence(start, end, tokens, "".join(token.tag for token in tokens))
        sentence.places = {token.of: k for k, token in enumerate(tokens) if token.of >= 0}
        by_start = {token.start: token for token in tokens}
        for index, quantity in enumerate(inside):
            if quantity.bare:
                before = sentence.tags[: sentence.places[index]][-1:]
                self._count(text, quantity, by_start, after_metric=before == TAGS["METRIC"])
        self._joiner.share_units(text, inside)
        sentence.units = [quantity.unit for quantity in inside]
        self._modifiers.drop_spatial_over(text, inside, start)
        modifiers.carry(sentence, inside, found)
        modifiers.carry_back(text, sentence, inside, found)
        self._modifiers.of_sentence(text, sentence, inside)
        return sentence

    def _count(self, text: str, quantity: Quantity, tags: dict[int, Token], *, after_metric: bool) -> None:
        noun = self._nouns.find(text, quantity, tags, after_metric=after_metric) or self._nouns.implied(text, quantity)
        if noun is None and quantity.olds and quantity.olds[0].bare:
            noun = self._nouns.find(text, quantity.olds[0], tags)
        if noun is not None:
            quantity.noun, quantity.unit, quantity.unit_rule = (noun.start, noun.end), noun.head, noun.rule
            quantity.unit_start = noun.start

    def _share_nouns(self, text: str, inside: Sequence[Quantity]) -> None:
        """`215 of 1,200 runs`: the noun of the whole is that of the part."""
        for part, whole in pairwise(inside):
            if part.bare and part.noun is None and whole.noun and self._part_of.fullmatch(text, part.end, whole.start):
                part.noun, part.unit, part.unit_rule, part.unit_start = whole.noun, whole.unit, "noun-behind", part.end

    def _elliptical(self, text: str, quantity: Quantity, last: Quantity | None) -> Quantity | None:
        """`6 cases out of 200`: the noun of the number before is meant."""
        if quantity.noun is not None:
            return quantity
        if (
            last is not None
            and quantity.bare
            and text[max(0, quantity.start - 40) : quantity.start].rstrip(" $~>").endswith(_OUT_OF)
        ):
            quantity.noun, quantity.unit, quantity.unit_rule = last.noun, last.unit, "noun-before"
            quantity.unit_start = last.unit_start
        return last

    def _kept(self, text: str, quantity: Quantity, reading: Reading) -> bool:
        """Whether a bare number is a quantity after all: a metric, a relation or a modifier stands at it."""
        if unit_class(quantity) != "bare":
            return True
        if quantity.rule not in ("numeral", "range"):
            return True
        if quantity.signed == "+":
            return True
        if text[max(0, quantity.start - 3) : quantity.start].rstrip(" $").endswith(_RELATIONS):
            return True
        return reading.frame.supports and (
            reading.metric is not None
            or reading.form == "change"
            or reading.frame.old
            or reading.frame.rule == "moved-to"
        )

    def _records_of(
        self, text: str, sentence: TaggedSentence, quantity: Quantity, reading: Reading, context: _Context,
        old: Quantity | None,
    ) -> list[Record]:  # fmt: skip
        """One record, or one for each old level of a `from A and B to C`."""
        if not (quantity.olds and reading.frame.old):
            return [self._record(text, sentence, quantity, reading, context, old)]
        quantity.start = quantity.new_start
        quantity.value, quantity.low, quantity.high = quantity.new
        quantity.rule = "numeral" if quantity.low is None else "range"
        return [self._record(text, sentence, quantity, reading, context, level) for level in quantity.olds]

    def _record(
        self, text: str, sentence: TaggedSentence, quantity: Quantity, reading: Reading, context: _Context,
        old: Quantity | None = None,
    ) -> Record:  # fmt: skip
        form, direction, unit = self._form(quantity, reading, old)
        if unit == "%" and form == "change" and self._is_absolute(text, quantity):
            unit = "pp"
        if reading.frame.rule == "percent-of-something" and _is_score(text, quantity, context):
            form = "level"
        quantity.unit = unit
        if quantity.statistic is None and reading.metric is not None:
            self._modifiers.of_metric(text, quantity, reading.metric)
        claim_type, type_rule = self._types.find(
            text, (sentence.start, sentence.end), quantity, reading, form, context.domain
        )
        role, role_evidence = self._roles.find(
            text, quantity, reading, form, (sentence.start, sentence.end), context.own_start
        )
        evidence = dict(quantity.evidence)
        evidence.setdefault("bound", Evidence("no-modifier", quantity.start, quantity.start))
        evidence["value"] = Evidence(quantity.rule, quantity.start, quantity.number_end)
        evidence["unit"] = Evidence(
            quantity.unit_rule or "no-unit", quantity.unit_start, max(quantity.unit_start, quantity.end)
        )
        cue = reading.cue or reading.metric
        place = (cue.start, cue.end) if cue else (quantity.start, quantity.start)
        evidence["form"] = Evidence(reading.frame.rule, *place)
        evidence["direction"] = Evidence(reading.cue.rule if reading.cue else reading.frame.rule, *place)
        evidence["type"] = Evidence(
            type_rule, *((reading.metric.start, reading.metric.end) if reading.metric else place)
        )
        evidence["role"] = role_evidence
        record = Record(
            text[quantity.start : quantity.end], quantity.start, quantity.end, quantity.value, quantity.low,
            quantity.high,
            quantity.spread, unit, quantity.bound, quantity.statistic, form, direction, claim_type, role,
            (sentence.start, max(sentence.end, quantity.end)), evidence=evidence,
        )  # fmt: skip
        if old is not None:
            record.from_ = Old(
                text[old.start : old.end], old.start, old.end, old.value, old.low, old.high, old.unit or unit
            )
            evidence["from"] = Evidence("moved-from-to", old.start, old.end)
        self._metric(text, record, quantity, reading)
        return record

    def _is_absolute(self, text: str, quantity: Quantity) -> bool:
        """Whether a change in percent is called absolute, so that it counts points."""
        before, behind = self._absolute
        return (
            behind.match(text, quantity.end) is not None
            or before.match(text, max(0, quantity.start - _SAID_BEFORE), quantity.start) is not None
        )

    def _form(self, quantity: Quantity, reading: Reading, old: Quantity | None) -> tuple[str, str, str]:
        """Form, direction and unit: a bare number of a gain is a ratio, a change in `x` is a ratio."""
        form, direction, unit = reading.form, reading.direction, quantity.unit
        if (
            unit_class(quantity) == "count"
            and form == "change"
            and reading.frame.rule not in ("changed-by", "comparative-right")
        ):
            form, direction = "level", "none"
        if quantity.signed and unit == "pp":
            direction = "decrease" if quantity.signed == "-" else "increase"
        if quantity.signed == "+" and form in ("level", "share") and unit_class(quantity) != "unit":
            form, direction = "change", "increase"
        if unit_class(quantity) == "count" and reading.frame.rule == "moved-to":
            direction = "none"
        if unit_class(quantity) == "bare" and form == "change" and reading.frame.rule in ("gain-right", "gain-left"):
            unit = "x"
        if unit == "x" and form == "change":
            form = "ratio"
        if unit == "x" and form == "share" and quantity.value is not None and quantity.value > 1:
            form, direction = "ratio", "increase"
        if unit == "x" and form != "level" and quantity.value is not None and quantity.value < 1:
            form, direction = _fraction(quantity, reading, form, direction)
        if old is not None:
            form, direction = "level", _moved(quantity, old)
        elif direction == "moved":
            direction = "none"
        return form, direction, unit

    def _metric(self, text: str, record: Record, quantity: Quantity, reading: Reading) -> None:
        metric = reading.metric
        if quantity.noun is not None and quantity.noun[0] < quantity.noun[1]:
            start, end = quantity.noun
            record.metric = Phrase(text[start:end], "abstract", start, end)
            record.evidence["metric"] = Evidence(quantity.unit_rule, start, end)
        elif metric is not None and quantity.noun is None:
            record.metric = Phrase(text[metric.start : metric.end], "abstract", metric.start, metric.end)
            record.evidence["metric"] = Evidence(reading.frame.rule, metric.start, metric.end)
        if metric is not None and metric.term is not None:
            record.canonical, record.polarity = metric.term.canonical, metric.term.polarity


def _fraction(quantity: Quantity, reading: Reading, form: str, direction: str) -> tuple[str, str]:
    """Form and direction of a multiple below one: `drops by half`, `halves`, `half the model`."""
    if reading.frame.rule in (
        "changed-by",
        "comparative-right",
        "comparative-metric-right",
        "change-noun-right",
    ):
        return "change", direction
    if quantity.rule == "half" and quantity.end - quantity.start > 4:
        return "ratio", "decrease"
    return "share", direction if form == "share" else "none"


def _is_score(text: str, quantity: Quantity, context: _Context) -> bool:
    """Whether a percentage of nothing named is a score, as in papers on learning, and no share."""
    bracketed = text.startswith("(", max(0, quantity.start - 1))
    domain = context.domain()
    return not quantity.signed and not bracketed and domain is not None and domain[0] == "quality"


def _moved(quantity: Quantity, old: Quantity) -> str:
    """Whether the new level, a value or a range, lies above or below the old one."""
    new, before = _ends(quantity, quantity.unit), _ends(old, quantity.unit)
    if new is None or before is None:
        return "none"
    if new[0] >= before[1]:
        return "increase" if new != before else "none"
    return "decrease" if new[1] <= before[0] else "none"


def _ends(quantity: Quantity, unit: str) -> tuple[float, float] | None:
    """The least and the greatest value in a unit."""
    low = quantity.low if quantity.value is None else quantity.value
    high = quantity.high if quantity.value is None else quantity.value
    if low is None or high is None:
        return None
    if quantity.unit in ("", unit):
        return low, high
    return convert(low, quantity.unit, unit), convert(high, quantity.unit, unit)


@cache
def default(extra: tuple[Path, ...] = ()) -> Pipeline:
    """The pipeline of the shipped rules and the given rule directories, built once."""
    return Pipeline(rules.load(extra))


def extract(text: str, title: str | None = None, *, rules_dirs: Sequence[Path] = ()) -> list[Claim]:
    """Every quantitative claim of an abstract.

    Args:
        text: the abstract, raw; offsets of the claims count its code points.
        title: the paper's title, where the system's name is looked for.
        rules_dirs: further rule directories or files, tried before the shipped rules.

    Returns:
        The claims in the order of their offsets.
    """
    return [to_claim(record) for record in default(tuple(rules_dirs)).records(text, title or "")]
