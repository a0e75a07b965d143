"""What the writers promise, one by one: what gives way to what, what reaches the disk when, and what is said of a refusal.

Faults of the disk and kills are in tests/test_faults.py, appending in tests/test_writing.py.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from coopbooks.books import members_file, outgoing, read_again, signing, writing
from coopbooks.books.appended import Added, Entered, entered_in, since
from coopbooks.books.bookings import document_sha256, source_until
from coopbooks.books.digest import Listed
from coopbooks.books.folder import SUMS, would_write, write_folder
from coopbooks.books.loading import load_books
from coopbooks.books.members_file import MembersFile, MembersFileUnusable, change_members_file, read_members_file
from coopbooks.books.record_text import record_text
from coopbooks.books.text import close_text, exit_text, interest_text, redemption_text, seal_text
from coopbooks.errors import SignatureRefused, ToolMissing, WriteRefused, WrongSignature
from coopbooks.money import Unit
from coopbooks.rules.close import Closing, Entry

DAY = date(2025, 12, 31)


def refusal(call: Callable[[], Any]) -> str:
    with pytest.raises(WriteRefused) as refused:
        call()
    return str(refused.value)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is brought to the disk and what takes another's place, in order, by name."""
    seen: list[str] = []
    sync, replace, rename = os.fsync, os.replace, os.rename

    def synced(handle: int) -> None:
        about = os.fstat(handle)
        assert stat.S_ISDIR(about.st_mode) or about.st_size, "what is brought to the disk has left the program"
        seen.append("sync " + Path(f"/proc/self/fd/{handle}").readlink().name)
        sync(handle)

    def moved(real: Callable[..., None]) -> Callable[..., None]:
        def move(old: Any, new: Any, **how: Any) -> None:
            seen.append(f"{Path(old).name} -> {Path(new).name}")
            real(old, new, **how)

        return move

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", moved(replace))
    monkeypatch.setattr(os, "rename", moved(rename))
    return seen


# -- one file --------------------------------------------------------------------------------------------------------


