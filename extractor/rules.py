"""Load and check the rule files.

Every file in `rules/` opens with its own `grammar` and names its `kind`. A rule has an `id`, one sentence `says`, what
it matches, what it sets, `examples` and `counter` examples: texts with the number in question between « and », and the
fields that must come out (`none: true` where the number must not become a claim). A rule that lacks one of these, or
has a key that its kind does not know, does not load.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

COMMON_KEYS = frozenset({"id", "says", "examples", "counter"})

# kind -> (keys a rule must have besides the common ones, keys that it may have)
KINDS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "number": (frozenset({"pattern", "read"}), frozenset({"unit", "words"})),
    "reject": (frozenset(), frozenset({"before", "number", "after", "unless_unit", "spread"})),
    "modifier": (frozenset({"sets"}), frozenset({"before", "after", "scope", "within"})),
    "cue": (frozenset({"tag", "words"}), frozenset()),
    "metric": (frozenset({"terms"}), frozenset({"type", "polarity", "implies", "vote"})),
    "frame": (
        frozenset({"sets"}),
        frozenset({"left", "right", "units", "types", "plain", "supports", "modifier", "old"}),
    ),
    "type": (frozenset({"sets"}), frozenset({"units", "words", "forms", "frames", "before", "over", "vote"})),
    "role": (
        frozenset({"sets"}),
        frozenset({"text", "near", "place", "forms", "frames", "units", "unit_is", "metricless", "before", "after"}),
    ),
    "domain": (frozenset({"type", "words"}), frozenset()),
    "phrase": (frozenset({"pattern"}), frozenset({"reverse", "ignore_case", "whole"})),
    "noun": (frozenset(), frozenset({"words", "pattern", "before", "type"})),
}
FILE_KEYS = frozenset({"grammar", "kind", "shared", "rules"})


class RuleError(ValueError):
    """A rule file that cannot be used; the message names file, rule and key, and says what to do."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as its file states it."""

    id: str
    kind: str
    says: str
    body: Mapping[str, Any]
    examples: tuple[Mapping[str, Any], ...]
    counter: tuple[Mapping[str, Any], ...]
    file: str


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """All rules in order: a user's own before the shipped ones, a user's rule in place of a shipped one of its id."""

    rules: tuple[Rule, ...]
    shared: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def of(self, kind: str) -> tuple[Rule, ...]:
        """The rules of one kind, in order."""
        return tuple(rule for rule in self.rules if rule.kind == kind)

    def get(self, identifier: str) -> Rule:
        """The rule of an id; RuleError with near names when there is none."""
        for rule in self.rules:
            if rule.id == identifier:
                return rule
        raise RuleError(f"no rule {identifier!r}; {_nearest(identifier, [r.id for r in self.rules])}")


def rules_dir() -> Path:
    """The directory of the shipped rule files: inside the wheel, or `rules/` of the checkout."""
    package = Path(__file__).parent
    for place in (package / "_rules", package.parent / "rules"):
        if place.is_dir():
            return place
    raise RuleError(f"no rule files found beside {package}; reinstall the package")


def read_yaml(path: Path) -> dict[str, Any]:
    """A rule file as a mapping; RuleError names the line of a syntax error."""
    try:
        data = yaml.load(path.read_text(encoding="utf8"), Loader=_LOADER)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RuleError(f"{path}: cannot be read as YAML: {error}") from error
    if not isinstance(data, dict):
        raise RuleError(f"{path}: expected a mapping of sections, found {type(data).__name__}")
    return data


def load_file(path: Path) -> tuple[list[Rule], dict[str, Any]]:
    """The rules of one file and its shared patterns, checked."""
    data = read_yaml(path)
    if unknown := set(data) - FILE_KEYS:
        raise RuleError(f"{path}: unknown section {sorted(unknown)[0]!r}; {_nearest(min(unknown), FILE_KEYS)}")
    kind = str(data.get("kind"))
    if kind not in KINDS:
        raise RuleError(f"{path}: kind is {kind!r}; expected one of {', '.join(sorted(KINDS))}")
    if not isinstance(data.get("grammar"), str):
        raise RuleError(f"{path}: the file must open with its `grammar`, a text that says what its entries mean")
    entries = data.get("rules")
    if not isinstance(entries, list) or not entries:
        raise RuleError(f"{path}: `rules` must be a list of at least one rule")
    rules = [_rule(entry, kind=kind, path=path, number=k) for k, entry in enumerate(entries, 1)]
    return rules, data.get("shared") or {}


