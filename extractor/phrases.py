"""The phrase patterns of `rules/phrases.yaml`, compiled once for a rule set."""

from __future__ import annotations

from functools import cache

import regex

from extractor.rules import Rule, RuleSet


@cache
def phrase(rules: RuleSet, identifier: str) -> regex.Pattern[str]:
    """The compiled pattern of a phrase rule; a `reverse` one is matched backwards from its end."""
    return compiled(rules.get(identifier))


def compiled(rule: Rule) -> regex.Pattern[str]:
    """The pattern of a phrase rule."""
    reverse = "(?r)" if rule.body.get("reverse") else ""
    flags = regex.IGNORECASE if rule.body.get("ignore_case") else 0
    return regex.compile(reverse + str(rule.body["pattern"]), flags)
