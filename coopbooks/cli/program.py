"""`coopbooks`: its commands, and the one way in which any of them fails: one line and exit code 2."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click

from coopbooks import __version__
from coopbooks.cli.words import one_line
from coopbooks.errors import CoopbooksError

__all__ = ["EXIT_BROKEN", "EXIT_OK", "EXIT_UNUSABLE", "main"]

EXIT_OK = 0
EXIT_BROKEN = 1
EXIT_UNUSABLE = 2

# The module of each command is imported when the command is called, in the order of the help page.
_COMMANDS = {
    "init": "init",
    "models": "models",
    "check": "books",
    "wages": "pay",
    "surplus": "year",
    "close": "year",
    "seal": "seal",
    "members": "capital",
    "funds": "funds",
    "duties": "duties",
    "draw": "draw",
    "snapshot": "snapshot",
    "sovereignty": "sovereignty",
    "audit": "audit",
    "panel": "panel",
    "verify": "audit",
    "statements": "statements",
    "publish": "publishing",
    "import": "importing",
    "demo": "demo",
    "serve": "open_book",
}


class ReaderGone(Exception):
    """Who read the output has stopped reading, as `head` does."""


class Stopped(Exception):
    """Ctrl-C."""


@contextmanager
def _before_click() -> Generator[None]:
    """Takes two faults from click, which would print an empty line and exit with 1: that is a breach."""
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderGone from error
    except KeyboardInterrupt as error:
        raise Stopped from error


class Program(click.Group):
    """The group of commands. Whatever goes wrong, the shell sees one line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands in the order in which a treasurer meets them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of a name; its module is imported only now."""
        if cmd_name not in _COMMANDS:
            return None
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command = getattr(import_module(f"coopbooks.cli.{_COMMANDS[cmd_name]}"), name)
        assert isinstance(command, click.Command)
        return command

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        """Click's own, which also prints the help pages."""
        with _before_click():
            return super().make_context(*args, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for; what it returns is the exit code."""
        with _before_click():
            code = super().invoke(ctx)
            if sys.stdout is not None:
                sys.stdout.flush()
            return code

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Parse the command line, run it and end the process with 0, 1 or 2."""

        def run() -> Any:
            return super(Program, self).main(args, prog_name, complete_var, standalone_mode=False, **extra)

        if not standalone_mode:
            return run()
        sys.exit(_exit_code(run))


def _exit_code(run: Callable[[], Any]) -> int:
    """The exit code of a run, and its one line on stderr where it failed."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):  # a stream that was closed or replaced
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = run()
    except ReaderGone:
        _let_go_of_stdout()
        return EXIT_UNUSABLE
    except Exception as error:  # noqa: BLE001 - nobody who keeps books should meet a traceback
        click.echo(one_line(_sentence(error)), err=True)
        if isinstance(error, OSError):
            _let_go_of_stdout()
        return EXIT_UNUSABLE
    return code if isinstance(code, int) else EXIT_OK


def _sentence(error: Exception) -> str:
    """What went wrong, what would be right; one sentence for each sort of error."""
    match error:
        case CoopbooksError():
            return str(error)
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "coopbooks"
            message, guess, meant = error.format_message().rstrip(".?").partition(". Did you mean ")
            message += f" (did you mean {meant}?)" if guess else ""
            return f"{command}: {message[:1].lower()}{message[1:]}; `{command} --help` says what it takes"
        case click.ClickException():
            return error.format_message()
        case Stopped() | click.Abort():
            return "coopbooks: stopped before it was done; run it again when you like"
        case OSError():
            named = f"{error.filename}: " if error.filename else ""
            return f"coopbooks: {named}{error.strerror or error}; make room or mend the permissions"
        case RecursionError() | MemoryError():
            return "coopbooks: the ledger is too large or too deeply nested for this machine; split it by year"
        case _:
            return (
                f"coopbooks: this should not have happened ({type(error).__name__}: {error}); "
                "please report it with the command and the smallest ledger that shows it"
            )


def _let_go_of_stdout() -> None:
    """What is still to be written to a closed pipe or a full disk must not raise again when Python ends."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _say_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"coopbooks {__version__}")
        ctx.exit()


@click.group(
    cls=Program,
    name="coopbooks",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Exit codes, for scripts:
  0  all is well
  1  a rule is broken or a deadline has passed; the answer is printed all the same
  2  the command or the ledger cannot be used; one line on stderr says why

New here? `coopbooks demo` shows an example cooperative.""",
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_say_version,
    help="Print the version and stop.",
)
@click.pass_context
def main(ctx: click.Context) -> None:
    """The books of a worker cooperative, held to its own bylaws.

    Give a command and the main file of your ledger: `coopbooks check main.beancount`.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
