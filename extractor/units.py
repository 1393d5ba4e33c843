"""Units in raw text by the closed table `rules/units.yaml`, and what pint makes of them.

`match_unit` and `match_currency_before` say which unit is written beside a number and where; `to_pint`,
`convert` and `unit_key` work on units as the contract writes them. Raw text never reaches pint, which reads
`fps` as feet a second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import regex

from extractor.rules import RuleError, read_yaml, rules_dir

if TYPE_CHECKING:
    import pint

# Units that pint does not parse: ratio, percent, points, bare score.
_SPECIAL = {"x": "dimensionless", "": "dimensionless", "%": "percent", "pp": "percentage_point"}

SECTIONS = ("units", "nouns", "ambiguous", "currencies")
_FILE_KEYS = {"grammar", "kind", "prefixes", *SECTIONS}
_LOOKS = {"before": "(?<={})", "unless_before": "(?<!{})", "after": "(?={})", "unless_after": "(?!{})"}
_ENTRY_KEYS = {"unit", "says", "symbols", "words", "prefixes", "power", "per", "examples", "counter", *_LOOKS}

_COMMANDS = "mathrm|mathbf|mathit|operatorname|textrm|textit|textnormal|text|mbox|hbox|rm|it|thinspace|xspace|quad"
# Markup and white space that may stand between number and unit and inside a unit.
_MARKUP = rf"(?:[\s${{}}~\u2009\u202f\u00a0]|\\(?:{_COMMANDS})(?![a-zA-Z])|\\[,;:!/ ])"
_HYPHEN = r"[-\u2010\u2011]"
# One hyphen right after the number or its closing markup: `21-minute`, `$21$-minute`, not the range `5-10`.
# A `}{` after the number is the middle of a fraction.
_GAP = rf"(?!\}}\s*\{{)(?:[$}}]*{_HYPHEN}(?=[^\W\d]|\\?%|[$\s]))?{_MARKUP}{{0,8}}+"
_MICRO = rf"(?:[uµμ]|\\(?:mu|upmu|muup|textmu|micro)(?![a-zA-Z])){_MARKUP}*+"
# A unit that ends in a letter is no part of a longer word, name or formula; `mm2` is an area.
_END = r"(?:(?<=\p{L})(?:(?![\p{L}\p{M}\d_])|(?<=m)(?=[23](?![\p{L}\d])))|(?<!\p{L}))"
# `mm^2`, `cm$^{-3}$`, `mm²`, `mm2`; `m^{1/3}` is a formula.
_POWER = (
    rf"{_MARKUP}*+(?:\^|\\textsuperscript){_MARKUP}*+(?P<power>[-\u2212]?\d+)(?![\d/.])"
    r"|(?P<power>\u207b?[\u00b9\u00b2\u00b3])|(?<=m)(?P<power>[23])(?!\d)"
)
_PER = rf"(?:[\s~]|{_HYPHEN})+per(?:[\s~]|{_HYPHEN})+"

_STRIPPED = regex.compile(rf"{_MARKUP}|{_HYPHEN}")
_MU = regex.compile(r"[µμ]|\\(?:upmu|muup|textmu|micro|mu)(?![a-zA-Z])")
_SUPERSCRIPTS = str.maketrans({"²": "2", "³": "3", "¹": "1", "⁻": "-", "−": "-"})


class UnitMatch(NamedTuple):
    """A unit as the contract writes it, its own span in the text, and the table entry that knows it."""

    unit: str
    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class Form:
    """A surface form: its plain text, its pattern and whether it is a word of any case."""

    text: str
    pattern: str
    word: bool

    @property
    def starts(self) -> set[str]:
        """The characters that it may begin with."""
        first = self.text[0]
        if self.word:
            return {first.lower(), first.upper()}
        return {first}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the table: surface keys (markup taken off) and the unit that each stands for.

    `unit` is None for what looks like a unit and never is one. `behind` and `ahead` are the patterns of its
    conditions.
    """

    unit: str | None
    section: str
    says: str
    symbols: Mapping[str, str]
    words: Mapping[str, str]
    forms: tuple[Form, ...]
    behind: str
    ahead: str
    power: bool
    per: bool
    examples: Mapping[str, str]
    counter: tuple[str, ...]

    @property
    def rule(self) -> str:
        """The id that evidence names."""
        return f"unit:{self.unit}"

    def unit_of(self, surface: str) -> str | None:
        """The unit that a matched surface form stands for; None where letters only look alike (`ſ`)."""
        key = _key(surface)
        return self.symbols.get(key) or self.words.get(key.lower())


