"""A new cooperative's books: what their files say, and the writer that puts them into a folder of their own.

The bylaws come from a model (`coopbooks.statutes.models`); the rest is a plain chart of accounts, the members, an
empty file for records and one for the first year. From then on the files belong to the treasurer: nothing here ever
writes into them again.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from textwrap import wrap

from coopbooks.books.writing import Name, _File, _folder_lock, _sync
from coopbooks.errors import WriteRefused
from coopbooks.money import digits_of
from coopbooks.periods import FiscalCalendar
from coopbooks.rows import NamedTuple
from coopbooks.statutes.models import Model, text_of

__all__ = ["MAIN", "Founding", "files_of", "found", "refuse_occupied", "told_of"]

MAIN = "main.beancount"
_FRESH = f".{MAIN}.coopbooks-new"
"""The main file until all others stand; left behind, it says that a call was killed."""

_OPENED = re.compile(r"^\d{4}-\d{2}-\d{2} open (\S+)", re.MULTILINE)
_FISCAL_YEAR = re.compile(r'^\d{4}-\d{2}-\d{2} custom "coop" "bylaw" "fiscal-year"', re.MULTILINE)
_WIDTH = 118

_CHART = (
    ("Assets:Bank", "the current account", "liquid: TRUE"),
    ("Assets:Cash", "the till", "liquid: TRUE"),
    ("Assets:Receivable", "invoices that customers have not paid yet", ""),
    ("Assets:Equipment", "what is used for longer than a year", ""),
    ("Liabilities:Payable", "invoices that we have not paid yet", ""),
    ("Liabilities:Taxes", "taxes and social security that we owe", ""),
    ("Liabilities:Loans", "", ""),
    ("Equity:Opening", "balances brought over from older books", ""),
    ("Equity:Surplus", "the result passes through here at the close", ""),
    ("Income:Sales", "", ""),
    ("Income:Other", "", ""),
    ("Expenses:Wages", "gross pay: each posting says whose, and the hours", ""),
    ("Expenses:SocialSecurity", "what the cooperative pays on top of wages", ""),
    ("Expenses:Materials", "", ""),
    ("Expenses:Rent", "", ""),
    ("Expenses:Office", "", ""),
    ("Expenses:Insurance", "", ""),
    ("Expenses:Interest", "", ""),
    ("Expenses:Depreciation", "", ""),
    ("Expenses:Other", "", ""),
)


class Founding(NamedTuple):
    """What a new cooperative's books begin with; all rules and accounts are dated `start`."""

    model: Model
    title: str
    currency: str
    start: date
    members: int

    @property
    def year(self) -> str:
        """The name of the fiscal year that the first day is in."""
        return FiscalCalendar([(self.start, self.model.year_ends)]).year_of(self.start).name

    @property
    def people(self) -> tuple[str, ...]:
        """The ids of the members: m01, m02 and so on, all of one length."""
        width = max(2, len(str(self.members)))
        return tuple(f"m{number:0{width}}" for number in range(1, self.members + 1))


def files_of(founding: Founding) -> dict[str, str]:
    """The text of each file of the new books by name, `main.beancount` last.

    Raises ModelUnusable where a figure of the law is not in force on the first day.
    """
    bylaws = text_of(founding.model, founding.start, founding.currency)
    year = f"{founding.year}.beancount"
    files = {
        "bylaws.beancount": f"{_about(founding)}\n{bylaws.rstrip()}\n{_fiscal_year(founding, bylaws)}",
        "accounts.beancount": _accounts(founding, set(_OPENED.findall(bylaws))),
        "people.beancount": _members(founding),
        "records.beancount": _records(founding),
        year: _first_year(founding),
    }
    includes = "\n".join(f'include "{name}"' for name in files)
    main = [
        f"; The books of {_plain(founding.title)}. They begin on {founding.start}.",
        "; `coopbooks check main.beancount` holds them to bylaws.beancount; bean-check and Fava read them as well.",
        "",
        f'option "title" "{_quoted(founding.title)}"',
        f'option "operating_currency" "{founding.currency}"',
        "",
        'plugin "coopbooks.plugins"',
        "",
        includes,
    ]
    return {**files, MAIN: "\n".join(main) + "\n"}


def _plain(text: str) -> str:
    return " ".join(text.split())