def test_the_text_is_on_the_disk_before_it_has_its_name_and_the_name_at_the_end(
    tmp_path: Path, steps: list[str]
) -> None:
    writing.append(tmp_path / "b", "2025-01-01 open Assets:Bank\n")
    assert steps == ["sync .b.coopbooks-new", ".b.coopbooks-new -> b", f"sync {tmp_path.name}"]


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664])
def test_a_file_of_ours_has_the_mode_that_is_asked_for(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "m.json"
    for content in (b"a", b"b", b"b"):
        writing.put_in_place(path, partial(bytes, content), mode=mode)
        assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (content, mode)
    path.chmod(0o640)
    writing.put_in_place(path, lambda: b"b", mode=mode)
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0, 0o666)])
def test_a_new_file_has_the_mode_that_its_user_gives_to_new_files(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        writing.append(tmp_path / "b", "; x\n")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == mode


def test_what_stands_there_already_with_its_mode_is_not_written_again(tmp_path: Path, steps: list[str]) -> None:
    for _ in range(2):
        writing.put_in_place(tmp_path / "m.json", lambda: b"a", mode=0o600)
    assert steps.count("sync .m.json.coopbooks-new") == 1


def test_a_stamp_is_of_the_bytes_and_no_file_has_none(tmp_path: Path) -> None:
    path = tmp_path / "b"
    assert writing.stamp(path) == ""
    path.write_bytes(b"")
    assert writing.stamp(path) == sha256(b"").hexdigest()
    writing.append(path, "2025-01-01 open Assets:Bank\n", since=sha256(b"").hexdigest())
    assert writing.stamp(path) == sha256(b"2025-01-01 open Assets:Bank\n").hexdigest()
    assert "another program changed it meanwhile" in refusal(lambda: writing.append(path, "; x\n", since=""))


@pytest.mark.parametrize("before", ["", "; one\n", "; one\n; two\n; three\n; four\n", "; one\n; two"])
def test_a_difference_shows_three_lines_before_what_comes(tmp_path: Path, before: str) -> None:
    path = tmp_path / "b"
    path.write_text(before)
    shown = writing.dry_run(path, "2025-01-01 open Assets:Bank\n").splitlines()
    assert shown[:2] == [f"--- {path}", f"+++ {path}"]
    assert [line for line in shown[3:] if line[0] == " "] == [f" {line}" for line in before.splitlines()][-3:][
        : 3 if before.endswith("\n") else 1
    ]
    assert shown[-1] == "+2025-01-01 open Assets:Bank"
    assert path.read_text() == before


@pytest.mark.parametrize(("end", "line"), [("; one\n; two\n", 4), ("; one", 3), ("", 2), ("; one\r\n", 3)])
def test_the_line_from_which_a_text_would_mean_something_else(tmp_path: Path, end: str, line: int) -> None:
    path = tmp_path / "b"
    path.write_bytes(b"pushtag #x\n" + end.encode())
    for call in (writing.append, writing.dry_run, writing.check_append):
        told = refusal(partial(call, path, '2025-01-01 * "x"\n'))
        assert told.startswith(f"{path}:{line}: what is open at the end of the file")


def test_what_would_be_refused_is_known_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "b"
    writing.check_append(path, "2025-01-01 open Assets:A\n", since="")
    assert not path.exists()
    path.write_text("2025-01-01 open Assets:A\n")
    path.chmod(0o444)
    writing.check_append(path, "2025-01-01 open Assets:A\n", since=writing.stamp(path))  # it stands there
    for call in (
        lambda: writing.check_append(path, "2025-01-01 open Assets:B\n"),
        lambda: writing.append(path, "2025-01-01 open Assets:B\n"),
        lambda: writing.refuse_unwritable(path),
    ):
        assert refusal(call) == f"{path}: it is write-protected: unlock it, or name another file"
    assert "another program changed it" in refusal(lambda: writing.check_append(path, "; x\n", since=""))
    path.chmod(0o644)
    writing.refuse_unwritable(path)
    writing.check_append(path, "2025-01-01 open Assets:B\n")
    assert path.read_text() == "2025-01-01 open Assets:A\n"


@pytest.mark.parametrize(
    ("before", "added"),
    [(b"; a\n", b"\n; x\n; y\n"), (b"; a\r\n; b", b"\r\n\r\n; x\r\n; y\r\n"), (b"\xef\xbb\xbf", b"; x\n; y\n")],
)
def test_line_ends_are_those_of_the_file_whatever_the_text_has(tmp_path: Path, before: bytes, added: bytes) -> None:
    path = tmp_path / "b"
    path.write_bytes(before)
    for text in ("; x\r\n; y\r\n", "\n; x\n; y\n\n"):
        assert writing.append(path, text) == (path.read_bytes() != before + added or text[0] == ";")
        assert path.read_bytes() == before + added
    assert writing.dry_run(path, "; y\r\n") == ""


@pytest.mark.parametrize("name", ["b.gpg", "b.asc"])
def test_nothing_is_appended_to_what_is_encrypted(tmp_path: Path, name: str) -> None:
    for call in (lambda: writing.append(tmp_path / name, "; x\n"), lambda: writing.stamp(tmp_path / name)):
        assert "nothing can be appended to an encrypted file" in refusal(call)
    assert "Beancount could not read the new text" in refusal(
        lambda: writing.append(tmp_path / "b", "2025-01-01 opened\n")
    )
    assert not any(tmp_path.iterdir())


# -- a file that is made whole ---------------------------------------------------------------------------------------


def test_only_a_file_that_begins_with_the_whole_mark_is_ours(tmp_path: Path) -> None:
    path = tmp_path / "d.ics"
    assert outgoing.standing(path, "MARK") is None
    assert outgoing.write_whole(path, "MARK\na\n", "MARK", since=None)
    assert not outgoing.write_whole(path, "MARK\na\n", "MARK", since="MARK\na\n")
    assert outgoing.write_whole(path, "MARK\nb\n", "MARK", since="MARK\na\n")
    assert path.read_text() == outgoing.standing(path, "MARK") == "MARK\nb\n"
    assert "another program changed it" in refusal(lambda: outgoing.write_whole(path, "MARK\n", "MARK", since=None))
    for other in ("MARKED\n", " MARK\n", "MARK", ""):
        path.write_text(other)
        assert "something else stands there" in refusal(lambda: outgoing.standing(path, "MARK"))
    with pytest.raises(AssertionError):
        outgoing.write_whole(path, "MARKED\n", "MARK", since=None)


def test_a_new_file_gives_way_only_where_its_maker_says_so(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    assert outgoing.write_new(path, b"a")
    assert not outgoing.write_new(path, b"a")
    for ours in (None, lambda old: old == b"other"):
        assert "something else stands there" in refusal(partial(outgoing.write_new, path, b"b", ours))
    assert path.read_bytes() == b"a"
    assert outgoing.write_new(path, b"b", lambda old: old == b"a")
    assert path.read_bytes() == b"b"
    (tmp_path / "folder").mkdir()
    assert "this is no plain file" in refusal(lambda: outgoing.write_new(tmp_path / "folder", b"a"))


def test_what_would_be_made_is_shown_as_text_where_it_is_text(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    assert outgoing.preview(path, b"a\n") == f"--- /dev/null\n+++ {path}\n@@ -0,0 +1 @@\n+a\n"
    size = "2 bytes, which are no text, would be written; the file would be"
    assert outgoing.preview(path, b"\xff\xfe") == f"{path}: {size} made.\n"
    path.write_bytes(b"old\n")
    assert outgoing.preview(path, b"old\n") == ""
    assert outgoing.preview(path, b"a\n", lambda _: True) == f"--- {path}\n+++ {path}\n@@ -1 +1 @@\n-old\n+a\n"
    assert outgoing.preview(path, b"\xff\xfe", lambda _: True) == f"{path}: {size} replaced, which has 4 bytes.\n"
    assert "something else stands there" in refusal(lambda: outgoing.preview(path, b"a\n"))
    assert path.read_bytes() == b"old\n"


# -- a folder --------------------------------------------------------------------------------------------------------

FILES = {"year.pdf": b"%PDF", "members/ada.pdf": b"ada"}


def test_a_folder_and_all_in_it_is_on_the_disk_before_it_has_its_name(tmp_path: Path, steps: list[str]) -> None:
    assert write_folder(tmp_path / "2025", FILES)
    *files, renamed, last = steps
    assert sorted(files) == sorted(
        f"sync {name}" for name in ("year.pdf", "ada.pdf", SUMS, ".2025.coopbooks-new", "members")
    )
    assert (renamed, last) == (".2025.coopbooks-new -> 2025", f"sync {tmp_path.name}")
    assert not write_folder(tmp_path / "2025", FILES)
    assert [path.name for path in tmp_path.iterdir()] == ["2025"]
    assert (tmp_path / "2025" / "SHA256SUMS").read_text() == "".join(
        f"{sha256(FILES[name]).hexdigest()}  {name}\n" for name in ("members/ada.pdf", "year.pdf")
    )


def test_folders_above_are_made_and_an_empty_one_is_filled(tmp_path: Path) -> None:
    assert write_folder(tmp_path / "a" / "b" / "2025", FILES)
    (tmp_path / "empty" / "deep").mkdir(parents=True)
    assert would_write(tmp_path / "empty", FILES)
    assert write_folder(tmp_path / "empty", FILES)
    assert (tmp_path / "empty" / "members" / "ada.pdf").read_bytes() == b"ada"


def _foreign(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")


def _changed(folder: Path) -> None:
    (folder / "year.pdf").write_bytes(b"signed")


def _linked(folder: Path) -> None:
    (folder / "link").symlink_to(folder / "year.pdf")


def _piped(folder: Path) -> None:
    os.mkfifo(folder / "pipe")


def _without_a_list(folder: Path) -> None:
    (folder / SUMS).unlink()


@pytest.mark.parametrize(
    ("happened", "said"),
    [
        (_foreign, "notes.txt in it was not made by coopbooks: move it away, or name another folder"),
        (_changed, "year.pdf in it was changed since: move it away, or name another folder"),
        (_linked, "link in it was not made by coopbooks: move it away, or name another folder"),
        (_piped, "pipe in it was not made by coopbooks: move it away, or name another folder"),
        (_without_a_list, "members/ada.pdf in it was not made by coopbooks: move it away, or name another folder"),
    ],
)
def test_what_was_not_made_here_is_never_replaced(tmp_path: Path, happened: Callable[[Path], None], said: str) -> None:
    folder = tmp_path / "2025"
    write_folder(folder, FILES)
    happened(folder)
    names = sorted(path.name for path in folder.rglob("*"))
    for call in (write_folder, would_write):
        assert refusal(partial(call, folder, {"other": b""}, replace=True)) == f"{folder}: {said}"
    assert sorted(path.name for path in folder.rglob("*")) == names


def test_statements_of_ours_give_way_only_where_somebody_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "2025"
    write_folder(folder, FILES)
    for call in (write_folder, would_write):
        assert "say --replace" in refusal(partial(call, folder, {"other": b""}))
    (folder / "year.pdf").unlink()  # whoever took one away has not changed the others
    assert write_folder(folder, {"other": b"", "deep/er/x": b"x"}, replace=True)
    assert {path.name for path in folder.iterdir()} == {"other", "deep", SUMS}
    assert [path.name for path in tmp_path.iterdir()] == ["2025"]
    (tmp_path / "file").write_text("")
    assert "nothing was written (" in refusal(lambda: write_folder(tmp_path / "file" / "2025", FILES))
    assert "this is no folder" in refusal(lambda: write_folder(tmp_path / "file", FILES))


def test_what_a_killed_run_left_is_put_back_or_taken_away(tmp_path: Path) -> None:
    folder, old, new = (tmp_path / name for name in ("2025", ".2025.coopbooks-old", ".2025.coopbooks-new"))
    write_folder(folder, FILES)
    folder.rename(old)  # between its two renames
    assert not write_folder(folder, FILES)
    for left in (old, new):
        left.mkdir()
        (left / "half").write_text("")
    assert not write_folder(folder, FILES)
    assert [path.name for path in tmp_path.iterdir()] == ["2025"]


# -- what came after a report ----------------------------------------------------------------------------------------

MAIN = b"2025-01-01 open Assets:Bank\n2025-01-01 open Assets:Till\n"


def grown(
    tmp_path: Path, added: str = "", *, audit: str | None = "LA-1", before: bytes = MAIN
) -> tuple[list[str], list[str]]:
    """What became of a ledger of one file, listed with `before` in it, to which a text was added."""
    path = tmp_path / "main.beancount"
    path.write_bytes(MAIN + added.encode())
    listed = [Listed("main.beancount", sha256(before).hexdigest(), len(before))]
    found = since(path, [], listed, DAY, audit)
    return list(found.changed), list(found.appended)


def test_bytes_that_stand_there_still_are_no_change(tmp_path: Path) -> None:
    assert grown(tmp_path) == ([], [])
    assert grown(tmp_path, before=MAIN[:-1] + b"x") == (
        ["main.beancount was changed: its first 56 bytes are not those that the report names"],
        [],
    )
    assert grown(tmp_path, before=MAIN + b"; more\n")[0] == [
        "main.beancount was changed: its first 63 bytes are not those that the report names"
    ]


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("2026-01-01 open Assets:New\n", None),
        ("2025-12-31 open Assets:New\n", "4: a open dated 2025-12-31 was added after the report of 2025-12-31"),
        ('2025-12-31 custom "coop" "verdict" "LA-1"\n', None),
        ('2025-12-31 custom "coop" "publication" "LA-1"\n', None),
        ('2025-12-31 custom "coop" "response" "LA-1"\n', None),
        ('2025-12-31 custom "coop" "verdict" "LA-2"\n', "4: a custom dated"),
        ('2025-12-31 custom "coop" "decision" "LA-1"\n', "4: a custom dated"),
        ('2025-12-31 custom "coop" "verdict" "LA-1" 1\n', "4: a custom dated"),
        ('2025-12-31 custom "other" "verdict" "LA-1"\n', "4: a custom dated"),
        ("2025-12-31 opened Assets:A\n", "4: what was added cannot be read by itself"),
        *((f"{word} #x\n", f"4: `{word}` was added, which may change what is older") for word in ("pushtag", "poptag")),
        *((f"{word} a:\n", f"4: `{word}` was added") for word in ("pushmeta", "popmeta")),
        *((f'{word} "a" "b"\n', f"4: `{word}` was added") for word in ("option", "plugin")),
        ("; option\n", None),
    ],
)
def test_what_was_added_is_judged_by_its_day(tmp_path: Path, added: str, said: str | None) -> None:
    changed, appended = grown(tmp_path, "\n" + added)
    if said is None:
        assert changed == []
        assert appended == [
            f"main.beancount has {len(added) + 1} bytes more, and nothing in them is of the days of the report"
        ]
    else:
        assert changed[0].startswith(f"main.beancount:{said}")
        assert appended == []


def test_the_records_of_no_audit_are_of_no_signing(tmp_path: Path) -> None:
    assert grown(tmp_path, '2025-12-31 custom "coop" "verdict" "None"\n', audit=None)[0] != []


def test_a_new_file_counts_its_own_lines_and_a_missing_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "main.beancount"
    path.write_bytes(MAIN)
    (tmp_path / "new").write_text("\n\n2025-01-01 open Assets:New\n")
    listed = [Listed("main.beancount", sha256(MAIN).hexdigest(), len(MAIN)), Listed("gone", "", 0)]
    assert since(path, [tmp_path / "new"], listed, DAY, None) == (
        (
            "gone is gone from the ledger",
            "new:3: a open dated 2025-01-01 was added after the report of 2025-12-31",
        ),
        (),
    )
    many = [Listed(f"{number:02}", "", 0) for number in range(21)]
    assert len(since(path, [], [*listed[:1], *many[:20]], DAY, None).changed) == 20
    assert len(since(path, [], [*listed[:1], *many], DAY, None).changed) == 20


def test_what_a_text_says_by_itself() -> None:
    text = (
        "; a comment\n2025-01-02 open Assets:Bank\n\n"
        '2025-01-03 custom "coop" "vow" "m01"\n2025-01-04 custom "coop" "vow"\n2025-01-05 custom "x" "vow" "m01"\n'
        '2025-01-06 * "x"\n  lineno: "nine"\n'
    )
    assert entered_in(text) == Added(
        (
            Entered(date(2025, 1, 2), 2, "open", None),
            Entered(date(2025, 1, 3), 4, "custom", ("vow", "m01")),
            Entered(date(2025, 1, 4), 5, "custom", None),
            Entered(date(2025, 1, 5), 6, "custom", None),
            Entered(date(2025, 1, 6), 0, "transaction", None),
        ),
        None,
    )
    assert entered_in("\n\n2025-01-02 opened Assets:A\n").error == 3


# -- what is read again ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "said"),
    [("100", (0, "1", 2)), ("0.00", (0, "", 0)), ("-0", (0, "", 0)), ("-1.50", (1, "15", -1)), ("0.010", (0, "1", -2))],
)
def test_a_number_is_the_same_however_many_zeros_it_is_written_with(number: str, said: tuple[int, str, int]) -> None:
    assert read_again._digits(Decimal(number)) == said
    units = ("amount", ("number", *said), "EUR")
    assert read_again.number_of(units) == (Decimal(number), "EUR")


def test_what_was_meant_may_stand_in_any_order_but_nothing_more_and_nothing_less() -> None:
    meant = [read_again.opening(DAY, f"Assets:{name}") for name in "AB"]
    lines = [f"{DAY} open Assets:{name}\n" for name in "AB"]
    for text in ("".join(lines), "".join(reversed(lines))):
        assert read_again.held_to(text, meant, "x") == text
    for text in (lines[0], "".join(lines) + lines[0], "".join(lines).replace("A\n", "A EUR\n")):
        assert refusal(partial(read_again.held_to, text, meant, "x")).startswith("x cannot be written so")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2025-01-01 open Assets:A\0\n", "it has the sign U+0000, which no text file holds"),
        ('2025-01-01 * "\ud800"\n', "it has half a character, which UTF-8 cannot hold"),
        ("2025-01-01 open Aktiva:A\n", None),  # another root, by an option that stands in another file
    ],
)
def test_why_a_text_cannot_be_read(text: str, fault: str | None) -> None:
    assert read_again.meanings(text)[1] == fault


