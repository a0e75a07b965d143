"""Ledgers that somebody sends who means harm: each a folder with `main.beancount`, made anew for every run.

In a text `@OUT@` stands for a folder beside the ledger's own. What lies there is no business of whoever reads the ledger:
`secret` in several forms, whose text must never be shown, and `ran-…`, which only code of the ledger would write.
"""

from __future__ import annotations

import gzip
import os
import pickle
import random
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from coopbooks.books.limits import PLUGINS_TAKEN
from coopbooks.records.fields import REQUIRED
from coopbooks.records.reading import BYLAWS, KINDS

__all__ = ["CANARY", "Sent", "corpus", "put_outside", "write"]

CANARY = "CANARY-7d41c0"
_HEAD = """\
option "title" "Sent"
option "operating_currency" "EUR"
2024-01-01 open Assets:Bank EUR
2024-01-01 open Equity:Start
2024-01-01 open Equity:Reserve
2024-01-01 open Income:Sales
2024-01-01 open Expenses:Wages
2024-01-01 custom "coop" "bylaw" "wage-ratio"
  cap: 4
2024-01-01 custom "coop" "member" "ana"
  wages: Expenses:Wages
"""
_RUN = "open(r'@OUT@/ran-{}', 'w').close()\n__plugins__ = ()\n"
Prepared = Callable[[Path], None]


class Sent(NamedTuple):
    """One ledger: its name, its files by their path, and what is no plain file in its folder."""

    name: str
    files: dict[str, bytes]
    prepare: Prepared | None = None


def put_outside(folder: Path) -> None:
    """What nobody may read, and where code of a ledger would leave its mark."""
    folder.mkdir()
    (folder / "secret.txt").write_text(f"{CANARY}\n")
    (folder / "secret.beancount").write_text(
        f'2024-01-02 open Assets:{CANARY.title()}\n2024-01-02 note Assets:Bank "{CANARY}"\n'
    )
    (folder / "evil.py").write_text(_RUN.replace("@OUT@", str(folder)).format("outside"))


def write(sent: Sent, folder: Path, outside: Path) -> Path:
    """The ledger in a folder of its own; returns the path of its top-level file."""
    folder.mkdir()
    for name, content in sent.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.replace(b"@OUT@", str(outside).encode()))
    if sent.prepare is not None:
        sent.prepare(folder)
    return folder / "main.beancount"


def corpus() -> list[Sent]:
    """All ledgers, each with a name of its own."""
    found = [
        sent
        for family in (_plugins, _includes, _options, _documents, _kinds_of_file, _texts, _numbers, _dates, _records)
        for sent in family()
    ]
    found += [*_crashes(), *_parsers(), *_parsed(), *_many(), *_noise()]
    assert len({sent.name for sent in found}) == len(found)
    return found


def _of(
    name: str, text: str | bytes = "", *, files: dict[str, str | bytes] | None = None, prepare: Prepared | None = None
) -> Sent:
    """A ledger with the head that every one has, the text below it, and files beside it."""
    return _bare(name, _HEAD.encode() + _bytes(text), files=files, prepare=prepare)


def _bare(
    name: str, content: str | bytes, *, files: dict[str, str | bytes] | None = None, prepare: Prepared | None = None
) -> Sent:
    others = {path: _bytes(each) for path, each in (files or {}).items()}
    return Sent(name, {"main.beancount": _bytes(content), **others}, prepare)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


# -- code ------------------------------------------------------------------------------------------------------------

_SHADOWED = (
    *("json", "os", "re", "decimal", "regex", "beancount", "coopbooks", "sitecustomize", "usercustomize", "resource"),
    *("pydantic", "jinja2", "click", "fava", "encodings", "zoneinfo"),
)