def load(extra: Sequence[Path] = ()) -> RuleSet:
    """The shipped rules, with the files of the user's own directories before them.

    Raises:
        RuleError: a file, rule or key that cannot be used, with what to do.
    """
    return _load(tuple(Path(p) for p in extra))


@cache
def _load(extra: tuple[Path, ...]) -> RuleSet:
    own, own_shared = _collected(_files(extra))
    shipped, shared = _collected(sorted(_shipped()))
    for rule in own.values():
        if rule.id in shipped and shipped[rule.id].kind != rule.kind:
            raise RuleError(
                f"{rule.file}: rule {rule.id!r} of kind {rule.kind} has the id of a shipped rule of kind "
                f"{shipped[rule.id].kind}; give it another id"
            )
    return RuleSet(tuple(_own_first(own, shipped)), shared | own_shared)


def _own_first(own: Mapping[str, Rule], shipped: Mapping[str, Rule]) -> Iterator[Rule]:
    yield from own.values()
    yield from (rule for rule in shipped.values() if rule.id not in own)


def _collected(paths: Iterable[Path]) -> tuple[dict[str, Rule], dict[str, Mapping[str, Any]]]:
    """The rules of some files by their ids, and the shared patterns by kind."""
    rules: dict[str, Rule] = {}
    shared: dict[str, Mapping[str, Any]] = {}
    for path in paths:
        loaded, common = load_file(path)
        if common:
            shared[loaded[0].kind] = common
        for rule in loaded:
            if rule.id in rules:
                raise RuleError(
                    f"{path}: rule {rule.id!r} stands in {rules[rule.id].file} too; give each rule its own id"
                )
            rules[rule.id] = rule
    return rules, shared


def _shipped() -> Iterator[Path]:
    return (p for p in rules_dir().glob("*.yaml") if p.name != "units.yaml")


def _files(places: Sequence[Path]) -> Iterator[Path]:
    for place in places:
        if place.is_dir():
            found = sorted(place.glob("*.yaml"))
            if not found:
                raise RuleError(f"{place}: no *.yaml rule file in this directory")
            yield from found
        elif place.is_file():
            yield place
        else:
            raise RuleError(f"{place}: no such rule file or directory")


def _rule(entry: Any, *, kind: str, path: Path, number: int) -> Rule:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        raise RuleError(f"{path}: rule {number} needs an `id`, a short text")
    at = f"{path}: rule {entry['id']!r}"
    needed, allowed = KINDS[kind]
    for key in entry:
        if key not in COMMON_KEYS | needed | allowed:
            raise RuleError(f"{at}: unknown key {key!r}; {_nearest(str(key), COMMON_KEYS | needed | allowed)}")
    for key in ("says", *sorted(needed)):
        if not entry.get(key):
            raise RuleError(f"{at}: `{key}` is missing")
    for key in ("examples", "counter"):
        _check_examples(entry.get(key), at=f"{at}: `{key}`")
    body = {k: v for k, v in entry.items() if k not in COMMON_KEYS}
    return Rule(entry["id"], kind, entry["says"], body, tuple(entry["examples"]), tuple(entry["counter"]), path.name)


def _check_examples(examples: Any, *, at: str) -> None:
    if not isinstance(examples, list) or not examples:
        raise RuleError(f"{at} must list at least one text; a rule without examples of both kinds does not load")
    for example in examples:
        if not isinstance(example, dict) or not isinstance(example.get("text"), str):
            raise RuleError(f"{at}: each is a mapping with `text` and the fields to expect, found {example!r}")
        if example["text"].count("«") != 1 or example["text"].count("»") != 1:
            raise RuleError(f"{at}: mark the number in question with « and », once, in {example['text']!r}")


def _nearest(word: str, allowed: Any) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, sorted(allowed), n=1)
    return f"did you mean {close[0]!r}?" if close else f"allowed are {', '.join(sorted(allowed)[:20])}"
