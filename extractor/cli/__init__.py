"""The command line: `extractor extract`, `explain`, `rules`, `evaluate` and `gold`, a module each.

Exit status: 0, also with a warning where single documents were left out; 1 with `--strict` where some were,
and where a check fails; 2 for arguments and files that cannot be used; 130 after Ctrl-C, 141 where the
reader of the output went away. What is slow to import (pandas, pyarrow, pint, rules) is imported by the
command that needs it.
"""

from __future__ import annotations

from typing import Annotated

import typer

from extractor.cli import evaluate, explain, extract, gold, rules
from extractor.cli.base import Commands

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    help="Reads paper abstracts and pulls out every quantitative claim as a typed record.",
    epilog="Example: extractor extract saved-page.txt -o claims.csv",
)
app.command()(extract.extract)
app.command()(explain.explain)
app.add_typer(rules.app, name="rules")
app.command()(evaluate.evaluate)
app.add_typer(gold.app, name="gold")


def main() -> None:
    """Run the command line."""
    app(prog_name="extractor")


def _version(wanted: bool) -> None:
    if wanted:
        from extractor import __version__

        typer.echo(f"extractor {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Reads paper abstracts and pulls out every quantitative claim as a typed record."""