def _plugins() -> Iterator[Sent]:
    beside: dict[str, str | bytes] = {
        "evil.py": _RUN.format("plugin"),
        "evilpackage/__init__.py": _RUN.format("package"),
    }
    beside |= {f"{name}.py": _RUN.format(name) for name in _SHADOWED}
    beside |= {"evil.pth": "import evil\n", "pyvenv.cfg": "home = .\n", "conftest.py": _RUN.format("conftest")}
    names = [
        "evil",
        "evilpackage",
        "./evil",
        "..evil",
        "evil.py",
        "@OUT@/evil",
        "@OUT@/evil.py",
        "",
        " ",
        "\\0",
        "os",
        "antigravity",
    ]
    names += ["coopbooks.plugins.evil", "coopbooks.plugins/../evil", "beancount.plugins.evil", "coopbooks.plugins "]
    names += [
        "beancount.plugins.currency_accounts",
        "beancount.plugins.auto_accounts\\n",
        "importlib",
        "fava.plugins.link_documents",
    ]
    everything = "".join(f'plugin "{name}"\n' for name in names)
    yield _of("plugins", everything, files=beside)
    yield _of("plugins-path", f'option "insert_pythonpath" "TRUE"\noption "pythonpath" "."\n{everything}', files=beside)
    yield _of("plugins-raw", f'option "plugin_processing_mode" "raw"\n{everything}', files=beside)
    configured = "".join(
        f"plugin \"{name}\" \"__import__('os').system('touch @OUT@/ran-config')\"\n"
        for name in [*names, *PLUGINS_TAKEN]
    )
    yield _of("plugins-configured", configured, files=beside)
    yield _of("plugins-all-taken", "".join(f'plugin "{name}"\n' for name in sorted(PLUGINS_TAKEN)), files=beside)
    yield _of("plugins-often", 'plugin "evil"\n' * 20_000, files=beside)
    yield _of("plugins-included", 'include "a.beancount"\n', files={**beside, "a.beancount": everything})
    for number, thing in enumerate((_Pickled("cache"), {"x": _Pickled("nested")})):
        cache = pickle.dumps(thing)
        caches: dict[str, str | bytes] = dict.fromkeys(
            (".main.beancount.picklecache", "main.beancount.picklecache", ".picklecache"), cache
        )
        yield _of(f"cache-{number}", files={**caches, **beside})


class _Pickled:
    def __init__(self, name: str) -> None:
        self.name = name

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return subprocess.getoutput, (f"touch @OUT@/ran-{self.name}",)  # pickled as text, and never opened here


# -- files -----------------------------------------------------------------------------------------------------------


_FILES = (
    # beside the folder, by every road
    "@OUT@/secret.beancount",
    "../outside/secret.beancount",
    "a/../../outside/secret.beancount",
    "/etc/passwd",
    "/etc/hostname",
    "/proc/self/environ",
    "/proc/self/cmdline",
    "/proc/self/mem",
    "/proc/self/fd/0",
    "/dev/zero",
    "/dev/stdin",
    "/dev/tty",
    "../*/*",
    "../**/*",
    "/**/secret*",
    "@OUT@/*",
    "**/../../outside/*",
    "[.][.]/outside/*",
    "~/secret",
    "$HOME/x",
    "file:///etc/passwd",
    "http://localhost:9/x",
    "\\\\host\\x",
    "",
    ".",
    "..",
    "a\\nb",
    "\\0",
    "secret.gpg",
    "secret.asc",
    "x" * 5000,
    "a/" * 3000 + "b",
)


def _includes() -> Iterator[Sent]:
    beside: dict[str, str | bytes] = {
        "a/x": "",
        "secret.gpg": "-----BEGIN PGP MESSAGE-----\n",
        "secret.asc": "-----BEGIN PGP MESSAGE-----\n",
    }
    yield _of("includes", "".join(f'include "{name}"\n' for name in _FILES), files=beside)
    for name in ("@OUT@/secret.beancount", "/dev/zero", "../**/*"):
        yield _of(f"include-{len(name)}", f'include "{name}"\n')
    yield _of("include-itself", 'include "main.beancount"\ninclude "./main.beancount"\ninclude "*.beancount"\n')
    ring = {
        f"r{number}.beancount": f'include "r{(number + 1) % 50}.beancount"\ninclude "main.beancount"\n'
        for number in range(50)
    }
    yield _of("include-ring", 'include "r0.beancount"\n', files=dict(ring))
    chain = {f"c{number}.beancount": f'include "c{number + 1}.beancount"\n' for number in range(1_200)}
    yield _of("include-chain", 'include "c0.beancount"\n', files=dict(chain))
    many: dict[str, str | bytes] = {f"m/{number}.beancount": "" for number in range(3_000)}
    yield _of("include-thousands", 'include "m/*.beancount"\n', files=many)
    page = ("; " + "x" * 97 + "\n") * (440 * 1024)  # 42 MiB
    yield _of("include-too-much", 'include "?.beancount"\n', files={f"{name}.beancount": page for name in "abcd"})
    yield _of("include-missing-thousands", "".join(f'include "no/{number}"\n' for number in range(5_000)))
    deep = {"/".join("d" * number) + "/x.beancount": "" for number in range(1, 120)}
    yield _of("include-stars", f'include "{"**/" * 40}x"\n', files=dict(deep))
    yield _of("include-pattern", f'include "{"*a" * 40}b"\n', files={"a" * 200: ""})
    yield _of("include-classes", f'include "{"[!" * 200}"\ninclude "[a-\\x00]"\ninclude "[z-a]"\n')


