"""The command line: one file a verb, loaded when it is asked for.

To add a verb, write ``cli/<verb>.py`` with a click command called ``<verb>``, and add its line to
`VERBS`.

Exit codes: 0 done; 1 done, and the answer is no (a descent diverged, a check or self-test failed);
2 it cannot be done as asked (one or two sentences on stderr); 70 a fault of backlit itself; 130
interrupted.
"""

import importlib
import os
import sys
from typing import Any

import click

from .. import __version__
from ..errors import BacklitError

VERBS = {
    "descend": "gradient descent on any expression: derivative, table, plot",
    "derive": "the derivation of a network, or of your own my.py:loss, with numbers",
    "doctor": "versions, CPU features, the engine in use, a self-test",
    "evaluate": "how well a model predicts a table whose answers are known",
    "export": "a model as ONNX, which other programs run",
    "inspect": "what is in a model: columns, network, scores, equations",
    "predict": "a model's answers for the rows of a table, as CSV",
    "prove": "a student learns what a random teacher computes, with statistics",
    "tour": "from a parabola to handwritten digits, live, as text and as one page",
    "train": "a network learns a column of a table from the others",
}

_EPILOG = """Every verb explains itself: backlit descend --help.  Errors end with exit code 2;
BACKLIT_DEBUG=1 shows the traceback of an unexpected one."""


class _Refusal(click.ClickException):
    """A mistake explained in a sentence."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"backlit: {self.format_message()}", file=file, err=True)


class _Fault(_Refusal):
    """Not the user's mistake."""

    exit_code = 70


class Verbs(click.Group):
    """Loads a verb's file only when that verb is used, and turns errors into sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        return getattr(importlib.import_module(f"{__name__}.{cmd_name}"), cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BacklitError as error:
            raise _Refusal(str(error)) from error
        except click.UsageError as error:
            verb = error.ctx.command_path if error.ctx else "backlit"
            raise _Refusal(f"{error.format_message()} See {verb} --help.") from error
        except KeyboardInterrupt:
            click.echo("backlit: interrupted.", err=True)
            raise click.exceptions.Exit(130) from None
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except OSError as error:
            raise _Refusal(f"{error.filename or 'a file'}: {error.strerror or error}.") from error
        except Exception as error:
            if os.environ.get("BACKLIT_DEBUG"):
                raise
            what = f"{type(error).__name__}: {error}".splitlines()[0]
            raise _Fault(
                f"unexpected {what}. This is a fault of backlit; BACKLIT_DEBUG=1 shows where."
            ) from error


@click.group(
    cls=Verbs,
    subcommand_metavar="VERB ...",
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="backlit")
def program() -> None:
    """Backpropagation with the lights on: see every equation, run it, check it."""


def main() -> None:
    """The entry point of the program `backlit`."""
    for stream in filter(None, (sys.stdout, sys.stderr)):  # None: closed by the shell
        stream.reconfigure(errors="replace")  # a terminal without UTF-8 shows ?, not a traceback
    program(prog_name="backlit")