def test_only_what_stands_from_a_line_on_is_asked_for() -> None:
    text = "2025-01-01 open Assets:A\n2025-01-01 open Assets:B\n"
    assert [[found[2] for found in read_again.meanings(text, line)[0]] for line in (0, 1, 2, 3)] == [
        ["Assets:A", "Assets:B"],
        ["Assets:A", "Assets:B"],
        ["Assets:B"],
        [],
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('2025-01-01 * "p" "n"', '2025-01-01 * "n" "p"'),
        ('2025-01-01 * "n"', '2025-01-01 ! "n"'),
        ('2025-01-01 * "n" #a', '2025-01-01 * "n" ^a'),
        ('2025-01-01 * "n" #a', '2025-01-01 * "n" #b'),
        ('2025-01-01 * "n"\n  aa: 1', '2025-01-01 * "n"\n  aa: 2'),
        *(
            ('2025-01-01 * "n"\n  Assets:A  1 EUR', f'2025-01-01 * "n"\n  {posting}')
            for posting in ("Assets:A  2 EUR", "Assets:A  1 USD", "Assets:B  1 EUR", "! Assets:A  1 EUR",
                            "Assets:A  1 EUR @ 1 USD", "Assets:A  1 EUR {1 USD}", "Assets:A  1 EUR\n    aa: 1")
        ),
        ('2025-01-01 note Assets:A "x"', '2025-01-01 note Assets:A "y"'),
        ('2025-01-01 note Assets:A "x"', '2025-01-02 note Assets:A "x"'),
        ('2025-01-01 note Assets:A "x"', '2025-01-01 note Assets:A "x"\n  aa: 1'),
        ('2025-01-01 custom "x" "y"', '2025-01-01 custom "x" "z"'),
        ('2025-01-01 custom "x" "y"', '2025-01-01 custom "y" "y"'),
        ("2025-01-01 open Assets:A", "2025-01-01 open Assets:A EUR"),
    ],
)  # fmt: skip
def test_whatever_a_directive_says_is_part_of_its_meaning(one: str, other: str) -> None:
    (first,), (second,) = (read_again.meanings(text + "\n")[0] for text in (one, other))
    assert first != second
    assert [first] == read_again.meanings(one.replace("\n", "\r\n") + "\n")[0]