def _options() -> Iterator[Sent]:
    names = "documents plugin include insert_pythonpath pythonpath plugin_processing_mode tolerance_multiplier infer_tolerance_from_cost"  # noqa: E501
    names += " inferred_tolerance_default inferred_tolerance_multiplier dcontext filename input_hash display_precision render_commas"  # noqa: E501
    names += " long_string_maxlines booking_method experimental_explicit_tolerances title operating_currency name_assets account_rounding"  # noqa: E501
    values = (
        "",
        "TRUE",
        "@OUT@",
        "EUR:1000000",
        "*:99",
        "1e9",
        "NaN",
        "Infinity",
        "-1",
        "0" * 9_000,
        "raw",
        "\u202eX",
        "<script>alert(1)</script>",
    )
    for number, value in enumerate(values):
        yield _of(f"options-{number}", "".join(f'option "{name}" "{value}"\n' for name in names.split()))
    yield _bare(
        "options-roots", 'option "name_assets" "A"\noption "name_expenses" "A"\noption "name_equity" ""\n' + _HEAD
    )
    yield _bare(
        "options-currency", "".join(f'option "operating_currency" "C{number}"\n' for number in range(3_000)) + _HEAD
    )
    yield _of("options-context", 'option "dcontext" "x"\noption "commodities" "x"\noption "__class__" "x"\n')


def _documents() -> Iterator[Sent]:
    names = (
        "@OUT@/secret.txt",
        "../outside/secret.txt",
        "/etc/passwd",
        "/dev/zero",
        "/proc/self/environ",
        "a\\nb",
        "\\0",
        "",
        "x" * 5000,
        ".",
    )
    lines = "".join(f'2024-02-01 document Assets:Bank "{name}"\n' for name in names)
    yield _of("documents", lines)
    yield _of(
        "documents-option", 'option "documents" "@OUT@"\noption "documents" ".."\noption "documents" "/"\n' + lines
    )
    fields = "".join(
        f'  {key}: "{name}"\n'
        for key, name in zip(("document", "statement", "invoice", "file", "path"), names, strict=False)
    )
    yield _of("documents-fields", f'2024-02-01 * "x"\n{fields}  Assets:Bank  1 EUR\n  Equity:Start\n')


def _kinds_of_file() -> Iterator[Sent]:
    links = (
        ("../outside/secret.beancount", "x"),
        ("../outside", "d"),
        ("/", "root"),
        ("loop", "loop"),
        ("/dev/zero", "zero"),
        ("/dev/fd/0", "in"),
    )

    def link(folder: Path) -> None:
        for to, name in links:
            (folder / name).symlink_to(to)

    def pipe(folder: Path) -> None:
        os.mkfifo(folder / "pipe")
        with socket.socket(socket.AF_UNIX) as made:
            here = Path.cwd()
            os.chdir(folder)  # the name of a socket has a hundred characters
            made.bind("socket")
            os.chdir(here)
        (folder / "closed").write_text("x")
        (folder / "closed").chmod(0)

    def instead(make: Callable[[Path], object]) -> Prepared:
        def prepare(folder: Path) -> None:
            main = folder / "main.beancount"
            main.unlink()
            make(main)

        return prepare

    every = 'include "x"\ninclude "d/secret.beancount"\ninclude "d/*"\ninclude "root/etc/passwd"\ninclude "loop"\ninclude "zero"\ninclude "in"\n'  # noqa: E501
    yield _of("links", every + 'include "*"\ninclude "*/*"\ninclude "**"\n', prepare=link)
    yield _of("pipes", 'include "pipe"\ninclude "socket"\ninclude "closed"\ninclude "*"\n', prepare=pipe)
    for name, to in (
        ("secret", "../outside/secret.beancount"),
        ("zero", "/dev/zero"),
        ("loop", "main.beancount"),
        ("none", "nowhere"),
    ):
        yield _of(f"main-links-{name}", prepare=instead(lambda main, to=to: main.symlink_to(to)))  # type: ignore[misc]
    yield _of("main-is-a-pipe", prepare=instead(os.mkfifo))
    yield _of("main-is-a-folder", prepare=instead(Path.mkdir))
    big = instead(lambda main: os.close(_grown(main, 1 << 40)))
    yield _of("main-is-a-tebibyte", prepare=big)
    yield _of("include-is-sparse", 'include "s"\n', prepare=lambda folder: os.close(_grown(folder / "s", 63 << 20)))
    names = {f"n{number}.{name}": f'2024-02-01 note Assets:Bank "{number}"\n' for number, name in enumerate(_NAMES)}
    yield _of("names", 'include "n*"\n', files=dict(names))


