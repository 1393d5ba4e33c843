"""Author names: lists of them in one string, surnames put last, and titles that have them glued on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import regex

_PART = r"\p{Lu}[\p{Ll}\p{M}]*"
_PREFIX = r"(?:Mc|Mac|De|Del|Di|Du|La|Le|Van|Von|Fitz)"
_ELISION = r"(?:\p{L}|Dell|Sant)['’ʼ]"
# Joined by a hyphen, an apostrophe, or the point of an initial (`J.-P.`, but not `Learning.John`).
_JOINED = rf"(?:[-‐'’]|(?<=\b\p{{Lu}})\.-?)(?:{_ELISION})?\p{{L}}[\p{{Ll}}\p{{M}}]*"
_WORD = rf"(?:{_ELISION})?(?:{_PREFIX}?{_PART}|\p{{Lu}}{{2,3}})(?:{_JOINED})*\.?"
_PARTICLE = (
    r"(?:van|von|vom|der|den|de|del|della|di|da|dos|das|do|du|la|le|el|al|bin|bint|ibn|ben|ter|ten|te|zu|zur|af|av|y|e"
    r"|und|'t|al-\p{Lu}[\p{Ll}-]*)"
)
# A later author may have a given name in two capitals (JiaWei); in the first one that cannot be told from
# the glue.
_CAMEL = rf"{_PART}{_PART}"
_NICKNAME = r"[(\"“]\p{Lu}[\p{L}.]*[)\"”]"
_REST = rf"(?: (?:{_WORD}|{_PARTICLE}|{_NICKNAME}))"
_FIRST = rf"{_WORD}{_REST}{{1,4}}"
_LATER = rf"(?:{_WORD}|{_CAMEL}){_REST}{{0,4}}"
_AUTHORS = regex.compile(rf"{_FIRST}(?:, {_LATER})*")
# A single word first: an organisation (DeepSeek-AI) or a person with one name.
_AUTHORS_AFTER_ONE_WORD = regex.compile(rf"\p{{Lu}}[\p{{L}}\p{{Nd}}-]+(?:, {_LATER})*")
_LONGEST_NAMES = 1000  # characters at the end of a line to look for names in; a feed shows three

# Where a name may start right after a title: a capital after a small letter, digit, closing mark or symbol
# (not within `U-Net`, `O'Brien`, `(GPU`, `J.Smith`), the last capital after an acronym (`NLP|Aakash`,
# `BERT|J. Smith`).
_GLUE = regex.compile(
    r"""(?<=[\p{Ll}\p{M}\p{Nd}\p{Pe}\p{Pf}?!.%*$+^|™"\p{Sm}]) (?<!\b\p{Lu}\.) (?<!(?:^|\s)") (?=\p{Lu})
      | (?<=\p{Lu}) (?=\p{Lu}[\p{Ll}\p{M}.'’])""",
    regex.VERBOSE,
)


def split_glued(line: str) -> tuple[str, list[str]]:
    """Title and names of a line that has them glued together: `… in the CloudAakash Sharma, Sonali Singh`.

    The names start at the first place where a name can start and from which on everything reads as a list
    of names: two to five capitalised words with initials, particles, hyphens and apostrophes, without a
    capital inside a word (so that `LayerSkip` in the title is no start, as `SkipMostafa` is no name). Where
    none is found, a list that starts with a single word is tried; else the whole line is the title.
    """
    start = max(len(line) - _LONGEST_NAMES, 0)
    for names in (_AUTHORS, _AUTHORS_AFTER_ONE_WORD):
        for match in _GLUE.finditer(line, start):
            position = match.start()
            if names.fullmatch(line, position):
                return line[:position], line[position:].split(", ")
    return line, []


def surnames_first(text: str) -> list[str]:
    """Names of a `Last, First, Last, First` list, given name first; all in one if the parts are odd."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) % 2:
        return [text.strip()]
    return [f"{given} {family}" for family, given in zip(parts[::2], parts[1::2], strict=True)]


def given_first(name: str) -> str:
    """`First Last` for `Last, First` or `Last, Jr., First`; white space runs become one space."""
    parts = [" ".join(part.split()) for part in name.split(",")]
    return " ".join([parts[-1], *parts[:-1]]).strip()


def split_names(text: str) -> list[str]:
    """Names in one string, separated by `;`, `and` or, if none is written `Last, First`, commas."""
    return list(_names(text))


def _names(text: str) -> Iterator[str]:
    separated = regex.split(r";|\s+and\s+|,\s*and\s+", text)
    for piece in filter(str.strip, separated):
        parts = [part.strip() for part in piece.split(",") if part.strip()]
        if ";" in text or len(parts) < 2 or not _full_names(parts):
            yield given_first(piece)
        else:
            yield from parts


def _full_names(parts: Iterable[str]) -> bool:
    return all(regex.search(r"\S[\s~.]\S", part) for part in parts)