def test_marks_and_fields_mean_the_same_in_any_order() -> None:
    one, other = (
        '2025-01-01 * "n" #a #b ^c ^d\n  xx: 1\n  yy: 2\n',
        '2025-01-01 * "n" ^d ^c #b #a\n  yy: 2.0\n  xx: 1\n',
    )
    assert read_again.meanings(one) == read_again.meanings(other)


# -- records ---------------------------------------------------------------------------------------------------------


def test_a_record_is_written_field_by_field() -> None:
    fields = {
        "matter": 'the  oven\nof "all" \\ members',
        "body": "assembly",
        "for": 12,
        "against": Decimal(3),
        "minutes": None,
        "strategic": True,
        "published": date(2026, 1, 2),
    }
    assert record_text("decision", "D-1", DAY, fields) == (
        f'{DAY} custom "coop" "decision" "D-1"\n  matter: "the oven of \\"all\\" \\\\ members"\n  body: "assembly"\n'
        "  for: 12\n  against: 3\n  strategic: TRUE\n  published: 2026-01-02\n"
    )
    assert record_text("decision", "D-1", DAY, {"strategic": False}).endswith("\n  strategic: FALSE\n")
    assert refusal(lambda: record_text("decision", "D-1", DAY, {"body": "a king"})).startswith(
        'decision "D-1" field "body" must be one of '
    )