_NAMES = (
    "\x1b[2J",
    "\u202etxt",
    "a\nb",
    "<img src=x onerror=alert(1)>",
    "=1+1",
    "'; touch x",
    "a b",
    "%s%n",
    "{0}",
    "\x07",
)


def _grown(path: Path, size: int) -> int:
    handle = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    os.truncate(handle, size)
    return handle


# -- text ------------------------------------------------------------------------------------------------------------

PAYLOADS = {
    "script": "<script>fetch('//evil.example')</script>",
    "img": "<img src=x onerror=alert(1)>",
    "svg": "<svg/onload=alert(1)><style>@import'//evil.example'</style></svg>",
    "breaks-out": "</script></style></title></textarea>--><!--'><b onmouseover='x'>",
    "markdown": "[x](javascript:alert(1)) ![y](http://evil.example/y) | a | b |\\n\\n# h\\n```\\n<b>",
    "terminal": "\x1b[2J\x1b]0;owned\x07\x1b]8;;file:///etc/passwd\x1b\\\\x\x9b31m",
    "terminal-written": "\\b\\f\\r\\t",
    "bidi": "\u202egnp.exe\u2066x\u2069\u200e\u200f\u061c\u2028\u2029",
    "controls": "".join(map(chr, (*range(1, 9), 11, 12, *range(14, 32), *range(127, 160)))),
    "nul": "a\x00b",
    "bom": "\ufeffx\ufeff",
    "formula": "=cmd|'/c calc'!A0",
    "formula-at": "@SUM(1+1)*cmd",
    "yaml": "!!python/object/apply:os.system ['id'] : - # {a: b}",
    "json": '\\"}],\\"x\\":[{\\"',
    "template": "{{7*7}}{% include '/etc/passwd' %}${7*7}#{7*7}",
    "typst": '#read(\\"/etc/passwd\\") #import \\"x\\" $x$ @x <y> \\\\',
    "format": "%s%n%(x)s{0.__class__.__mro__}{}",
    "rich": "[bold red on white][link=file:///etc/passwd]x[/link][/] :skull:",
    "shell": "$(touch @OUT@/ran-shell) `touch @OUT@/ran-shell` ; touch @OUT@/ran-shell",
    "path": "../../../../@OUT@/secret.txt",
    "regex": "(a+)+$" + "a" * 60 + "!",
    "long": "x" * 20_000,
    "lines": "a\nb\n2024-01-01 open Assets:Not\n" * 20,
    "wide": "\U0001f468\u200d\U0001f469" * 50 + "e" + "\u0301" * 500 + "\ufdfd" * 50,
}


def _texts() -> Iterator[Sent]:
    for name, text in PAYLOADS.items():
        yield _of(f"text-{name}", _directives(text))
        yield _of(f"records-{name}", _every_record(text=text))
        if name not in ("lines", "long", "controls"):
            yield _of(f"ids-{name}", _every_record(text=text, record_id=text))


