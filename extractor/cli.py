"""The command line: `extractor extract`, `explain`, `rules` and `evaluate`.

Exit status: 0, also with a warning where single documents were left out; 1 with `--strict` where some were,
and where rule examples fail; 2 for arguments and files that cannot be used; 130 after Ctrl-C, 141 where the
reader of the output went away. What is slow to import (pandas, pyarrow, pint, rules) is imported by the
command that needs it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, get_args

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from rich.console import RenderableType

    from extractor.batch import Run
    from extractor.claims import Document
    from extractor.reading import Problem
    from extractor.rules import Rule
    from extractor.tables import Writer

UNUSABLE, INTERRUPTED, READER_GONE = 2, 130, 141


class _Commands(TyperGroup):
    """The commands, with errors that users can mend as one line instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # What is still buffered must go somewhere when the interpreter flushes it at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(READER_GONE) from None
        except KeyboardInterrupt:
            _say("interrupted")
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            # The package's own errors say what was expected and what to do; all others are defects of it.
            if not isinstance(error, OSError) and type(error).__module__.split(".")[0] != "extractor":
                raise
            _refuse(str(error))


def _say(message: str) -> None:
    typer.echo(message, err=True)


def _refuse(message: str) -> NoReturn:
    _say(f"error: {message}")
    raise typer.Exit(UNUSABLE) from None


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    help="Reads paper abstracts and pulls out every quantitative claim as a typed record.",
    epilog="Example: extractor extract saved-page.txt -o claims.csv",
)
rules_app = typer.Typer()
app.add_typer(rules_app, name="rules")


def main() -> None:
    """Run the command line."""
    app(prog_name="extractor")


# --- options ------------------------------------------------------------------------------------------------


def _version(wanted: bool) -> None:
    if wanted:
        from extractor import __version__

        typer.echo(f"extractor {__version__}")
        raise typer.Exit


def _legal(values: Sequence[str] | str | None, allowed: Sequence[str]) -> None:
    """Refuse what is not allowed, with the nearest legal value."""
    from difflib import get_close_matches

    for value in [values] if isinstance(values, str) else values or ():
        if value not in allowed:
            close = get_close_matches(value.lower(), allowed, n=1, cutoff=0.4)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise typer.BadParameter(f"found {value!r}, expected one of {', '.join(allowed)}{hint}")


def _roles(values: list[str]) -> list[str]:
    from extractor.claims import Role

    _legal(values, get_args(Role))
    return values


def _types(values: list[str]) -> list[str]:
    from extractor.claims import ClaimType

    _legal(values, get_args(ClaimType))
    return values


def _input_kind(value: str | None) -> str | None:
    if value is not None:
        from extractor.reading import KINDS

        _legal(value, [kind.name for kind in KINDS])
    return value


def _rule_kind(value: str | None) -> str | None:
    from extractor.rules import KINDS

    _legal(value, sorted(KINDS))
    return value


def _target(value: str) -> str:
    """A target of a known suffix, told before the work begins."""
    if value != "-":
        from extractor.tables import checked_suffix

        checked_suffix(Path(value))
    return value


