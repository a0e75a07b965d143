"""What every command of a ledger shares: its arguments, how it asks, and how it prints the answer."""

from __future__ import annotations

import re
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, Protocol
from zoneinfo import ZoneInfo

import click

from coopbooks.books.unseen import escaped_in_json
from coopbooks.cli.layout import Block, Line, Screen, render
from coopbooks.cli.sheet import sheet
from coopbooks.cli.words import clean, one_line
from coopbooks.errors import LedgerUnusable, UnknownName, WriteRefused

if TYPE_CHECKING:
    from coopbooks.cooperative import Cooperative
    from coopbooks.facts import Facts

__all__ = [
    "Answer",
    "Call",
    "Form",
    "a_day",
    "answer",
    "answer_on_a_day",
    "busy",
    "in_currency",
    "keep_sealed",
    "no_record",
    "opened",
    "publish",
    "put",
    "put_lines",
    "say",
    "shaped",
    "show",
    "takes_ledger",
    "today",
    "unhurried",
    "warn",
]

WARNINGS_MAX = 5
PROGRESS_AFTER_S = 1.0
_AGAIN_S = 2.0  # once more, where the first came while Python let go of an object, which swallows whatever is raised
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Answer(Protocol):
    """What a call of the library returns."""

    @property
    def breaks(self) -> bool:
        """Whether the books break what this answer judges."""
        ...

    def to_json(self) -> str:
        """The answer as JSON text."""
        ...

    def to_data(self) -> Any:
        """The same as plain lists, dictionaries, texts and numbers."""
        ...


class Form(NamedTuple):
    """How an answer is printed: as sentences and tables, and as rows for a spreadsheet.

    `amounts` says that its tables have money without a currency, so that the reader is told which it is.
    """

    blocks: Callable[[Any], Iterable[Block]]
    columns: Sequence[str]
    rows: Callable[[Any], Iterable[Mapping[str, Any]]]
    amounts: bool = False


class Call(NamedTuple):
    """What every command is given; `shape` is table, json or csv; without `as_of`, today is meant.

    `untrusted` says that somebody sent the ledger, so that nothing it names is run.
    """

    ledger: str
    shape: str
    as_of: date | None
    untrusted: bool = False


def a_day(_: click.Context, __: click.Parameter, text: str | None) -> date | None:
    """The day that an option names; only the one form, so that 03/04 is never guessed at."""
    if text is None:
        return None
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise click.BadParameter(f'"{text}" is no date: write it as 2025-12-31')


shaped = click.option(
    "--format",
    "shape",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="table to read, json for programs, csv for a spreadsheet.",
)
"""The option that says in which form an answer is printed."""


def takes_ledger(
    *, judges_days: bool = False, sent: bool = False, own: bool = False
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """The argument LEDGER and the options that every command has; the command gets one `Call`.

    `sent` is for a command of auditors, who open what they were sent: it never runs what a ledger names. `own` is for one
    that needs more of a ledger than a process of its own gives back.
    """
    about = "Judge deadlines as on this day, written 2025-12-31 [default: today in the cooperative's time zone]."
    if not judges_days:
        about = "Taken so that one script can give it to every command; this one judges no deadline."
    care = "Somebody sent the ledger: run nothing that it names, and read nothing outside of its folder."
    if sent:
        care = "Taken so that one script can give it to every command; this one always loads so."

    def wrap(command: Callable[..., int]) -> Callable[..., int]:
        @click.argument("ledger", type=click.Path())
        @shaped
        @click.option("--as-of", callback=a_day, metavar="DATE", help=about)
        @click.option("--untrusted", is_flag=True, help=care)
        @wraps(command)
        def called(ledger: str, shape: str, as_of: date | None, untrusted: bool, **more: Any) -> int:
            if untrusted:
                _refuse_untrusted(own=own, into=more.get("into"))
            call = Call(ledger, shape, as_of, untrusted or sent)
            with _bounded(ledger) if call.untrusted else nullcontext():
                return command(call, **more)

        return called

    return wrap


def _refuse_untrusted(*, own: bool, into: str | None) -> None:
    """What cannot be done with a ledger that somebody sent."""
    if into is not None:
        raise click.UsageError(
            "--untrusted is for a ledger that somebody sent, and --into writes to one: give one of them"
        )
    if own:
        raise click.UsageError(
            "this command takes only a ledger whose plugins you trust: look at its `plugin` lines, then leave --untrusted out"
        )


def today(coop: Cooperative) -> date:
    """Today's date where the cooperative is (`bylaw time-zone`, else UTC).

    Raises UnknownName for a zone that this machine does not know.
    """
    try:
        return datetime.now(ZoneInfo(coop.time_zone)).date()
    except (KeyError, ValueError, OSError):
        raise UnknownName(
            f'"{coop.time_zone}" is no time zone that this machine knows: write one such as "Europe/Madrid" '
            "in `bylaw time-zone`, or give the day with --as-of"
        ) from None


class _OutOfTime(BaseException):
    """The seconds are over; nothing that answers for one record or criterion takes it for a fault of that."""


@contextmanager
def _bounded(ledger: str) -> Generator[None]:
    """All that a command does with a ledger that somebody sent, within the seconds that it is given."""
    from coopbooks.books.limits import MORE_TIME, seconds_given

    seconds = seconds_given()
    running = True

    def stop(_: int, __: FrameType | None) -> None:
        if running:
            raise _OutOfTime

    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield  # the reading of the ledger keeps a clock of its own
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_S)
    try:
        yield
        running = False
    except _OutOfTime:
        running = False
        raise LedgerUnusable(
            f"{Path(ledger).name}: stopped, since it takes more than {seconds} s, the most that a ledger that somebody sent "
            f"is given: ask the sender for a ledger without what takes so long, {MORE_TIME}"
        ) from None
    finally:
        running = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before or signal.SIG_DFL)


