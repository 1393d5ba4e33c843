"""`extractor explain`: the claims of one text, with the rule and the cue behind each field."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from extractor.cli.base import Rules, refuse, show, show_json


def explain(
    text: Annotated[
        str, typer.Argument(metavar="[TEXT]", help="The text, or a file of it; - or none: standard input.")
    ] = "-",
    title: Annotated[str | None, typer.Option(help="The paper's title, where its system may be named.")] = None,
    rules: Rules = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the claims of a text, and for each field the rule and the cue that set it.

    \b
    Examples:
      extractor explain "reduces storage from 57Gb to 8.2Gb at 99.7% of performance"
      extractor explain abstract.txt --title "LayerSkip: Enabling Early Exit Inference"
      pbpaste | extractor explain --json
    """
    from extractor import pipeline
    from extractor import rules as rule_files
    from extractor.explain import draw, explain

    places = tuple(rules or ())
    found, body = _text_of(text)
    says = {rule.id: rule.says for rule in rule_files.load(places).rules}
    explanation = explain(body, title=found if title is None else title, pipeline=pipeline.default(places), says=says)
    if as_json:
        show_json(explanation.to_data())
    else:
        show(*draw(explanation))


def _text_of(argument: str) -> tuple[str, str]:
    """Title and text of an argument, of a file, or of standard input."""
    # Not Path.is_file, which fails on a text that is too long for a file name.
    if argument != "-" and not os.path.isfile(argument):  # noqa: PTH113
        return "", argument
    from extractor.reading import read

    problems: list[Any] = []
    document = next(read(argument, kind="text", on_problem=problems.append), None)
    if document is None:
        refuse(str(problems[0]))
    return document.title, document.abstract
