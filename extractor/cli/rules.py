"""`extractor rules`: list the rules, show one, run their examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from extractor.cli import base
from extractor.cli.base import Rules, legal, refuse, say

if TYPE_CHECKING:
    from extractor.rules import Rule

app = typer.Typer()


def _rule_kind(value: str | None) -> str | None:
    from extractor.rules import KINDS

    legal(value, sorted(KINDS))
    return value


@app.callback(invoke_without_command=True)
def list_rules(
    ctx: typer.Context,
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", callback=_rule_kind, help="Only rules of this kind.")
    ] = None,
    rules: Rules = None,
) -> None:
    """List the rules: id, kind, file, and what each says.

    \b
    Examples:
      extractor rules --kind modifier
      extractor rules show up-to
      extractor rules check --rules my-rules/
    """
    if ctx.invoked_subcommand is not None:
        if kind or rules:
            refuse(f"options go behind the subcommand: extractor rules {ctx.invoked_subcommand} --rules DIR")
        return
    from extractor import rules as rule_files
    from extractor.terminal import rules_table

    base.show(rules_table([r for r in rule_files.load(tuple(rules or ())).rules if kind in (None, r.kind)]))


@app.command()
def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="The rule's id, as the list and `explain` give it.")],
    rules: Rules = None,
) -> None:
    """Show one rule: what it matches, what it sets, its examples and counter-examples.

    \b
    Example:
      extractor rules show moved-from-to
    """
    from extractor import rules as rule_files
    from extractor.explain import STEPS

    rule_set = rule_files.load(tuple(rules or ()))
    if id in STEPS and all(rule.id != id for rule in rule_set.rules):
        typer.echo(f"{id} (a step of the program, no rule of the files)\n{STEPS[id]}")
    elif id.startswith("unit:"):
        typer.echo(_unit_text(id.removeprefix("unit:")))
    else:
        typer.echo(_rule_text(rule_set.get(id)))


def _unit_text(unit: str) -> str:
    from extractor import units
    from extractor.rules import RuleError

    entries = [entry for entry in units.table() if entry.unit == unit]
    if not entries:
        raise RuleError(f"no unit {unit!r} in the unit table; `explain` gives the id, as in unit:s")
    lines = [f"unit:{unit} (unit table, units.yaml)"]
    for entry in entries:
        forms = dict.fromkeys(form.text for form in entry.forms)
        lines += ["", f"surface forms: {', '.join(forms)}"]
        lines += [f"  {text!r} is {stands}" for text, stands in entry.examples.items()]
        lines += [f"  {text!r} is not" for text in entry.counter]
    return "\n".join(lines)


def _rule_text(rule: Rule) -> str:
    import yaml

    parts = {"examples": list(rule.examples), "counter": list(rule.counter)}
    body = yaml.safe_dump({**rule.body, **parts}, sort_keys=False, allow_unicode=True, width=110)
    return f"{rule.id} ({rule.kind}, {rule.file})\n{rule.says}\n\n{body.rstrip()}"


@app.command()
def check(rules: Rules = None) -> None:
    """Run the examples and counter-examples of all rules; exit status 1 if one does not come out.

    \b
    Examples:
      extractor rules check
      extractor rules check --rules my-rules/
    """
    from extractor import pipeline, rulecheck
    from extractor import rules as rule_files

    places = tuple(rules or ())
    rule_set = rule_files.load(places)
    failures = rulecheck.failures(rule_set, pipeline=pipeline.default(places).rules_only())
    for failure in failures:
        typer.echo(str(failure))
    cases = sum(1 for _ in rulecheck.cases(rule_set))
    say(f"{len(rule_set.rules)} rules, {cases} examples, {len(failures)} fail")
    if failures:
        raise typer.Exit(1)