def _directives(text: str) -> str:
    """Every directive, with the text wherever one can stand."""
    field = f'  note: "{text}"\n  payee: "{text}"\n  coop-note: "{text}"\n'
    return f"""\
; {text}
option "title" "{text}"
option "booking_method" "{text}"
2024-01-02 commodity XYZ
{field}2024-01-02 open Assets:Other EUR "STRICT"
{field}2024-01-02 note Assets:Bank "{text}"
{field}2024-01-02 event "{text}" "{text}"
{field}2024-01-02 query "{text}" "{text}"
{field}2024-01-02 document Assets:Bank "{text}"
{field}2024-01-02 custom "{text}" "{text}" Assets:Bank 1 EUR TRUE 2024-01-01
{field}2024-01-02 price XYZ 1 EUR
{field}2024-01-03 * "{text}" "{text}" #tag ^link
{field}  Assets:Bank  1.00 EUR ; {text}
  {field.strip()}
    worker: "{text}"
    hours: "{text}"
  Income:Sales
2024-01-03 * "a lot"
  Assets:Other  1 XYZ {{1 EUR, "{text}"}}
  Assets:Bank
2024-01-04 * "{text}" "does not balance"
  Assets:Bank  1.00 EUR
2024-01-05 balance Assets:Bank  9.00 EUR
{field}2024-01-05 pad Assets:Other Equity:Start
2024-01-06 close Assets:Other
include "{text}"
plugin "{text}" "{text}"
pushmeta {text}: "{text}"
pushtag #{text}
{text}
2024-01-07 {text}
"""


# -- records ---------------------------------------------------------------------------------------------------------


def _every_record(
    text: str = "x",
    number: str = "1",
    day: str = "2024-06-01",
    record_id: str = "a-1",
    *,
    today: str = "2024-02-01",
    every: bool = True,
) -> str:
    """A record of every kind, each field as its form asks; `every` False leaves out what is not needed."""
    lines = []
    for kind, cls in [*KINDS.items(), *(("bylaw", each) for each in BYLAWS.values())]:
        name = cls.RULE_ID if kind == "bylaw" and cls.RULE_ID else record_id
        lines.append(f'{today} custom "coop" "{kind}" "{name}"')
        for field, about in cls.FIELDS.items():
            if every or about.default is REQUIRED:
                lines.append(f"  {field}: {_value(about.sort, text, number, day)}")
    return "\n".join(lines) + "\n"


def _value(sort: str, text: str, number: str, day: str) -> str:
    plain = {
        "date": day,
        "TRUE or FALSE": "TRUE",
        "account": "Equity:Reserve",
        "accounts": '"Equity:Reserve Expenses:Wages"',
        "amount": f"{number} EUR",
        "amount or rate": f"{number} EUR",
        "number or amount": f"{number} EUR",
        "SHA-256": f'"{"0" * 64}"',
        "time with offset": f'"{day}T12:00:00+00:00"',
        "period": f'"{day[:4]}"',
        "month and day": '"02-29"',
        "trigger": '"TR-2024-WAG-1"',
    }
    if sort in plain:
        return plain[sort]
    if sort in ("number", "share", "rate", "share or rate", "0 to 10", "ratio"):
        return number
    if " | " in sort:
        return f'"{sort.split(" | ", 1)[0]}"'
    return f'"{text}"'


def _records() -> Iterator[Sent]:
    ids = (
        "__proto__",
        "constructor",
        "../../../etc/passwd",
        "..",
        "CON",
        "a/b",
        "-rf",
        "--help",
        "0",
        "m01\\n",
        "A" * 3000,
        "é",
        "１",
        "ana",
        "EUR",
    )
    for number, name in enumerate(ids):
        yield _of(f"id-{number}", _every_record(record_id=name))
    yield _of("record-needed", _every_record(every=False))
    yield _of("record-empty", "".join(f'2024-02-01 custom "coop" "{kind}" "a"\n' for kind in KINDS))
    yield _of(
        "record-words",
        '2024-02-01 custom "coop"\n2024-02-01 custom "coop" 1\n2024-02-01 custom "coop" "" ""\n2024-02-01 custom "coop" TRUE Assets:Bank 1 EUR\n',  # noqa: E501
    )
    for number, wrong in enumerate(("TRUE", "1", "2024-01-01", "Assets:Bank", "1 EUR", "NULL", "#tag", "EUR", '""')):
        lines = (
            f'2024-02-01 custom "coop" "{kind}" "a"\n' + "".join(f"  {field}: {wrong}\n" for field in cls.FIELDS)
            for kind, cls in KINDS.items()
        )
        yield _of(f"record-type-{number}", "".join(lines))
    for number, zone in enumerate(
        ("../../etc/passwd", "@OUT@/secret.txt", "/etc/passwd", "", "a\\0b", "posixrules", "right/../../../x", ".")
    ):
        yield _of(
            f"zone-{number}",
            f'2024-02-01 custom "coop" "bylaw" "time-zone"\n  value: "{zone}"\n2024-02-01 custom "coop" "bylaw" "statute"\n  model: "{zone}"\n',  # noqa: E501
        )
    rows = (
        f'2024-02-01 custom "coop" "decision" "d{number}"\n  amends: "d{(number + 1) % 300}"\n  decision: "d{(number + 1) % 300}"\n'
        for number in range(300)
    )
    yield _of("record-ring", "".join(rows))