@contextmanager
def unhurried() -> Generator[None]:
    """A person is asked, or a passphrase: the seconds that a ledger is given stand still meanwhile."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    left, again = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        yield
    finally:
        if left:
            signal.setitimer(signal.ITIMER_REAL, left, again)


@contextmanager
def busy(words: str) -> Generator[None]:
    """Work on a ledger: Ctrl-C ends it, and a terminal sees a sign of life after a second."""
    with _stoppable(), _sign_of_life(words):
        yield


@contextmanager
def _stoppable() -> Generator[None]:
    """Ctrl-C for sure: Beancount's parser takes it for a fault of the line that it reads, and goes on."""
    stopped: list[int] = []

    def stop(number: int, _: FrameType | None) -> NoReturn:
        stopped.append(number)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if stopped:
        raise KeyboardInterrupt


@contextmanager
def _sign_of_life(words: str) -> Generator[None]:
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    status = Console(stderr=True, emoji=False, markup=False).status(one_line(words))
    timer = threading.Timer(PROGRESS_AFTER_S, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()


def opened(ledger: str, *, untrusted: bool = False) -> Cooperative:
    """The cooperative of a ledger. Raises CoopbooksError where the ledger cannot be used."""
    from coopbooks.cooperative import load

    return load(ledger, untrusted=untrusted)


def keep_sealed(facts: Facts, text: str, into: str | None) -> None:
    """Refuse to append to a sealed year: it would be an error at the next load. What is only printed comes with a warning."""
    if "seal" not in facts.by_kind:
        return
    from coopbooks.books.sealing import sealed_fault
    from coopbooks.bylaws import Bylaws

    fault = sealed_fault(Bylaws(facts), text)
    if fault is not None and into is not None:
        raise WriteRefused(f"{into}: nothing was written, since {fault}")
    if fault is not None:
        say(f"warning: {fault}")


def say(text: str) -> None:
    """One line on stderr."""
    click.echo(one_line(text), err=True)


def warn(call: Call, coop: Cooperative) -> None:
    """Beancount's own errors, for a command that answers in spite of them."""
    for warning in coop.warnings[:WARNINGS_MAX]:
        say(f"warning: {warning}")
    more = len(coop.warnings) - WARNINGS_MAX
    if more > 0:
        say(f"warning: {more:,} more errors of Beancount; `coopbooks check {call.ledger}` lists them all")


def answer(
    call: Call,
    form: Form,
    question: Callable[[Cooperative], Answer],
) -> int:
    """Load the ledger, ask it and print what it answers; 1 where a rule is broken, else 0."""
    with busy(f"Reading {call.ledger}"):
        coop = opened(call.ledger, untrusted=call.untrusted)
        found = question(coop)
    warn(call, coop)
    publish(call, form, found, *in_currency(form, found, coop), *no_record(coop))
    return int(found.breaks)


def answer_on_a_day(call: Call, form: Form, question: Callable[[Cooperative, date], Answer]) -> int:
    """The same for an answer that judges deadlines: today is asked for once, and the day is named."""
    with busy(f"Reading {call.ledger}"):
        coop = opened(call.ledger, untrusted=call.untrusted)
        day = call.as_of or today(coop)
        found = question(coop, day)
    warn(call, coop)
    if call.shape != "table" and call.as_of is None:
        say(f"judged as of {day}, today; `--as-of DATE` names another day")
    judged = Line(f"Judged as of {day}.", "quiet")
    publish(call, form, found, *in_currency(form, found, coop), judged, *no_record(coop))
    return int(found.breaks)


def in_currency(form: Form, found: Answer, coop: Cooperative) -> Iterator[Block]:
    """Which currency the amounts of a form are in, where it shows any."""
    if form.amounts and coop.currency and any(True for _ in form.rows(found.to_data())):
        yield Line(f"Amounts are in {coop.currency}.", "quiet")


def publish(call: Call, form: Form, found: Answer, *after: Block) -> None:
    """The answer on stdout, in the shape that was asked for; `after` is for people only."""
    if call.shape == "json":
        put(escaped_in_json(found.to_json()))
    elif call.shape == "csv":
        put(sheet(form.columns, form.rows(found.to_data())))
    else:
        blocks = list(form.blocks(found.to_data()))
        if found.breaks and not any(isinstance(block, Line) and block.mood == "bad" for block in blocks):
            cure = f"`coopbooks check {call.ledger}` and `coopbooks duties {call.ledger}` say how to mend it."
            blocks.append(Line(f"A rule is broken or a day has passed: {cure}", "bad"))
        show([*blocks, *after])


def no_record(coop: Cooperative) -> Iterator[Block]:
    """A word for a book that gives the rules nothing to judge."""
    if not coop.facts.any_record:
        yield Line('This ledger has no cooperative record (`custom "coop" …`), so there was nothing to judge.')


def show(blocks: Iterable[Block]) -> None:
    """Sentences and tables on stdout."""
    click.echo(render(blocks, Screen.of(sys.stdout)), nl=False, color=True)


def put_lines(text: str, *, err: bool = False) -> None:
    """Lines that a program may read as they are; on a terminal nothing in them steers it."""
    if Screen.of(sys.stderr if err else sys.stdout).width is None:
        click.echo((text.rstrip("\n") + "\n").encode("utf-8", "backslashreplace"), nl=False, err=err)
    else:
        click.echo("\n".join(map(clean, text.splitlines())), err=err)


def put(text: str) -> None:
    """Text for a program on stdout: UTF-8, whatever the terminal speaks."""
    click.echo((text.rstrip("\n") + "\n").encode("utf-8", "backslashreplace"), nl=False)
