"""What the commands share: how they speak, refuse and check what they are given."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from rich.console import RenderableType

    from extractor.claims import Document

UNUSABLE, INTERRUPTED, READER_GONE = 2, 130, 141


class Commands(TyperGroup):
    """The commands, with errors that users can mend as one line instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what users can mend becomes a line on standard error and an exit status."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # What is still buffered must go somewhere when the interpreter flushes it at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(READER_GONE) from None
        except KeyboardInterrupt:
            say("interrupted")
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            # The package's own errors say what was expected and what to do; all others are defects of it.
            if not isinstance(error, OSError) and type(error).__module__.split(".")[0] != "extractor":
                raise
            refuse(str(error))


def say(message: str) -> None:
    """A line on standard error."""
    typer.echo(message, err=True)


def refuse(message: str) -> NoReturn:
    """End the command: what it was given cannot be used."""
    say(f"error: {message}")
    raise typer.Exit(UNUSABLE) from None


def legal(values: Sequence[str] | str | None, allowed: Sequence[str]) -> None:
    """Refuse what is not allowed, with the nearest legal value."""
    from difflib import get_close_matches

    for value in [values] if isinstance(values, str) else values or ():
        if value not in allowed:
            close = get_close_matches(value.lower(), allowed, n=1, cutoff=0.4)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise typer.BadParameter(f"found {value!r}, expected one of {', '.join(allowed)}{hint}")


Rules = Annotated[
    list[Path] | None,
    typer.Option("--rules", metavar="DIR", help="Directory or file of your own rules, tried first; repeatable."),
]


def show(*parts: RenderableType) -> None:
    """Print tables and texts on standard output."""
    from extractor.terminal import console

    out = console()
    for part in parts:
        out.print(part)


def show_json(data: Any) -> None:
    """Print JSON on standard output."""
    import json

    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))


def labelled(path: Path) -> list[Document]:
    """The documents of a labelled file; GoldError, which ends the command, where it has a fault."""
    from extractor import gold

    try:
        return gold.load(path)
    except OSError as error:
        refuse(f"{path}: expected labelled documents, found: {error.strerror}; check the path")