# -- numbers and dates -----------------------------------------------------------------------------------------------

NUMBERS = {
    "zero": "0",
    "minus": "-1",
    "many": "9" * 400,
    "very-many": "9" * 5_000,
    "fraction": "0." + "3" * 5_000,
    "tiny": "0." + "0" * 5_000 + "1",
    "divided": "1 / 3",
    "by-zero": "1 / 0",
    "none-of-none": "0 / 0",
    "product": " * ".join(["9" * 1_000] * 9),
    "quotient": " / ".join(["1", *(["9" * 1_000] * 9)]),
    "parens": "(" * 900 + "1" + ")" * 900,
    "signs": "-" * 5_000 + "1",
    "commas": "1" + ",000" * 300,
}


BOOKED = {
    "product-to-the-end": " * ".join(["9" * 20_000] * 40),
    "product-beyond": " * ".join(["9" * 30_000] * 40),
    "quotient-to-the-end": " / ".join(["1", *(["9" * 20_000] * 45)]),
    "many-parens": "(" * 100_000 + "1" + ")" * 100_000,
    "many-signs": "-" * 100_000 + "1",
}


def _numbers() -> Iterator[Sent]:
    for name, number in NUMBERS.items():
        yield _of(f"number-{name}", _every_record(number=number))
        yield _of(f"amount-{name}", _booked(number))
    for name, number in BOOKED.items():
        yield _of(f"amount-{name}", _booked(number))


def _booked(number: str) -> str:
    return f"""\
2024-02-01 * "paid"
  Expenses:Wages  {number} EUR
    worker: "ana"
    hours: {number}
  Assets:Bank
2024-02-02 * "sold" "at a price"
  Assets:Bank  1.00 EUR
  Income:Sales  {number} EUR
  Equity:Start
2024-02-03 open Assets:Shares
2024-02-03 * "lot"
  Assets:Shares  {number} ABC {{{number} EUR}} @@ {number} EUR
  Assets:Bank
2024-02-04 price ABC {number} EUR
2024-02-05 balance Assets:Bank  {number} ~ {number} EUR
2024-02-06 pad Assets:Bank Equity:Start
2024-02-07 balance Assets:Bank  {number} EUR
"""


def _dates() -> Iterator[Sent]:
    for day in ("0001-01-01", "0000-00-00", "1582-10-15", "2024-02-30", "9999-12-31", "2199-12-31", "1800-01-01"):
        yield _of(f"date-{day}", _every_record(day=day))
        yield _of(
            f"today-{day}",
            _every_record(today=day)
            + f"{day} open Assets:Old\n{day} balance Assets:Old 0 EUR\n{day} pad Assets:Old Equity:Start\n",
        )
    yield _of(
        "date-between",
        '0001-01-01 * "a"\n  Assets:Bank  1 EUR\n  Equity:Start\n9999-12-31 * "b"\n  Assets:Bank  1 EUR\n  Equity:Start\n',
    )
    yield _bare("date-founding", _HEAD.replace("2024-", "0001-"))
    yield _bare("date-future", _HEAD.replace("2024-", "9999-"))