# -- entries as a treasurer would write them -------------------------------------------------------------------------

YEAR: Any = SimpleNamespace(name="2025", ends=DAY)
USD = Unit("USD", 2)
MOVES = (Entry("Equity:Surplus", -10_000, ()), Entry("Equity:Reserve", 1_234_500, ("step 1; a", "a fifth\nof it")))


def test_a_close_is_written_with_what_it_opens_and_why() -> None:
    assert close_text(Closing(YEAR, DAY, MOVES, ("Equity:Reserve",), 'the "A" \\ B', amends=False), USD) == (
        '2025-12-31 open Equity:Reserve\n\n2025-12-31 * "Close of 2025" #coop-close\n  period: "2025"\n'
        '  decision: "the \\"A\\" \\\\ B"\n'
        "  Equity:Surplus     100.00 USD\n  Equity:Reserve  -12345.00 USD  ; step 1; a; a fifth of it\n"
    )
    assert close_text(Closing(YEAR, DAY, MOVES[:1], (), None, amends=True), USD) == (
        '2025-12-31 * "Amendment to the close of 2025" #coop-close\n  period: "2025"\n  amends: TRUE\n'
        "  Equity:Surplus  100.00 USD\n"
    )


def test_an_exit_says_what_is_kept_back_and_set_off() -> None:
    postings = {
        "Equity:Capital:Ana": -500,
        "Assets:Loan": 200,
        "Equity:Losses": 1,
        "Liabilities:FormerMembers:Ana": 299,
    }
    terms = SimpleNamespace(named='bylaw "exit"', place="main.beancount:3")
    settlement: Any = SimpleNamespace(
        day=DAY,
        postings=postings,
        set_off=(("Assets:Loan", 200),),
        deduct_to="Equity:Losses",
        leaving=SimpleNamespace(terms=terms, person="ana"),
    )
    proposal: Any = SimpleNamespace(settlement=settlement, opens=("Liabilities:FormerMembers:Ana",))
    assert exit_text(proposal, USD) == (
        "2025-12-31 open Liabilities:FormerMembers:Ana\n\n"
        '2025-12-31 * "Exit of ana: capital becomes a debt" #coop-exit\n'
        "  Equity:Capital:Ana              5.00 USD\n"
        '  Assets:Loan                    -2.00 USD  ; set off by bylaw "exit" at main.beancount:3\n'
        '  Equity:Losses                  -0.01 USD  ; kept back by bylaw "exit" at main.beancount:3\n'
        "  Liabilities:FormerMembers:Ana  -2.99 USD\n"
    )
    postings["Equity:Losses"], postings["Liabilities:FormerMembers:Ana"] = -1, 301  # nothing is kept back then
    assert exit_text(proposal, USD).count("  ; ") == 1


