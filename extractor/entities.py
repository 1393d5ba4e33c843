"""The document's own system: its name from title or abstract, or the phrase that stands for it."""

from __future__ import annotations

import regex

from extractor.quantities import Evidence
from extractor.records import Phrase

_TITLE_NAME = regex.compile(r"^\s*(?P<name>[^\s:–—]+(?:[\s-][^\s:–—]+){0,2})\s*(?::|\s[–—-]{1,3}\s)")
_NAMED = r"(?P<name>\\?\p{Lu}[\w+\-./^*$]*[\p{L}\d*$](?:[\s-](?:\p{Lu}[\w+\-]*|\d+(?:\.\d+)?)){0,3}|\p{L}+\p{Lu}[\w+\-]*)"
_INTRODUCED = regex.compile(
    rf"\b(?:we|this (?:paper|work|article|study))\s+(?:\w+\s+){{0,2}}?(?:present|propose|introduce|develop|describe|design|build|implement|call|name|term|release|offer)s?(?:ed)?\s+(?:\\[a-z]+\{{|\$|\{{|“|\"|'')?(?:it\s+|this\s+\w+\s+)?{_NAMED}(?=[\s,.:;(\}}$”\"']|$)",
)
_CALLED = regex.compile(
    rf"\b(?:called|named|dubbed|termed|namely|denoted|coined|referred to as|which we (?:call|name|term)|we call it|abbreviated as)\s+(?:as\s+|the\s+)?(?:\\[a-z]+\{{|“|\"|''|`{{1,2}})?{_NAMED}"
)
_ACRONYM = regex.compile(
    r"\b(?:[Pp]ropose|[Ii]ntroduce|[Pp]resent|[Dd]evelop)s?\b[^.;]{3,110}?\((?P<name>\p{Lu}[\w\-+]{1,18})\)"
)
_KINDS = (
    r"(?:method|approach|system|framework|algorithm|technique|scheme|solution|implementation|tool|strategy|mechanism|pipeline|protocol|"
    r"accelerator|scheduler|library|runtime|engine|compiler|simulator|platform|prototype|methodology)s?"
)
_OURS = regex.compile(
    rf"\b(?:[Oo]ur|[Tt]he proposed)\s(?:[\w\-]+\s){{0,3}}?(?:{_KINDS}|models?|networks?|designs?|architectures?|classifiers?|optimizations?|"
    rf"estimators?|detectors?|heuristics?|polic(?:y|ies))\b|\b(?:[Tt]his|[Tt]he)\s{_KINDS}\b"
)
_GENERIC = frozenset(
    "the a an this that on towards toward it in for how why what we our when is are to using beyond learning".split()
)


def own_system(title: str, abstract: str) -> tuple[Phrase, Evidence] | None:
    """The name of the paper's own system, from the title first, then from the sentence that introduces it."""
    match = _TITLE_NAME.match(title)
    if match and _is_name(match.group("name")):
        return _found(match, "title", "title-name")
    for pattern, rule in (
        (_CALLED, "called-name"),
        (_INTRODUCED, "introduced-name"),
        (_ACRONYM, "introduced-acronym"),
    ):
        match = pattern.search(abstract)
        if match and _is_name(match.group("name")):
            return _found(match, "abstract", rule)
    return None


def stand_in(abstract: str, start: int, end: int) -> tuple[Phrase, Evidence] | None:
    """The phrase for the own system (`our approach`) nearest before `end`, in its sentence or earlier."""
    found = None
    for match in _OURS.finditer(abstract, 0, end):
        if found is not None and match.start() > start:
            break
        found = match
    if found is None:
        return None
    return Phrase(found.group(), "abstract", *found.span()), Evidence("own-phrase", *found.span())


def _is_name(name: str) -> bool:
    words = name.split()
    if words[0].lower() in _GENERIC:
        return False
    return any(regex.search(r"\p{Lu}.*\p{Lu}|\d|\\", word) for word in words) or (
        len(words) == 1 and name[0].isupper()
    )


def _found(match: regex.Match[str], field: str, rule: str) -> tuple[Phrase, Evidence]:
    start, end = match.span("name")
    return Phrase(match.group("name"), field, start, end), Evidence(rule, start, end, field)