Rules = Annotated[
    list[Path] | None,
    typer.Option("--rules", metavar="DIR", help="Directory or file of your own rules, tried first; repeatable."),
]


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Reads paper abstracts and pulls out every quantitative claim as a typed record."""


# --- extract ------------------------------------------------------------------------------------------------


Inputs = Annotated[list[str], typer.Argument(metavar="INPUT", help="Files to read; - is standard input.")]
Output = Annotated[
    str,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        callback=_target,
        help="Table (.csv, .parquet) or labelled documents (.jsonl); "
        "- or none: CSV to standard output, a table on a terminal.",
    ),
]
InputKind = Annotated[
    str | None,
    typer.Option("--from", metavar="KIND", callback=_input_kind, help="Kind of input, instead of detecting it."),
]
TitleColumn = Annotated[str | None, typer.Option(metavar="NAME", help="Column or key of the title.")]
AbstractColumn = Annotated[str | None, typer.Option(metavar="NAME", help="Column or key of the abstract.")]
KeptRoles = Annotated[
    list[str] | None,
    typer.Option("--role", callback=_roles, metavar="ROLE", help="Keep claims of this role; repeatable."),
]
KeptTypes = Annotated[
    list[str] | None,
    typer.Option("--type", callback=_types, metavar="TYPE", help="Keep claims of this type; repeatable."),
]
ErrorFile = Annotated[
    Path | None,
    typer.Option("--errors", metavar="FILE", help="Write documents left out there, as JSON lines."),
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit status 1 if a document was left out.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar, no summary.")]


@app.command()
def extract(  # noqa: PLR0913, PLR0917 - an argument an option
    inputs: Inputs,
    output: Output = "-",
    kind: InputKind = None,
    title_column: TitleColumn = None,
    abstract_column: AbstractColumn = None,
    roles: KeptRoles = None,
    types: KeptTypes = None,
    rules: Rules = None,
    errors: ErrorFile = None,
    strict: Strict = False,
    quiet: Quiet = False,
) -> None:
    """Extract the claims of files of abstracts.

    \b
    Examples:
      extractor extract saved-page.txt -o claims.csv
      extractor extract arxiv.jsonl.gz --type speed --type energy -o fast.parquet
      extractor extract papers.csv --abstract-column Summary -o claims.jsonl
      zcat papers.bib.gz | extractor extract - --role result > claims.csv
    """  # fmt: skip
    from extractor import pipeline
    from extractor.batch import Run
    from extractor.reading import read
    from extractor.terminal import watched

    _check_inputs(inputs)
    with _problem_lines(errors) as report:
        run = Run(pipeline.default(tuple(rules or ())), roles or (), types or (), report)
        columns = {"kind": kind, "title_column": title_column, "abstract_column": abstract_column}
        with closing(watched(inputs, run, hidden=quiet)) as sources, _writer(output) as writer:
            for source in sources:
                for document, records in run.over(read(source, on_problem=run.problem, **columns)):
                    writer.write(document, records)
    _conclude(run, errors, strict=strict, quiet=quiet)


def _check_inputs(inputs: Sequence[str]) -> None:
    """Refuse a missing file before any work is done; what is in the files shows when they are read."""
    if inputs.count("-") > 1:
        _refuse("standard input (-) is given twice; give it once")
    for name in inputs:
        if name != "-" and not Path(name).exists():
            _refuse(f"{name}: no such file; check the path, or give - for standard input")


def _writer(output: str) -> AbstractContextManager[Writer]:
    from extractor import tables

    if output == "-" and sys.stdout.isatty():
        from extractor.terminal import TableWriter

        return TableWriter()
    return tables.writer(output)


@contextmanager
def _problem_lines(path: Path | None) -> Iterator[Callable[[Problem], object] | None]:
    """What takes each problem: a file of JSON lines, or None."""
    import json
    from dataclasses import asdict

    if path is None:
        yield None
        return
    try:
        stream = path.open("w", encoding="utf8")
    except OSError as error:
        _refuse(f"{path}: expected a place for a file, found: {error.strerror}; name another one for --errors")
    with stream:
        yield lambda problem: stream.write(json.dumps(asdict(problem), ensure_ascii=False) + "\n")


def _conclude(run: Run, errors: Path | None, *, strict: bool, quiet: bool) -> None:
    """The summary, the warning, and the exit status."""
    if run.first_problem is not None:
        more = "" if run.problems == 1 else f" and {run.problems - 1} more"
        listed = f"all are in {errors}" if errors else "--errors FILE lists all"
        hint = f" ({listed})" if more or errors else ""
        _say(f"warning: left out {run.first_problem}{more}{hint}")
    if not quiet:
        _say(run.summary())
    if strict and run.problems:
        raise typer.Exit(1)


# --- explain ------------------------------------------------------------------------------------------------


@app.command()
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
        _print_json(explanation.to_data())
    else:
        _print(*draw(explanation))


def _text_of(argument: str) -> tuple[str, str]:
    """Title and text of an argument, of a file, or of standard input."""
    # Not Path.is_file, which fails on a text that is too long for a file name.
    if argument != "-" and not os.path.isfile(argument):  # noqa: PTH113
        return "", argument
    from extractor.reading import read

    problems: list[Any] = []
    for document in read(argument, kind="text", on_problem=problems.append):
        return document.title, document.abstract
    _refuse(str(problems[0]))


# --- rules --------------------------------------------------------------------------------------------------


@rules_app.callback(invoke_without_command=True)
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
            _refuse(f"options go behind the subcommand: extractor rules {ctx.invoked_subcommand} --rules DIR")
        return
    from extractor import rules as rule_files
    from extractor.terminal import rules_table

    _print(rules_table([r for r in rule_files.load(tuple(rules or ())).rules if kind in (None, r.kind)]))


@rules_app.command()
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


@rules_app.command()
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
    failures = rulecheck.failures(rule_set, pipeline=pipeline.default(places))
    for failure in failures:
        typer.echo(str(failure))
    cases = sum(1 for _ in rulecheck.cases(rule_set))
    _say(f"{len(rule_set.rules)} rules, {cases} examples, {len(failures)} fail")
    if failures:
        raise typer.Exit(1)


# --- evaluate -----------------------------------------------------------------------------------------------


@app.command()
def evaluate(
    gold: Annotated[str, typer.Argument(metavar="GOLD", help="Labelled documents (JSON lines).")],
    predictions: Annotated[
        str | None,
        typer.Argument(metavar="[PREDICTIONS]", help="Labelled documents to score; none: the extractor runs."),
    ] = None,
    rules: Rules = None,
    errors: Annotated[
        bool, typer.Option("--errors", help="List every difference over claims of role result too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score claims against labelled documents, over claims of role result and over all.

    \b
    Examples:
      extractor evaluate gold/dev.jsonl
      extractor evaluate gold/dev.jsonl predictions.jsonl --errors
      extractor evaluate gold/dev.jsonl --json > scores.json
    """
    from extractor import evaluation as scoring

    labelled = _labelled(gold)
    predicted = _labelled(predictions) if predictions else _predicted(labelled, tuple(rules or ()))
    try:
        report = scoring.report(labelled, predicted)
    except ValueError as error:  # ids that occur twice, or that gold does not have
        _refuse(str(error))
    differences = scoring.errors(labelled, predicted) if errors else []
    if as_json:
        listed = {"errors": scoring.to_data(differences)} if errors else {}
        _print_json(scoring.to_data(report) | listed)
        return
    from extractor.terminal import errors_table, scores_tables

    _print(*scores_tables(report), *([errors_table(differences)] if errors else []))


def _labelled(path: str) -> list[Document]:
    from extractor import gold

    try:
        return gold.load(path)
    except OSError as error:
        _refuse(f"{path}: expected labelled documents, found: {error.strerror}; check the path")


def _predicted(documents: list[Document], places: tuple[Path, ...]) -> list[Document]:
    """The documents with the extractor's claims; one that it fails on counts as without claims."""
    from extractor import pipeline
    from extractor.batch import Run
    from extractor.records import to_claim

    run = Run(pipeline.default(places), on_problem=lambda problem: _say(f"warning: {problem}"))
    return [
        document.model_copy(update={"claims": [to_claim(record) for record in records]})
        for document, records in run.over(documents)
    ]


# --- output -------------------------------------------------------------------------------------------------


def _print(*parts: RenderableType) -> None:
    from extractor.terminal import console

    out = console()
    for part in parts:
        out.print(part)


def _print_json(data: Any) -> None:
    import json

    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