def test_interest_and_what_is_paid_back_are_an_entry_a_year() -> None:
    interest: Any = SimpleNamespace(
        period=YEAR, opens=("Equity:New",), postings=(Entry("Equity:New", 5, ()), *MOVES[:1])
    )
    assert interest_text(interest, USD) == (
        '2025-12-31 open Equity:New\n\n2025-12-31 * "Interest on members\' capital for 2025" #coop-interest\n'
        '  period: "2025"\n  Equity:New       -0.05 USD\n  Equity:Surplus  100.00 USD\n'
    )
    rows = (("2024", "bo", 3), ("2023", "bo", 2), ("2023", "ana", 1))
    payouts = [
        SimpleNamespace(row=SimpleNamespace(period=period, member=who, account=f"Equity:{who.title()}"), units=units)
        for period, who, units in rows
    ]
    redemption: Any = SimpleNamespace(as_of=DAY, payouts=payouts, source="Assets:Bank")
    assert redemption_text(redemption, USD) == (
        '2025-12-31 * "Redemption of capital of 2023" #coop-redeem\n'
        "  Equity:Ana    0.01 USD\n  Equity:Bo     0.02 USD\n  Assets:Bank  -0.03 USD\n\n"
        '2025-12-31 * "Redemption of capital of 2024" #coop-redeem\n'
        "  Equity:Bo     0.03 USD\n  Assets:Bank  -0.03 USD\n"
    )
    payouts.clear()
    assert redemption_text(redemption, USD) == ""


def test_a_seal_has_its_words_in_lines_that_break_between_them() -> None:
    days = SimpleNamespace(period="2025", starts=date(2025, 1, 1), until=DAY, sealed=date(2026, 3, 1))
    words = ("a-b" * 20, "c" * 40, "d" * 120, "e-f")
    seal: Any = SimpleNamespace(
        days=days, root="ef" * 32, sha256="ab" * 32, directives=7, previous="cd" * 32, entries=words
    )
    assert seal_text(seal) == (
        f'2026-03-01 custom "coop" "seal" "2025"\n  sha256: "{"ab" * 32}"\n  root: "{"ef" * 32}"\n  directives: 7\n'
        f'  starts: 2025-01-01\n  until: 2025-12-31\n  previous: "{"cd" * 32}"\n'
        f'  entries: "{words[0]}\n    {words[1]}\n    {words[2]}\n    e-f"\n'
    )
    days.starts, seal.previous, seal.entries = None, None, ()
    assert [line.split(":")[0].strip() for line in seal_text(seal).splitlines()[1:]] == [
        "sha256", "root", "directives", "until",
    ]  # fmt: skip


# -- the books as rows -----------------------------------------------------------------------------------------------