def _quoted(text: str) -> str:
    return _plain(text).replace("\\", "\\\\").replace('"', '\\"')


def _comment(text: str, first: str = "; ", rest: str = ";   ") -> Iterator[str]:
    yield from wrap(
        _plain(text),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _about(founding: Founding) -> str:
    """What the model is, leaves out, leaves to counsel and has not verified, as comments that stay with the bylaws."""
    model = founding.model
    lines = [
        *_comment(f"Made from the model {model.id}: {model.title}.", rest="; "),
        *_comment(
            f"Source: {model.law}; our copy was read on {model.read_on}. Laws change: compare before you vote.",
            rest="; ",
        ),
        "; This is a draft to edit and to vote on. It is no legal advice and no tax advice.",
    ]
    if model.movement_note:
        lines += [";", *_comment(f"Movement funds: {model.movement_note}", rest="; ")]
    for head, items in told_of(model):
        if items:
            lines += [";", f"; {head}:"]
            lines += [line for item in items for line in _comment(item, first="; - ")]
    return "\n".join(lines) + "\n"


def told_of(model: Model) -> tuple[tuple[str, Sequence[str]], ...]:
    """What a model says of its own limits, each list under its head."""
    return (
        ("What this model leaves out", model.left_out),
        ("What it leaves to counsel", model.counsel),
        ("What nobody has verified yet", model.unverified),
    )


def _fiscal_year(founding: Founding, bylaws: str) -> str:
    """The record of a fiscal year that is no calendar year, where the model's text has none."""
    if founding.model.year_ends == "12-31" or _FISCAL_YEAR.search(bylaws):
        return ""
    return (
        f'\n; The last day of the fiscal year.\n{founding.start} custom "coop" "bylaw" "fiscal-year"\n'
        f'  ends: "{founding.model.year_ends}"\n'
    )


def _accounts(founding: Founding, opened: set[str]) -> str:
    lines = [
        "; A plain chart of accounts: add what you need, take out what you do not. The accounts that the bylaws name are",
        "; opened in bylaws.beancount, those of members in people.beancount.",
        "",
    ]
    width = max(len(account) for account, _, _ in _CHART)
    for account, meaning, field in _CHART:
        if account not in opened:
            note = f"  ; {meaning}" if meaning else ""
            lines.append(f"{founding.start} open {account:<{width}} {founding.currency}{note}")
            lines += [f"  {field}"] * bool(field)
    return "\n".join(lines) + "\n"


def _members(founding: Founding) -> str:
    """The members by pseudonym, each with an account for the buy-in; later accounts are opened by the closes."""
    lines = [
        "; Who works here. An id such as m01 is a pseudonym and the only name in these books: keep the list of who is who",
        "; elsewhere. A worker who is no member is a `worker` record; whoever leaves gets an `exit` record.",
    ]
    if not founding.people:
        lines += [
            "; There is nobody yet. For each member, without the semicolons:",
            ";",
            f'; {founding.start} custom "coop" "member" "m01"',
            ";   wages: Expenses:Wages",
            ";   capital: Equity:Members:M01",
        ]
    for person in founding.people:
        account = person.capitalize()
        lines += [
            "",
            f'{founding.start} custom "coop" "member" "{person}"',
            "  wages: Expenses:Wages",
            f"  capital: Equity:Members:{account}",
            f"{founding.start} open Equity:Members:{account}:Buyin {founding.currency}",
            f"{founding.start} open Liabilities:Patronage:{account} {founding.currency}",
        ]
    return "\n".join(lines) + "\n"


def _records(founding: Founding) -> str:
    return f"""\
; Votes, vows and whatever else the cooperative decides, in the order of their dates.
;
; When the assembly has voted on bylaws.beancount, record the vote here, with its own date and figures and without the
; semicolons, and add the line `decision: "founding"` to each rule in bylaws.beancount:
;
; {founding.start} custom "coop" "decision" "founding"
;   matter: "the bylaws"
;   body: "assembly"
;   eligible: {max(founding.members, 3)}
;   for: {max(founding.members, 3)}
;   against: 0
;   abstain: 0
"""


def _first_year(founding: Founding) -> str:
    person = (*founding.people, "m01")[0]
    pay = f"{1600:.{digits_of(founding.currency)}f}"
    return f"""\
; The books of {founding.year}. Pay says whose it is and for how many hours:
;
; {founding.start} * "Pay"
;   Expenses:Wages      {pay} {founding.currency}
;     worker: "{person}"
;     hours: 80
;   Assets:Bank
;
; When the year is over: coopbooks close main.beancount {founding.year} --into {founding.year}.beancount
"""


def refuse_occupied(path: Name) -> None:
    """Raises WriteRefused where new books cannot go into a folder: something is in it, or it is none."""
    shown = os.fspath(path)
    if not shown or "\0" in shown:
        raise WriteRefused("there is no folder of this name: give the folder for the new books")
    target = Path(os.path.realpath(shown))
    try:
        _missing_folders(target, shown)
        if target.exists():
            _refuse_what_is_there(target, shown, _left_behind(target))
    except OSError as error:
        raise _refused(shown, error) from error


def _refused(shown: str, error: OSError) -> WriteRefused:
    return WriteRefused(
        f"{shown}: nothing was written ({error.strerror or error}): make room, or mend the permissions, and run the "
        "command again"
    )


def found(path: Name, files: Mapping[str, str]) -> None:
    """Write new books into a folder that does not exist yet or is empty: all files, or none.

    Folders above are made. A folder that is there keeps its place and its mode: the files are made in it one by one,
    each only where no file of its name is, and `main.beancount` gets its name last, so that nobody meets half a ledger.
    What a killed call has left of the same files gives way. Raises WriteRefused, and leaves everything as it was, where
    something else stands there already or the disk refuses.
    """
    refuse_occupied(path)
    shown = os.fspath(path)
    target = Path(os.path.realpath(shown))
    made: list[Path] = []
    try:
        made += _missing_folders(target, shown)
        target.mkdir(parents=True, exist_ok=True)
        with _folder_lock(_File(target / MAIN, shown)):
            left_behind = _left_behind(target, files)
            _refuse_what_is_there(target, shown, left_behind)
            for name in left_behind:
                (target / name).unlink()
            _make(target, files, made)
            _sync(target)
        _sync(target.parent)
    except BaseException as error:
        if all(each.exists() for each in made):  # else the main file has its name, and all of it stands
            _undo(made)
        if isinstance(error, OSError):
            raise _refused(shown, error) from error
        raise


def _make(target: Path, files: Mapping[str, str], made: list[Path]) -> None:
    """Make the files, each noted in `made` before it is begun."""
    others = {name: text for name, text in files.items() if name != MAIN}
    for name, text in {_FRESH: files[MAIN], **others}.items():
        with (target / name).open("xb") as file:
            made.append(target / name)
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
    if (target / MAIN).exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    (target / _FRESH).rename(target / MAIN)


def _missing_folders(target: Path, shown: str) -> list[Path]:
    """The folders that must be made, the outermost first. Raises WriteRefused where a file is in the way."""
    missing = [folder for folder in (target, *target.parents) if not folder.exists()]
    standing = missing[-1].parent if missing else target
    if not standing.is_dir():
        raise WriteRefused(f"{shown}: {standing.name} is a file: name a folder that is empty or does not exist yet")
    return missing[::-1]


def _left_behind(target: Path, files: Mapping[str, str] | None = None) -> set[str]:
    """The names of what a killed call has left of these files, or of any; none where no call was killed."""
    there = {each.name for each in target.iterdir()}
    if _FRESH not in there or MAIN in there:
        return set()
    return {name for name in there if files is None or _is_left_of(target / name, files)}


def _refuse_what_is_there(target: Path, shown: str, left_behind: Collection[str]) -> None:
    there = min((each.name for each in target.iterdir() if each.name not in left_behind), default=None)
    if there is not None:
        raise WriteRefused(
            f"{shown}: this folder is not empty ({there} is in it), and nothing is ever overwritten: name a folder that is "
            "empty or does not exist yet"
        )


def _is_left_of(path: Path, files: Mapping[str, str]) -> bool:
    """Whether a file is the beginning of one that is to be written."""
    text = files.get(MAIN if path.name == _FRESH else path.name)
    if text is None or path.is_symlink() or not path.is_file():
        return False
    return text.encode("utf-8").startswith(path.read_bytes())


def _undo(made: Sequence[Path]) -> None:
    """Take away what this call made, and nothing else."""
    for path in reversed(made):
        with suppress(OSError):
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink()