def _crashes() -> Iterator[Sent]:
    """A division by zero wherever a number can stand: Beancount's parser goes on with none, and ends the process."""
    places = {
        "units": '2024-02-01 * "x"\n  Assets:Bank  {} EUR\n  Equity:Start\n',
        "price": '2024-02-01 * "x"\n  Assets:Bank  10.00 USD @ {} EUR\n  Equity:Start\n',
        "total": '2024-02-01 * "x"\n  Assets:Bank  10.00 USD @@ {} EUR\n  Equity:Start\n',
        "cost": '2024-02-01 * "x"\n  Assets:Bank  10.00 USD {{{} EUR}}\n  Equity:Start\n',
        "compound": '2024-02-01 * "x"\n  Assets:Bank  10.00 USD {{1 # {} EUR}}\n  Equity:Start\n',
        "prices": "2024-02-01 price USD {} EUR\n",
        "balance": "2024-02-01 balance Assets:Bank {} EUR\n",
        "tolerance": "2024-02-01 balance Assets:Bank 1.00 ~ {} EUR\n",
        "value": '2024-02-01 custom "coop" {}\n',
        "field": '2024-02-01 * "x"\n  note: {}\n  Assets:Bank  10.00 EUR\n  Equity:Start\n',
        "sum": '2024-02-01 * "x"\n  Assets:Bank  -(1 + {}) EUR\n  Equity:Start\n',
    }
    for name, text in places.items():
        for number, zero in enumerate(("10.00 / 0.00", "0.00 / 0.00")):
            yield _of(f"crash-{name}-{number}", text.format(zero))


# -- the parser ------------------------------------------------------------------------------------------------------


def _parsers() -> Iterator[Sent]:
    bare: dict[str, str | bytes] = {
        "nothing": "",
        "nul": b"\0" * 100_000,
        "spaces": " " * 3_000_000,
        "lines": "\n" * 3_000_000,
        "one-line": "A" * 20_000_000,
        "quote": '"' + "x" * 10_000_000,
        "quotes": '"' * 1_000_001,
        "backslashes": '2024-01-01 note Assets:Bank "' + "\\" * 1_000_001 + '"\n',
        "stars": "*" * 1_000_000,
        "nonsense": "x\n" * 300_000,
        "utf-16": _HEAD.encode("utf-16"),
        "utf-32": _HEAD.encode("utf-32"),
        "utf-7": b"+AG8-ption",
        "latin-1": (_HEAD + '2024-01-01 note Assets:Bank "caf\xe9"\n').encode("latin-1"),
        "surrogates": _HEAD + '2024-01-01 note Assets:Bank "\ud800\udfff"\n',
        "overlong": _HEAD.encode() + b'2024-01-01 note Assets:Bank "\xc0\xaf\xf8\x88\x80\x80\x80\xff\xfe"\n',
        "bom": "\ufeff" + _HEAD,
        "boms": "\ufeff" * 1_000 + _HEAD,
        "returns": _HEAD.replace("\n", "\r"),
        "dos": _HEAD.replace("\n", "\r\n") + "\x1a",
        "elf": b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 400,
        "gzip": gzip.compress(_HEAD.encode() * 1_000),
        "page": "<!DOCTYPE html><html><script>alert(1)</script></html>",
        "encrypted": "-----BEGIN PGP MESSAGE-----\n\nhQ\n-----END PGP MESSAGE-----\n",
        "python": "#!/usr/bin/env python\nopen('@OUT@/ran-main', 'w')\n",
    }
    for name, content in bare.items():
        yield _bare(f"parser-{name}", content)