def match_unit(text: str, pos: int) -> UnitMatch | None:
    r"""The unit written after a number that ends at `pos`, the longest one, or None.

    White space, a hyphen and LaTeX markup may stand between: `21-minute`, `3$\times$`, `$5\,\mathrm{ms}$`.
    The end leaves a closing `$` outside.
    """
    matcher = _matcher()
    head = matcher.head.match(text, pos)
    if head is None or head.lastgroup is None:
        return None
    entry = matcher.entries[int(head.lastgroup[1:])]
    start, end = head.end("gap"), head.end()
    unit = entry.unit_of(text[start:end])
    power = matcher.power.match(text, end)
    if unit is None or (power and not entry.power):
        return None
    if power:
        unit, end = unit + _power(power), power.end()
    if unit not in _SPECIAL:
        rate = matcher.rate(text, end, noun=entry.section == "nouns")
        if rate is None:
            return None
        unit, end = unit + rate[0], rate[1]
    return UnitMatch(unit, start, _closed(text, pos, end), entry.rule)


def match_currency_before(text: str, pos: int) -> UnitMatch | None:
    """The currency sign or code before a number that starts at `pos`, or None; a `$` of math mode is none."""
    matcher = _matcher()
    found = matcher.currency.match(text, pos)
    if found is None:
        return None
    start, end = found.span("sign")
    sign = found.group("sign")
    if sign == "$" and not _is_dollar(text, start):
        return None
    unit = matcher.signs[sign]
    return UnitMatch(unit, start, end, f"unit:{unit}")


@dataclass(frozen=True, slots=True)
class _Matcher:
    """The compiled table."""

    entries: tuple[Entry, ...]
    head: regex.Pattern[str]
    power: regex.Pattern[str]
    tail: regex.Pattern[str]
    dens: Mapping[str, tuple[str, bool]]
    currency: regex.Pattern[str]
    signs: Mapping[str, str]

    def rate(self, text: str, pos: int, *, noun: bool) -> tuple[str, int] | None:
        """What a unit that ends at `pos` is divided by (`/s`, `/s/W`) and where that ends.

        A counted noun is a unit in a rate alone (`30 frames/s`): None where it is divided by no unit.
        """
        unit = ""
        for _ in range(2):
            found = self.tail.match(text, pos)
            if found is None:
                break
            name, counted = self._den(found.group("den"))
            power = _power(found)
            if not name or (counted and (found.group("by") is None or (noun and not unit))):
                break
            if found.group("times") is not None and not power.startswith("^-"):
                break
            unit += f"/{name}{power.replace('-', '').replace('^1', '')}"
            pos = found.end()
        return None if noun and not unit else (unit, pos)

    def _den(self, surface: str) -> tuple[str, bool]:
        """The unit of a divisor and whether it is a counted noun; no name where letters only look alike."""
        key = _key(surface)
        return self.dens.get(key) or self.dens.get(key.lower(), ("", False))


def _power(found: regex.Match[str]) -> str:
    power: str | None = found.group("power")
    return f"^{power.translate(_SUPERSCRIPTS)}" if power else ""


def _closed(text: str, start: int, end: int) -> int:
    r"""The end moved over the braces that were opened between number and unit: `5\,\mathrm{ms}`."""
    span = text[start:end]
    for _ in range(span.count("{") - span.count("}")):
        if text[end : end + 1] == "}":
            end += 1
    return end


def _key(surface: str) -> str:
    """A surface form without its markup, white space and hyphens, micro signs as `u`."""
    key: str = _STRIPPED.sub("", _MU.sub("u", surface))
    return key


