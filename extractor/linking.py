"""Linking: which property of its sentence a number is about.

A frame captures the property it names; where it does not, the property is looked for on the side that the frame says,
inside the clause. All places are indices into the tokens of a tagged sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractor.tokens import TAGS, TaggedSentence, Term, Token, compile_pattern

_CLAUSE_END = frozenset(TAGS[n] for n in ("STOP", "THAT", "RESPECTIVELY"))
_PROPERTY = frozenset((TAGS["METRIC"], TAGS["GAIN"]))
VERBS = frozenset(
    TAGS[n] for n in ("UP", "DOWN", "GOOD", "BAD", "LEVEL", "RETAIN", "SHARE", "BE", "THAT", "STOP", "WITH")
)
_FORWARD_END = VERBS | {TAGS["QTY"]}
_BACKWARD_END = frozenset(
    TAGS[n] for n in ("QTY", "UP", "DOWN", "GOOD", "BAD", "LEVEL", "RETAIN", "SHARE", "STOP", "THAT", "RESPECTIVELY")
)
_LINKS = frozenset(TAGS[n] for n in ("WORD", "METRIC", "AT", "IN", "OF", "FOR"))
_OF_PART = compile_pattern("[METRIC GAIN] OF WORD{0,3}", reverse=True)
_COMPOUND = compile_pattern("METRIC (?:WORD{0,3} (?:OPEN WORD CLOSE)? METRIC)+", reverse=False)
# Where a property is looked for, in this order; a number is the reach to the right.
_ORDERS = {
    "none": (),
    "left": ("adjacent", "matched", "after-in", "before"),
    "right": ("8", "matched", "before"),
    "near": ("4", "matched", "before"),
    "before": ("before",),
    "noun": ("after-in", "matched", "close", "before"),
    "around": ("after-in", "matched", "6", "before"),
}
_NO_TERM = Term("", "other", None, None, "")


def look(sentence: TaggedSentence, where: str, first: int, last: int, span: tuple[int, int]) -> Token | None:
    """The property on the side that a frame names, or None.

    Args:
        sentence: the tagged sentence.
        where: left, right, near, before, noun, around or none, as `rules/frames.yaml` says.
        first: the first quantity of the list that is read.
        last: its last quantity.
        span: what the frame matched.
    """
    right = range(last + 1, min(len(sentence.tags), last + 9))
    matched = range(first - 1, span[0] - 1, -1)
    before = range(span[0] - 1, max(-1, span[0] - 14), -1)
    close = range(span[0] - 1, max(-1, span[0] - 4), -1)

    def search(step: str) -> Token | None:
        match step:
            case "adjacent":
                return _adjacent(sentence, last)
            case "after-in":
                return after_in(sentence, last)
            case "matched":
                return _inside(sentence, matched)
            case "close":
                return _backward(sentence, close)
            case "before":
                return _backward(sentence, before)
            case _:
                return nearest(sentence, right[: int(step)], forward=True)

    return next((metric for metric in map(search, _ORDERS[where]) if metric is not None), None)


def listed_metrics(sentence: TaggedSentence, metric: Token, first: int, last: int) -> list[Token]:
    """The coordinated properties that `metric` is one of, on its side of the numbers."""
    at = sentence.tokens.index(metric)
    low, high = (0, first) if at < first else (last + 1, len(sentence.tags))
    metrics = [at]
    for step in (-1, 1):
        joined = False
        place = at + step
        while low <= place < high and abs(place - metrics[-1 if step > 0 else 0]) <= 5:
            tag = sentence.tags[place]
            if tag in _PROPERTY and joined:
                metrics = [*metrics, place] if step > 0 else [place, *metrics]
                joined = False
            elif tag in (TAGS["AND"], TAGS["COMMA"]):
                joined = True
            elif tag not in (TAGS["WORD"], TAGS["METRIC"], TAGS["OF"], TAGS["IN"]):
                break
            place += step
    return [sentence.tokens[k] for k in metrics]


def stronger(sentence: TaggedSentence, metric: Token) -> Token:
    """`utilization under GEMM workloads exceeds Q`: the property that a mere thing behind it belongs to."""
    if metric.term is None or not metric.term.weak:
        return metric
    place = sentence.tokens.index(metric)
    for before in range(place - 1, max(-1, place - 7), -1):
        token = sentence.tokens[before]
        if token.tag in _PROPERTY and token.term is not None and not token.term.weak:
            return token
        if token.tag not in _LINKS:
            break
    return metric


def after_in(sentence: TaggedSentence, last: int) -> Token | None:
    """`… by Q in METRIC`, `… by Q on METRIC`."""
    reach = {TAGS["IN"]: 5, TAGS["AT"]: 2}.get(sentence.tags[last + 1 : last + 2], 0)
    return nearest(sentence, range(last + 2, min(len(sentence.tags), last + 2 + reach)), forward=True)


def nearest(sentence: TaggedSentence, places: Sequence[int], *, forward: bool = False) -> Token | None:
    """The first property met going through the places, none behind the end of its clause; forward ones are heads."""
    for place in places:
        tag = sentence.tags[place]
        if tag in _PROPERTY:
            return _specific(sentence, head(sentence.tags, place) if forward else place)
        if tag in _CLAUSE_END or (forward and tag in _FORWARD_END):
            return None
    return None


def head(tags: str, place: int) -> int:
    """The last property of a compound: `latency service-level objective (SLO) violations` are violations."""
    match = _COMPOUND.match(tags, place)
    return match.end() - 1 if match else place


def _inside(sentence: TaggedSentence, places: Sequence[int]) -> Token | None:
    """The nearest property between cue and number: `improves the performance of workloads by Q` is performance."""
    strong = [k for k in places if sentence.tags[k] in _PROPERTY and not (sentence.tokens[k].term or _NO_TERM).weak]
    found = nearest(sentence, strong)
    return _whole(sentence, found, strong) if found is not None else nearest(sentence, places)


def _whole(sentence: TaggedSentence, part: Token, strong: Sequence[int]) -> Token:
    """The property that `part` belongs to: `the spectral efficiency of cellular communications` is efficiency."""
    first = max(0, min(strong) - 1)
    of = _OF_PART.match(sentence.tags, first, sentence.tokens.index(part, first))
    return _specific(sentence, of.start()) if of is not None and of.start() in strong else part


def _own_segment(tags: str, places: Sequence[int]) -> list[int]:
    """The places without what belongs to an earlier number: `by 95% for light loads and by 41% for heavy loads`."""
    quantity = next((k for k in places if tags[k] == TAGS["QTY"]), None)
    if quantity is None:
        return list(places)
    joint = next((k for k in places if k > quantity and tags[k] in (TAGS["AND"], TAGS["COMMA"])), quantity)
    return [k for k in places if k > joint or k < quantity]


def _backward(sentence: TaggedSentence, places: Sequence[int]) -> Token | None:
    """The nearest property to the left that no verb, other number or clause parts from the number; no weak one."""
    for place in places:
        tag, token = sentence.tags[place], sentence.tokens[place]
        if tag in _PROPERTY and token.term is not None and not token.term.weak:
            return _specific(sentence, place)
        if tag in _BACKWARD_END:
            return None
    return None


def _specific(sentence: TaggedSentence, place: int) -> Token:
    """The property at `place`, or the one right before it where this is only a general head: `memory usage`."""
    token = sentence.tokens[place]
    general = token.term is not None and token.term.rule.startswith("metric-general")
    if general and place and sentence.tags[place - 1] == TAGS["METRIC"]:
        return sentence.tokens[place - 1]
    return token


def _adjacent(sentence: TaggedSentence, last: int) -> Token | None:
    """`… by Q METRIC`."""
    return sentence.tokens[last + 1] if sentence.tags[last + 1 : last + 2] == TAGS["METRIC"] else None