def _parsed() -> Iterator[Sent]:
    below = {
        "tags": "pushtag #a\n" * 50_000,
        "poptag": "poptag #a\npopmeta a:\n" * 5_000,
        "meta": "pushmeta a: 1\n" * 20_000,
        "fields": '2024-02-01 * "x"\n'
        + "".join(f"  k{number}: {number}\n" for number in range(30_000))
        + "  Assets:Bank 1 EUR\n  Equity:Start\n",
        "same-field": '2024-02-01 * "x"\n'
        + '  __tolerances__: "x"\n  filename: "/etc/passwd"\n  lineno: "x"\n' * 9
        + "  Assets:Bank 1 EUR\n  Equity:Start\n",
        "postings": '2024-02-01 * "x"\n' + "  Assets:Bank 1 EUR\n" * 30_000 + "  Equity:Start\n",
        "missing": '2024-02-01 * "x"\n' + "  Assets:Bank\n" * 3_000,
        "lots": "2024-01-02 open Assets:L\n"
        + '2024-02-01 * "x"\n  Assets:L 1 ABC {1 EUR}\n  Assets:Bank -1 EUR\n' * 800
        + '2024-03-01 * "y"\n'
        + "  Assets:L -1 ABC {}\n" * 300
        + "  Assets:Bank\n",
        "account": f"2024-01-02 open Assets:{':'.join(['A'] * 20_000)}\n",
        "accounts": "".join(f"2024-01-02 open Assets:A{number}\n" for number in range(20_000)),
        "currencies": "".join(f"2024-01-02 commodity C{number}\n" for number in range(20_000)),
        "currency": f"2024-01-02 commodity {'C' * 100_000}\n",
        "cost": '2024-02-01 * "x"\n  Assets:Bank 1 ABC {1 # 2 EUR, 2024-01-01, "l", *, 1 EUR, {}} @ 1 EUR\n  Assets:Bank 1 ABC {{{}}} @@\n',  # noqa: E501
        "pads": "2024-01-02 pad Assets:Bank Equity:Start\n" * 5_000 + "2024-01-03 balance Assets:Bank 1 EUR\n" * 5_000,
        "parens-in-custom": '2024-01-02 custom "coop" ' + "(" * 5_000 + "1" + ")" * 5_000 + "\n",
        "custom-values": '2024-01-02 custom "coop" ' + '"x" ' * 100_000 + "\n",
        "links": '2024-02-01 * "x" '
        + " ".join(f"^l{number} #t{number}" for number in range(20_000))
        + "\n  Assets:Bank 1 EUR\n  Equity:Start\n",
        "overwritten": '2024-01-02 open Assets:X\n  filename: 1\n  lineno: "a"\n  __automatic__: 2\n2024-01-01 balance Assets:X 1 EUR\n  filename: "../../../etc/passwd"\n  lineno: -99999999999999999999\n',  # noqa: E501
    }
    for name, text in below.items():
        yield _of(f"parser-{name}", text)


def _many() -> Iterator[Sent]:
    """Much of what each costs something to judge."""
    days = [f"20{year:02}-{month:02}-15" for year in range(24, 26) for month in range(1, 13)]
    members = "".join(
        f'2024-01-01 custom "coop" "member" "m{number}"\n  wages: Expenses:Wages\n' for number in range(2_000)
    )
    yield _of("many-members", members)
    paid = "".join(
        f'{day} * "pay"\n  Expenses:Wages  {number}.00 EUR\n    worker: "m{number}"\n    hours: 1\n  Assets:Bank\n'
        for day in days
        for number in range(300)
    )
    yield _of("many-wages", members + paid)
    decisions = "".join(
        f'2024-02-01 custom "coop" "decision" "d{number}"\n  title: "x"\n  purpose: "x"\n  decided-by: "d{number + 1}"\n'
        for number in range(3_000)
    )
    yield _of("many-decisions", decisions)
    audits = "".join(
        f'2024-02-01 custom "coop" "audit" "LA-{number}"\n  period: "{2024 - number % 9}"\n  opened: 2024-02-01\n'
        for number in range(1_000)
    )
    yield _of("many-audits", audits)
    calls = "".join(
        f'2024-02-01 custom "coop" "lottery-call" "LC-{number}"\n  seats: 99999999\n  sources: "drand-5000000 x-1"\n  draw-not-before: 2024-02-02\n'  # noqa: E501
        for number in range(200)
    )
    yield _of("many-calls", members + calls)
    yield _of("many-records", "".join(_every_record(record_id=f"a-{number}", day="2024-06-01") for number in range(40)))


def _noise() -> Iterator[Sent]:
    """A whole ledger with bytes changed, taken out and put in, the same in every run."""
    whole = (_HEAD + _directives("x") + _every_record()).encode()
    for seed in range(12):
        chance = random.Random(seed)  # noqa: S311  # the same noise for everybody
        noise = bytearray(whole)
        for _ in range(2 << (seed % 9)):
            place = chance.randrange(len(noise))
            noise[place : place + chance.randrange(3)] = chance.randbytes(chance.randrange(4))
        yield _bare(f"noise-{seed}", bytes(noise))