# A `$` opens math when another one closes it: no digit follows that (it would be the next price), and no more
# than numbers, symbols and LaTeX stand between. 200 characters are the longest formula looked for.
_CLOSES = regex.compile(r"(?:[^$\\\n]|\\.|\n(?!\s*\n)){1,200}?\$(?!\d)", regex.DOTALL)
_WORD = regex.compile(r"(?<=[\s,(;])[A-Za-z]{2,}(?=[\s,.;:)])")
_LIST = regex.compile(r"[\s$(]*[\d.,]+\s?[KMBk]?(?:[-–—]+|,\s+)")


def _is_dollar(text: str, sign: int) -> bool:
    """Whether the `$` at `sign` is money, not the start or the end of a formula."""
    return not _ends_math(text, sign) and not _starts_math(text, sign)


def _starts_math(text: str, sign: int) -> bool:
    found = _CLOSES.match(text, sign + 1)
    if found is None:
        return False
    inner: str = found.group()[:-1]
    return "\\" in inner or not (_WORD.search(inner) or _LIST.fullmatch(inner))


def _ends_math(text: str, sign: int) -> bool:
    opening = text.rfind("$", max(0, sign - 120), sign)
    if opening < 0 or text[opening - 1 : opening] == "\\":
        return False
    inner = text[opening + 1 : sign]
    if not inner.strip() or "\n\n" in inner or _LIST.fullmatch(inner):
        return False
    return "\\" in inner or not (inner[-1].isspace() or inner[0].isspace() or _WORD.search(f"{inner} "))


# --- the table ----------------------------------------------------------------------------------------------


@cache
def table() -> tuple[Entry, ...]:
    """The checked entries of the shipped `units.yaml`, in order."""
    return load_table(rules_dir() / "units.yaml")


def load_table(path: Path) -> tuple[Entry, ...]:
    """The checked entries of a unit table.

    Raises:
        RuleError: an unknown or missing key, an entry without examples of both kinds, a surface form that
            stands twice; the message names file, entry and key.
    """
    data = read_yaml(path)
    for key in sorted(data.keys() - _FILE_KEYS):
        raise RuleError(f"{path}: unknown section {key!r}; expected {', '.join(sorted(_FILE_KEYS))}")
    for key in sorted(_FILE_KEYS - data.keys()):
        raise RuleError(f"{path}: the section `{key}` is missing")
    prefixes = {p["prefix"]: p for p in data["prefixes"]}
    entries = tuple(
        _entry(body, section=section, prefixes=prefixes, path=path) for section in SECTIONS for body in data[section]
    )
    _check_surfaces(entries, path=path)
    return entries


def _entry(body: Any, *, section: str, prefixes: Mapping[str, Any], path: Path) -> Entry:
    _check_entry(body, section=section, prefixes=prefixes, path=path)
    symbols: dict[str, str] = {}
    words: dict[str, str] = {}
    forms = []
    for form, unit in _forms(body, prefixes):
        forms.append(form)
        if form.word:
            words[_key(form.text).lower()] = unit
        else:
            symbols[_key(form.text)] = unit
    return Entry(
        unit=body["unit"],
        section=section,
        says=body.get("says", ""),
        symbols=symbols,
        words=words,
        forms=tuple(forms),
        behind="".join(_LOOKS[k].format(body[k]) for k in ("before", "unless_before") if k in body),
        ahead="".join(_LOOKS[k].format(body[k]) for k in ("after", "unless_after") if k in body),
        power=body.get("power", False),
        per=body.get("per", section == "nouns"),
        examples=body["examples"],
        counter=tuple(body["counter"]),
    )


