"""Sentences as tokens with one tag each, so that rules can speak of METRIC, BY or a quantity instead of words.

A tagged sentence is a string with one letter a token; patterns over it are written with the names of `TAGS` and
compiled by `compile_pattern`. Offsets always point into the raw text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import regex

from extractor.rules import Rule, RuleError, RuleSet

# The alphabet of tagged sentences: name in rule files -> letter.
TAGS: Mapping[str, str] = {
    "QTY": "q",  # a quantity
    "UP": "u", "DOWN": "d", "GOOD": "g", "BAD": "b",  # verbs
    "UPN": "U", "DOWNN": "D", "GOODN": "G", "BADN": "B",  # nouns
    "HIGH": "h", "LOW": "l", "BETTER": "e", "WORSE": "w",  # comparatives
    "METRIC": "m", "GAIN": "s",  # a property; a property that is itself a gain or a loss (speedup, faster)
    "LEVEL": "v", "BE": "i", "EQ": "=", "SHARE": "S", "USE": "z", "RETAIN": "r",
    "BY": "y", "TO": "t", "OF": "o", "FROM": "f", "IN": "n", "THAN": "T", "WITH": "W", "AT": "a", "FOR": "F",
    "OVER": "O", "COMPARED": "c", "THAT": "H", "AND": "&", "COMMA": ",", "OPEN": "(", "CLOSE": ")", "STOP": ";",
    "NOT": "N", "RESPECTIVELY": "R", "WORD": ".",
}  # fmt: skip
_NAMES = regex.compile(r"[A-Z]+")
_TOKEN = regex.compile(
    r"\\?[\p{L}][\p{L}\p{M}\d_]*(?:(?:[-–/+^@&.]|['’](?=[a-z]))\\?[\p{L}\d]+)*|\d[\d.,]*|[^\s\w]",
    regex.UNICODE,
)
# Parts of a hyphenated compound that are tried as a property.
_MAX_PARTS = 6
_SKIPPED_MARKS = frozenset("$~{}\\\"'“”‘’`*")


@dataclass(slots=True)
class Term:
    """A metric of the lexicon: its canonical name, polarity, claim type, and the direction that it implies."""

    canonical: str
    type: str
    polarity: str | None
    implies: str | None
    rule: str
    vote: bool = False  # whether the document's domain decides the type
    weak: bool = False  # whether it counts as a property only right at a number's frame


# A phrase of the lexicons: its words, tag, rule and metric.
_Entry = tuple[tuple[str, ...], str, str, Term | None]


@dataclass(slots=True)
class Token:
    """One token: its place, lower-case word, tag and lexicon entry; `of` points to a quantity of the sentence."""

    start: int
    end: int
    word: str
    tag: str
    rule: str = ""
    term: Term | None = None
    of: int = -1


@dataclass(slots=True)
class TaggedSentence:
    """The tokens of one sentence and their tags as a string of the same length."""

    start: int
    end: int
    tokens: list[Token]
    tags: str = ""
    units: list[str] = field(default_factory=list)  # the unit of each quantity
    places: dict[int, int] = field(default_factory=dict)  # index of a quantity -> index of its token


def compile_pattern(pattern: str, *, reverse: bool, rule: str = "") -> regex.Pattern[str]:
    """A pattern over tag names as a regular expression over tag letters.

    `@METRIC` is the metric to link, GAP any word of the clause.

    `reverse` patterns are matched backwards from their end, so that lazy gaps find the nearest cue.
    """

    def letter(match: regex.Match[str]) -> str:
        name = match.group()
        if name not in TAGS:
            raise RuleError(f"rule {rule!r}: unknown tag {name} in pattern; tags are {', '.join(TAGS)}")
        return regex.escape(TAGS[name])

    spelled = _NAMES.sub(letter, pattern.replace("GAP", "·"))
    spelled = spelled.replace(" ", "").replace("·", r"[^;HR]")
    spelled = regex.sub(r"@(\[[^\]]*\]|\\?.)", r"(?P<metric>\1)", spelled)
    return regex.compile(("(?r)" if reverse else "") + f"(?:{spelled})")


class Tagger:
    """Tags words by the cue and metric lexicons, longest phrase first."""

    def __init__(self, rules: RuleSet) -> None:
        self._trie: dict[str, list[_Entry]] = {}
        self._weak = frozenset(rules.shared.get("metric", {}).get("weak", ()))
        for rule in rules.of("cue"):
            self._add_cues(rule)
        for rule in rules.of("metric"):
            self._add_terms(rule)
        for entries in self._trie.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def _add_cues(self, rule: Rule) -> None:
        tag = rule.body["tag"]
        if tag not in TAGS and tag != "SKIP":
            raise RuleError(f"{rule.file}: rule {rule.id!r}: unknown tag {tag!r}; tags are {', '.join(TAGS)}, SKIP")
        for words in rule.body["words"]:
            self._add(words, TAGS.get(tag, " "), rule.id, None)

    def _add_terms(self, rule: Rule) -> None:
        body = rule.body
        tag = TAGS["GAIN"] if body.get("implies") else TAGS["METRIC"]
        for canonical, surfaces in body["terms"].items():
            term = Term(
                canonical,
                body.get("type", "other"),
                body.get("polarity"),
                body.get("implies"),
                rule.id,
                bool(body.get("vote")),
            )
            for surface in _inflected([canonical, *surfaces]):
                weak = surface in self._weak
                self._add(surface, tag, rule.id, replace(term, weak=True) if weak else term)

    def _add(self, phrase: str, tag: str, rule: str, term: Term | None) -> None:
        words = tuple(split_words(phrase))
        entries = self._trie.setdefault(words[0], [])
        if all(known[0] != words for known in entries):
            entries.append((words, tag, rule, term))

    def tokens(self, text: str, start: int, end: int, spans: Mapping[int, tuple[int, int]]) -> list[Token]:
        """The tokens of text[start:end]; `spans` maps the start of each quantity to (its index, its end)."""
        raw: list[Token] = []
        starts = sorted(spans)
        position = start
        while position < end:
            if position in spans:
                index, stop = spans[position]
                raw.append(Token(position, stop, "", TAGS["QTY"], of=index))
                position = stop
                continue
            match = _TOKEN.match(text, position, end)
            if match is None:
                position += 1
                continue
            ahead = bisect_right(starts, match.start())
            limit = min(match.end(), starts[ahead]) if ahead < len(starts) else match.end()
            word = text[match.start() : limit].lower()
            if word not in _SKIPPED_MARKS:
                raw.append(Token(match.start(), limit, word, TAGS["WORD"]))
            position = limit
        return _without_abbreviations(text, self._tag(raw))

    def _tag(self, raw: list[Token]) -> list[Token]:
        tokens: list[Token] = []
        index = 0
        while index < len(raw):
            token = raw[index]
            found = None if token.tag == TAGS["QTY"] else self._longest(raw, index)
            if found is None:
                token.tag = token.tag if token.tag == TAGS["QTY"] else _MARKS.get(token.word, token.tag)
                tokens.append(token)
                index += 1
                continue
            words, tag, rule, term = found
            last = raw[index + len(words) - 1]
            if tag != " ":
                tokens.append(Token(token.start, last.end, token.word, tag, rule, term))
            index += len(words)
        return tokens

    def _longest(self, raw: list[Token], index: int) -> _Entry | None:
        for entry in self._trie.get(raw[index].word, ()):
            words = entry[0]
            if len(words) == 1 or (
                index + len(words) <= len(raw) and all(raw[index + k].word == words[k] for k in range(1, len(words)))
            ):
                return entry
        return self._by_tail(raw[index].word)

    def _by_tail(self, word: str) -> _Entry | None:
        """`pull-throughput`, `nDCG@5`: a compound whose last words, or first before @, are a property."""
        if "@" in word:
            named = [entry for entry in self._trie.get(word.split("@", 1)[0], ()) if len(entry[0]) == 1 and entry[3]]
            return ((word,), *named[0][1:]) if named else None
        for _ in range(min(word.count("-"), _MAX_PARTS)):
            word = word.split("-", 1)[1]
            for words, tag, rule, term in self._trie.get(word.split("-", 1)[0], ()):
                if term is not None and not term.weak and "-".join(words) == word and tag == TAGS["METRIC"]:
                    return (word,), tag, rule, term
        return None


def _without_abbreviations(text: str, tokens: list[Token]) -> list[Token]:
    """`mean average precision (mAP)`: an abbreviation in brackets goes."""
    kept: list[Token] = []
    index = 0
    while index < len(tokens):
        inner = tokens[index + 1] if "".join(t.tag for t in tokens[index : index + 3]) in _BRACKETED else None
        if kept and inner is not None and kept[-1].tag in _NAMED and _ABBREVIATION.match(text, inner.start, inner.end):
            index += 3
            continue
        kept.append(tokens[index])
        index += 1
    return kept


_NAMED = frozenset((TAGS["METRIC"], TAGS["WORD"]))
_BRACKETED = frozenset(TAGS["OPEN"] + TAGS[name] + TAGS["CLOSE"] for name in ("WORD", "METRIC"))
_ABBREVIATION = regex.compile(r"\p{Ll}?\p{Lu}[\p{L}\d@.-]*\p{Lu}\w*|\p{Lu}{2,}")
_MARKS = {",": TAGS["COMMA"], ";": TAGS["STOP"], ":": TAGS["STOP"], "(": TAGS["OPEN"], ")": TAGS["CLOSE"],
          "[": TAGS["OPEN"], "]": TAGS["CLOSE"], "—": TAGS["COMMA"], "–": TAGS["COMMA"], "-": TAGS["COMMA"],
          "=": TAGS["EQ"], "/": TAGS["AND"], "&": TAGS["AND"], "+": TAGS["AND"]}  # fmt: skip


@cache
def split_words(phrase: str) -> list[str]:
    """A phrase of a rule file as the words that the tokenizer would give."""
    return [word.lower() for word in _TOKEN.findall(phrase)]


def _inflected(surfaces: Iterable[str]) -> Iterable[str]:
    """The surfaces with their plurals, and with hyphens for spaces where two words are often joined."""
    for surface in surfaces:
        yield surface
        if surface[-1:].isalpha() and not surface.endswith(("s", "er", "est")):
            yield surface[:-1] + "ies" if surface.endswith(("cy", "ty", "gy", "ry")) else surface + "s"