def test_a_source_is_all_that_the_books_say_up_to_a_day(tmp_path: Path) -> None:
    path = tmp_path / "main.beancount"
    path.write_text(
        'option "operating_currency" "EUR"\noption "name_assets" "Aktiva"\n2025-01-01 custom "coop" "member" "m01"\n'
        "2025-01-01 open Aktiva:Bank\n2025-01-01 open Income:Sales\n2025-01-01 price USD 0.50 EUR\n"
        '2025-01-02 * "sold" #tag\n  note: "n"\n  Aktiva:Bank   4.00 USD\n    own: 1\n  Income:Sales  -4.00 USD\n'
        '2025-01-02 * "abroad"\n  Aktiva:Bank   1.00 XAU\n  Income:Sales  -1.00 XAU\n'
        '2025-01-03 * "later"\n  Aktiva:Bank   1.00 EUR\n  Income:Sales\n',
        encoding="utf-8",
    )
    found = source_until(load_books(path), date(2025, 1, 2))
    assert [
        [(line.account, line.number, line.currency, line.line) for line in each.lines] for each in found.bookings
    ] == [
        [("Aktiva:Bank", Decimal(2), "EUR", 9), ("Income:Sales", Decimal(-2), "EUR", 11)],
        [("Aktiva:Bank", Decimal(1), "XAU", 13), ("Income:Sales", Decimal(-1), "XAU", 14)],
    ]
    first = found.bookings[0]
    assert (first.date, set(first.tags), dict(first.fields)) == (date(2025, 1, 2), {"tag"}, {"note": "n"})
    assert [dict(line.fields) for line in first.lines] == [{"own": Decimal(1)}, {}]
    assert (found.roots.assets, found.roots.income, found.folder) == ("Aktiva", "Income", tmp_path)
    assert found.facts.last_day == date(2025, 1, 2)


# -- the members' file -----------------------------------------------------------------------------------------------

HASHED = {"ana": "$argon2id$a", "bo": "$argon2id$b"}


def write_members(path: Path, data: Any, mode: int = 0o600) -> None:
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    path.chmod(mode)


def test_the_members_file_is_what_it_says(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    assert read_members_file(path) == MembersFile({}, ())
    made = change_members_file(path, lambda old: MembersFile({"zoë": "$argon2id$z", **HASHED}, (("s", 5), ("t", 4))))
    assert read_members_file(path) == made
    assert path.read_text() == (
        '{\n  "form": 1,\n  "members": {\n    "ana": {\n      "password": "$argon2id$a"\n    },\n    "bo": {\n      "password": '
        '"$argon2id$b"\n    },\n    "zoë": {\n      "password": "$argon2id$z"\n    }\n  },\n  "secrets": [\n    [\n      "s",\n'
        '      5\n    ],\n    [\n      "t",\n      4\n    ]\n  ]\n}\n'
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert members_file.members_file_of("books/main.beancount") == Path("books/main.members.json")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610, 0o601, 0o620, 0o602])
def test_nobody_else_may_do_anything_with_it(tmp_path: Path, mode: int) -> None:
    write_members(tmp_path / "m.json", {"form": 1, "members": {}, "secrets": []}, mode)
    with pytest.raises(MembersFileUnusable, match="others on this machine may read it"):
        read_members_file(tmp_path / "m.json")


@pytest.mark.parametrize(
    "data",
    [
        {"form": 2, "members": {}, "secrets": []},
        {"form": 1, "members": [], "secrets": []},
        {"form": 1, "members": {}, "secrets": {}},
        {"form": 1, "members": {"ana": {"password": "$argon2id$a"}, "bo": {"password": "plain"}}, "secrets": []},
        {"form": 1, "members": {"ana": {}}, "secrets": []},
        {"form": 1, "members": {}, "secrets": [["s"]]},
        {"form": 1, "members": {}, "secrets": [["s", "x"]]},
        [],
        "{",
    ],
)
def test_what_is_not_in_form_is_no_members_file(tmp_path: Path, data: Any) -> None:
    write_members(tmp_path / "m.json", data)
    with pytest.raises(MembersFileUnusable, match=r"this is no members' file: bring back a copy"):
        read_members_file(tmp_path / "m.json")


@pytest.mark.parametrize(("size", "read"), [(10_000_000, True), (10_000_001, False)])
def test_a_members_file_is_not_endless(tmp_path: Path, size: int, read: bool) -> None:
    text = '{"form": 1, "members": {}, "secrets": []}'
    write_members(tmp_path / "m.json", text[:-1] + " " * (size - len(text)) + "}")
    if read:
        assert read_members_file(tmp_path / "m.json") == MembersFile({}, ())
    else:
        with pytest.raises(MembersFileUnusable):
            read_members_file(tmp_path / "m.json")


# -- documents -------------------------------------------------------------------------------------------------------


def test_a_document_is_known_by_its_bytes_and_only_a_plain_file_is_one(tmp_path: Path) -> None:
    content = b"x" * ((1 << 20) + 1)
    (tmp_path / "a.pdf").write_bytes(content)
    (tmp_path / "empty.pdf").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert document_sha256(tmp_path, "a.pdf") == document_sha256(Path("/"), str(tmp_path / "a.pdf"))
    assert document_sha256(tmp_path, "a.pdf") == sha256(content).hexdigest()
    assert document_sha256(tmp_path, "empty.pdf") == sha256(b"").hexdigest()
    assert {document_sha256(tmp_path, name) for name in ("folder", "pipe", "none", "a\0b")} == {None}


# -- signatures ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the keys of two people, and the list of those who may sign."""
    folder = tmp_path_factory.mktemp("keys")
    lines = []
    for name in ("ada", "bea"):
        made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)]
        subprocess.run(made, check=True, timeout=60)
        lines.append(f"{name} {(folder / f'{name}.pub').read_text()}")
    (folder / "signers").write_text("".join(lines))
    return folder