def _check_entry(body: Any, *, section: str, prefixes: Mapping[str, Any], path: Path) -> None:
    if not isinstance(body, dict) or "unit" not in body:
        raise RuleError(f"{path}: {section}: an entry without `unit`: {body!r}")
    at = f"{path}: {section}: entry {body['unit']!r}"
    for key in body.keys() - _ENTRY_KEYS:
        raise RuleError(f"{at}: unknown key {key!r}; expected {', '.join(sorted(_ENTRY_KEYS))}")
    for key, kind in (("examples", dict), ("counter", list)):
        if not isinstance(body.get(key), kind) or not body[key]:
            raise RuleError(f"{at}: `{key}` must be a non-empty {'mapping' if kind is dict else 'list'}")
    if section == "ambiguous" and not body.get("says"):
        raise RuleError(f"{at}: `says` must tell which reading was chosen, and when")
    if not body.get("symbols") and not body.get("words"):
        raise RuleError(f"{at}: `symbols` or `words` must list its surface forms")
    for prefix in body.get("prefixes", ()):
        if prefix not in prefixes and prefix != "":
            raise RuleError(f"{at}: `prefixes`: unknown prefix {prefix!r}; expected {', '.join(prefixes)}")
    for key, template in _LOOKS.items():
        _check_pattern(template.format(body.get(key, "")), at=f"{at}: `{key}`")


def _check_pattern(pattern: str, *, at: str) -> None:
    try:
        regex.compile(pattern)
    except regex.error as error:
        raise RuleError(f"{at}: {pattern!r} is no pattern: {error}") from error


def _check_surfaces(entries: Iterable[Entry], *, path: Path) -> None:
    """No surface form in two entries, but for the readings of one form among the ambiguous entries."""
    seen: dict[str, Entry] = {}
    for entry in (entry for entry in entries if entry.section != "currencies"):
        for key in (*entry.symbols, *(word for word in entry.words if word not in entry.symbols)):
            other = seen.setdefault(key, entry)
            if other is entry or (entry.section == "ambiguous" and other.section != "units"):
                continue
            raise RuleError(
                f"{path}: surface form {key!r} stands in the entries {other.unit!r} and {entry.unit!r}; "
                "keep one, or list both readings under `ambiguous`"
            )


def _forms(body: Mapping[str, Any], prefixes: Mapping[str, Any]) -> Iterator[tuple[Form, str]]:
    """Every surface form of an entry, with each of its prefixes, and its unit."""
    for prefix in body.get("prefixes", [""]):
        unit = f"{prefix}{body['unit']}"
        known = prefixes.get(prefix, {"symbols": [""], "words": [""]})
        for symbol in body.get("symbols", ()):
            for sign in known["symbols"]:
                # the alternation reads all spellings of micro, before the rest of the form
                pattern = _literal(symbol if sign == "µ" else f"{sign}{symbol}")
                yield Form(f"{sign}{symbol}", pattern, word=False), unit
        for word in body.get("words", ()):
            for sign in known["words"]:
                joint = r"[\s~\-]?" if sign else ""
                yield Form(f"{sign}{word}", f"(?i:{sign}{joint}{_literal(word)})", word=True), unit


def _literal(surface: str) -> str:
    """The pattern of a surface form: any gap for its spaces, markup between the parts of a LaTeX form."""
    parts = regex.findall(r"\\[a-zA-Z]+|\\.|\s+|[a-zA-Z]+|.", surface)
    joint = f"{_MARKUP}*+" if "\\" in surface else ""
    gap = r"(?:[\s~$\-])*" if joint else r"[\s~$\-]+"
    return joint.join(gap if part.isspace() else regex.escape(part) for part in parts)


@cache
def _matcher() -> _Matcher:
    entries = table()
    heads = [(k, e) for k, e in enumerate(entries) if e.unit is not None and e.section != "currencies"]
    heads.sort(key=lambda head: head[1].section != "ambiguous")
    dens = {k: (u, e.section == "nouns") for e in entries if e.per for k, u in (*e.words.items(), *e.symbols.items())}
    signs = {f.text: str(e.unit) for e in entries if e.section == "currencies" for f in e.forms}
    return _Matcher(
        entries=entries,
        head=regex.compile(f"(?P<gap>{_GAP})(?:{_alternation(heads, group='e')}){_END}"),
        power=regex.compile(_POWER),
        tail=_tail((k, entry) for k, entry in heads if entry.per),
        dens=dens,
        currency=_currency(signs),
        signs=signs,
    )


def _alternation(entries: Iterable[tuple[int, Entry]], *, group: str) -> str:
    """One alternation of all entries, by first character; `group` and its number may name each entry.

    Forms of several parts come first, the longest one foremost (`°C` before `°`). Among single words the
    order does not matter, so the words of an entry share one alternative: it halves the compiling time.
    """
    by_start: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for k, entry in entries:
        opening = f"(?P<{group}{k}>{entry.behind}" if group else f"(?:{entry.behind}"
        together: dict[str, list[str]] = defaultdict(list)
        for form in entry.forms:
            for start in form.starts:
                if form.text.isalpha():
                    together[start].append(form.pattern)
                else:
                    by_start[start].append((-len(form.text), f"{opening}{form.pattern}{entry.ahead})"))
        for start, patterns in together.items():
            by_start[start].append((0, f"{opening}(?:{'|'.join(patterns)}){entry.ahead})"))
    branches = []
    for start, alternatives in sorted(by_start.items()):
        opening = _MICRO if start == "µ" else f"(?={regex.escape(start)})"
        ordered = [pattern for _, pattern in sorted(alternatives, key=lambda a: a[0])]
        branches.append(f"{opening}(?:{'|'.join(ordered)})")
    return "|".join(branches)


def _tail(entries: Iterable[tuple[int, Entry]]) -> regex.Pattern[str]:
    """What a unit is divided by: `/s`, ` per second`, ` s$^{-1}$`; counted nouns only follow a slash."""
    sign = rf"(?P<by>{_MARKUP}*+/{_MARKUP}*+)|{_PER}|(?P<times>(?:{_MARKUP}|\\cdot(?![a-z])|[·.])*+)"
    return regex.compile(rf"(?:{sign})(?P<den>{_alternation(entries, group='')}){_END}(?:{_POWER})?")


def _currency(signs: Iterable[str]) -> regex.Pattern[str]:
    codes = "|".join(regex.escape(s) for s in sorted(signs, key=lambda s: (-len(s), s)))
    return regex.compile(rf"(?<=(?<![\p{{L}}])(?P<sign>{codes})(?:(?<=[^$])[\s~]|\{{\}})?)")


# --- pint ---------------------------------------------------------------------------------------------------


@cache
def registry() -> pint.UnitRegistry[Any]:
    """Pint's registry with the project's own definitions (`rules/units_pint.txt`)."""
    import pint

    units: pint.UnitRegistry[Any] = pint.UnitRegistry()
    units.load_definitions(rules_dir() / "units_pint.txt")
    return units


def to_pint(value: float, unit: str) -> pint.Quantity[Any]:
    """`value` in `unit`, a unit as the contract writes it, as a pint quantity of the project's registry.

    `x` and `""` are dimensionless, `%` is `percent`, `pp` is `percentage_point`, counted nouns are `count`.
    """
    return registry().Quantity(value, _pint_name(unit))


def convert(value: float, unit: str, to: str) -> float:
    """`value` of `unit` in the unit `to`, both as the contract writes them.

    Raises:
        pint.DimensionalityError: the two measure different things.
    """
    return float(to_pint(value, unit).to(_pint_name(to)).magnitude)


def unit_key(unit: str) -> str:
    """What two units are compared by: pint's name of the unit, or the head noun of a counted thing."""
    unit = unit.strip()
    if unit in _SPECIAL:
        return unit
    if " " not in unit or "/" in unit:
        with suppress(Exception):  # a counted noun may be any text, and pint's errors have no common class
            return str(registry().parse_units(unit))
    words = unit.lower().replace("_", " ").replace("-", " ").split()
    return words[-1].removesuffix("s") if words else ""


def _pint_name(unit: str) -> str:
    if unit in _SPECIAL:
        return _SPECIAL[unit]
    parts = regex.split(r"\^-?\d+|[/*]", unit)
    known = all(part in _atoms() or part in ("", "1") for part in parts)
    return unit if known and " " not in unit else "count"


@cache
def _atoms() -> frozenset[str]:
    """Every unit of the table, taken apart: what is not here is a counted noun."""
    units = (unit for entry in table() if entry.unit for unit in (*entry.symbols.values(), *entry.words.values()))
    return frozenset(part for unit in units for part in regex.split(r"\^-?\d+|[/*]", unit))