def test_a_report_goes_out_signed_and_is_known_by_its_signer(tmp_path: Path, keys: Path) -> None:
    report, content = tmp_path / "r.json", b"{}\n"
    assert signing.would_sign(report, content, keys / "ada")
    ready = signing.prepared(report, content, keys / "ada")
    assert list(tmp_path.iterdir()) == []
    assert not signing.write_signed(ready)
    assert (report.read_bytes(), ready.signed_in.name) == (content, "r.json.sig")
    said = signing.verify(report, keys / "signers", "ada")
    assert said.startswith('Good "coopbooks-audit" signature for ada with ED25519 key SHA256:')
    assert "\n" not in said
    assert signing.would_sign(report, content, keys / "ada") is False
    assert signing.prepared(report, content, keys / "ada").signature == ready.signed_in.read_bytes()
    with pytest.raises(WrongSignature, match=r"bea did not sign these bytes: ssh-keygen says: \w"):
        signing.verify(report, keys / "signers", "bea")
    report.write_bytes(b"{1}\n")
    with pytest.raises(WrongSignature, match="ada did not sign these bytes"):
        signing.verify(report, keys / "signers", "ada")


def test_a_signature_of_something_else_or_of_somebody_else_is_left_where_it_is(tmp_path: Path, keys: Path) -> None:
    report = tmp_path / "r.json"
    signing.write_signed(signing.prepared(report, b"{}\n", keys / "ada"))
    for call in (signing.prepared, signing.would_sign):
        with pytest.raises(SignatureRefused, match="stands there already: move it away"):
            call(report, b"{}\n", keys / "bea")
    report.unlink()
    for call in (signing.prepared, signing.would_sign):
        with pytest.raises(SignatureRefused, match="stands there already: move it away"):
            call(report, b"{1}\n", keys / "ada")
    known = signing.fingerprint_of(keys / "ada")
    signature = tmp_path / "r.json.sig"
    assert known is not None
    assert signing.key_of(signature.read_bytes()) == known
    assert signing.stands(signature, known, b"{}\n", signing.NAMESPACE)
    assert not signing.stands(signature, known, b"{1}\n", signing.NAMESPACE)
    assert not signing.stands(signature, known, b"{}\n", "another purpose")
    assert not signing.stands(signature, "ab" * 32, b"{}\n", signing.NAMESPACE)
    assert not signing.stands(tmp_path / "none", known, b"{}\n", signing.NAMESPACE)


def test_what_is_missing_is_said_before_anything_is_signed(
    tmp_path: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tmp_path / "r.json"
    (tmp_path / "no key").write_text("; none\n")
    assert signing.fingerprint_of(tmp_path / "no key") is None
    with pytest.raises(SignatureRefused, match=r"r\.json was not signed: ssh-keygen says: \w"):
        signing.prepared(report, b"{}\n", tmp_path / "no key")
    for call in (signing.prepared, signing.would_sign):
        with pytest.raises(SignatureRefused, match="none is no file: give the private key that signs"):
            call(report, b"{}\n", keys / "none")
    report.write_bytes(b"{}\n")
    with pytest.raises(WrongSignature, match="the signature should stand there"):
        signing.verify(report, keys / "signers", "ada")
    with pytest.raises(SignatureRefused, match="the allowed signers should stand there"):
        signing.verify(report, keys / "none", "ada")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="ssh-keygen is not installed"):
        signing.prepared(report, b"{}\n", keys / "ada")


def test_a_report_without_a_key_has_no_signature_and_its_record_comes_last(tmp_path: Path) -> None:
    report, book, record = tmp_path / "r.json", tmp_path / "b", "2025-01-01 open Assets:A\n"
    ready = signing.prepared(report, b"{}\n", None)
    assert ready.signature is None
    refused = refusal(partial(signing.write_signed, ready, book, record, since="ab"))
    assert "another program changed it" in refused
    assert list(tmp_path.iterdir()) == []
    assert signing.write_signed(ready, book, record, since="")
    assert not signing.write_signed(ready, book, record, since=writing.stamp(book))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "r.json"]
    assert "something else stands there" in refusal(partial(signing.prepared, report, b"other", None))


@pytest.mark.parametrize(
    ("script", "said"),
    [("exit 0", "nothing (0)"), ("printf 'no \\377' >&2; exit 1", "no \ufffd"), ("echo signed; exit 1", "signed")],
)
def test_a_program_that_signs_nothing_is_told_in_its_own_words(
    tmp_path: Path, keys: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    program = tmp_path / "ssh-keygen"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert signing.fingerprint_of(keys / "ada") is None
    with pytest.raises(SignatureRefused) as refused:
        signing.prepared(tmp_path / "r.json", b"{}\n", keys / "ada")
    assert str(refused.value) == f"{tmp_path}/r.json was not signed: ssh-keygen says: {said}"


def test_no_report_is_written_whose_signature_could_not_be(tmp_path: Path) -> None:
    ready = signing.Ready(tmp_path / "r.json", b"{}\n", b"a signature\n")
    ready.signed_in.write_bytes(b"another\n")
    ready.signed_in.chmod(0o444)
    assert "it is write-protected" in refusal(partial(signing.write_signed, ready))
    assert not ready.report.exists()
