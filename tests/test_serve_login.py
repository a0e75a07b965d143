"""The log-in from outside: who gets in, for how long, after how many tries; and the file that remembers it."""

from __future__ import annotations

import json
import os
import re
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters
from click.testing import CliRunner
from werkzeug.test import Client, TestResponse

from coopbooks.books.members_file import (
    MembersFile,
    MembersFileUnusable,
    change_members_file,
    members_file_of,
    read_members_file,
)
from coopbooks.cli import main
from coopbooks.errors import WriteRefused
from coopbooks.serve import Access, ServeRefused
from coopbooks.serve.access import network_of
from coopbooks.serve.application import create_app
from coopbooks.serve.login import (
    Members,
    PasswordRefused,
    check_password,
    limit_address,
    local_path,
    with_fresh_secret,
    with_member,
    without_member,
)

BOOK = """
    option "title" "Corner Shop"
    plugin "coopbooks.plugins"
    2025-01-01 open Expenses:Wages EUR
    2025-01-01 custom "coop" "member" "ana"
      wages: Expenses:Wages
    2025-01-01 custom "coop" "worker" "bo"
      wages: Expenses:Wages
"""
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PASSWORDS = {name: f"the words of {name} here" for name in ("ana", "bo")}
HASHED = {name: CHEAP.hash(password) for name, password in PASSWORDS.items()}
JOURNAL = "/corner-shop/journal/"
Ledger = Callable[..., Path]


class Clock:
    """The time, in seconds, as a test wants it."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash of full strength takes a tenth of a second and 64 MiB; one test tells that ours has it."""
    monkeypatch.setattr("coopbooks.serve.login._hasher", lambda: CHEAP)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(ledger: Ledger) -> Path:
    """The members' file of a ledger, with ana and bo in it."""
    path = members_file_of(ledger(BOOK))
    change_members_file(path, lambda _: with_fresh_secret(MembersFile(HASHED), 1_000_000))
    return path


def app_of(file: Path, clock: Clock, **more: Any) -> Any:
    """The book behind its log-in."""
    return create_app(file.with_name("main.beancount"), Access(members_file=file, clock=clock, **more))


class Visitor:
    """A browser at an address."""

    def __init__(self, app: Any, address: str = "198.51.100.7") -> None:
        self.client = Client(app, TestResponse)
        self.address = address

    def ask(self, path: str = JOURNAL, method: str = "GET", **more: Any) -> TestResponse:
        headers = {"Host": "localhost", **more.pop("headers", {})}
        environ = {"REMOTE_ADDR": self.address}
        return self.client.open(path, method=method, headers=headers, environ_overrides=environ, buffered=True, **more)

    def token(self, path: str = "/~sign-in") -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.ask(path).text)
        assert found
        return found[1]

    def sign_in(self, member: str = "ana", password: str | None = None, **more: str) -> TestResponse:
        password = PASSWORDS.get(member, "") if password is None else password
        fields = {"member": member, "password": password, "csrf_token": self.token(), **more}
        return self.ask("/~sign-in", "POST", data=fields)

    def cookie(self) -> str:
        found = self.client.get_cookie("coopbooks", "localhost")
        return found.value if found else ""

    def is_in(self) -> bool:
        status = self.ask().status_code
        assert status in (200, 303)
        return status == 200


# -- signing in and out ---------------------------------------------------------------------------------


def test_a_member_signs_in_and_out(file: Path, clock: Clock) -> None:
    visitor = Visitor(app_of(file, clock))
    assert not visitor.is_in()
    answer = visitor.sign_in()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/corner-shop/extension/OpenBook/")
    assert visitor.is_in()
    assert "ana: password, sign out" in visitor.ask().text
    kept = visitor.cookie()
    assert visitor.ask("/~sign-out").status_code == 404
    assert visitor.is_in()
    visitor.ask("/~sign-out", "POST", data={"csrf_token": visitor.token("/~account")})
    assert not visitor.is_in()
    visitor.client.set_cookie("coopbooks", kept, domain="localhost")
    assert not visitor.is_in(), "a copy of the cookie outlives signing out"


@pytest.mark.parametrize(
    ("member", "password"),
    [("ana", "wrong wrong wrong"), ("ana", ""), ("ana", PASSWORDS["bo"]), ("nobody", PASSWORDS["ana"]), ("", ""),
     ("ANA", PASSWORDS["ana"]), ("ana\nx", PASSWORDS["ana"]), ("ana", "x" * 15_000)],
)  # fmt: skip
def test_nobody_else_gets_in_and_all_are_told_the_same(member: str, password: str, file: Path, clock: Clock) -> None:
    visitor = Visitor(app_of(file, clock))
    answer = visitor.sign_in(member, password)
    assert answer.status_code == 401
    assert "That id and password do not belong together" in answer.text
    assert not visitor.is_in()
    assert password not in answer.text or len(password) < 5


def test_the_session_that_a_stranger_planted_is_not_the_one_that_opens(file: Path, clock: Clock) -> None:
    app = app_of(file, clock)
    stranger, ana = Visitor(app), Visitor(app)
    planted_token = stranger.token()
    planted = stranger.cookie()
    ana.client.set_cookie("coopbooks", planted, domain="localhost")
    assert (
        ana.ask(
            "/~sign-in", "POST", data={"member": "ana", "password": PASSWORDS["ana"], "csrf_token": planted_token}
        ).status_code
        == 303
    )
    assert ana.cookie() != planted
    assert ana.is_in()
    assert not stranger.is_in()
    assert ana.ask("/~sign-out", "POST", data={"csrf_token": planted_token}).status_code == 400
    assert ana.is_in()


def test_a_session_ends_after_twelve_hours_however_often_it_is_used(file: Path, clock: Clock) -> None:
    visitor = Visitor(app_of(file, clock))
    visitor.sign_in()
    for _ in range(4):
        clock.now += 3 * 3600 - 1
        assert visitor.is_in()
        visitor.ask("/~account")
    clock.now += 10
    assert not visitor.is_in()


def test_sessions_end_with_the_member_and_with_the_password(file: Path, clock: Clock) -> None:
    app = app_of(file, clock)
    ana, bo = Visitor(app), Visitor(app)
    ana.sign_in()
    bo.sign_in("bo")
    change_members_file(file, lambda old: without_member(old, "ana", 1_000_000))
    assert (ana.is_in(), bo.is_in()) == (False, True)
    assert ana.sign_in().status_code == 401
    change_members_file(file, lambda old: with_member(old, "bo", "another four words here", 1_000_000))
    assert not bo.is_in()


def test_a_changed_cookie_opens_nothing(file: Path, clock: Clock) -> None:
    visitor = Visitor(app_of(file, clock))
    visitor.sign_in()
    good = visitor.cookie()
    head, _, rest = good.partition(".")
    for bad in (head, "", head + "A." + rest, good[:-2] + ("AA" if good[-2:] != "AA" else "BB"), good.swapcase(), "é"):
        visitor.client.set_cookie("coopbooks", bad, domain="localhost")
        assert not visitor.is_in(), bad


def test_a_cookie_of_another_book_opens_nothing(file: Path, clock: Clock, tmp_path: Path) -> None:
    visitor = Visitor(app_of(file, clock))
    visitor.sign_in()
    other = tmp_path / "other.json"
    change_members_file(other, lambda _: with_fresh_secret(MembersFile(HASHED), 1_000_000))
    stranger = Visitor(create_app(file.with_name("main.beancount"), Access(members_file=other, clock=clock)))
    stranger.client.set_cookie("coopbooks", visitor.cookie(), domain="localhost")
    assert not stranger.is_in()


@pytest.mark.parametrize("https", [False, True])
def test_the_cookie_is_for_this_site_alone(file: Path, clock: Clock, https: bool) -> None:
    visitor = Visitor(app_of(file, clock, https=https))
    (cookie,) = visitor.ask("/~sign-in").headers.getlist("Set-Cookie")
    flags = {part.strip().split("=")[0].lower() for part in cookie.split(";")}
    assert {"httponly", "samesite", "path"} <= flags
    assert "SameSite=Lax" in cookie
    assert ("secure" in flags) is https
    assert cookie.startswith("__Host-coopbooks=" if https else "coopbooks=")
    assert "domain" not in flags


# -- forms that no other site can send ---------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/~sign-in", "/~sign-out", "/~account"])
@pytest.mark.parametrize("token", [None, "", "wrong", "of another visitor"])
def test_a_form_without_its_token_does_nothing(path: str, token: str | None, file: Path, clock: Clock) -> None:
    app = app_of(file, clock)
    visitor = Visitor(app)
    if path != "/~sign-in":
        visitor.sign_in()
    fields = {
        "member": "ana",
        "password": PASSWORDS["ana"],
        "new": "other four words here",
        "again": "other four words here",
    }
    if token is not None:
        fields["csrf_token"] = Visitor(app).token() if token.startswith("of") else token
    assert visitor.ask(path, "POST", data=fields).status_code == 400
    assert visitor.is_in() is (path != "/~sign-in")
    assert read_members_file(file).hashes == HASHED


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        (JOURNAL + "?time=2025", True),
        ("//evil.example/", False),
        ("/\\evil.example", False),
        ("https://evil.example/", False),
        ("javascript:alert(1)", False),
        ("/\t/evil.example", False),
        ("/~sign-out", False),
        ("evil", False),
        ("", False),
        ("/" + "x" * 3000, False),
    ],
)
def test_signing_in_leads_nowhere_else(wanted: str, there: bool, file: Path, clock: Clock) -> None:
    visitor = Visitor(app_of(file, clock))
    location = visitor.sign_in(next=wanted).headers["Location"]
    assert location == (wanted if there else "/corner-shop/extension/OpenBook/")
    assert (local_path(wanted) == wanted) is there


def test_the_way_back_is_kept(file: Path, clock: Clock) -> None:
    visitor = Visitor(app_of(file, clock))
    answer = visitor.ask(JOURNAL + "?time=2025&filter=%22a%22")
    assert answer.headers["Location"].startswith("/~sign-in?next=%2Fcorner-shop%2Fjournal%2F%3Ftime%3D2025")
    assert 'value="/corner-shop/journal/?time=2025' in visitor.ask(answer.headers["Location"]).text


# -- limits ------------------------------------------------------------------------------------------------


def test_one_members_password_is_tried_ten_times_from_wherever(file: Path, clock: Clock) -> None:
    app = app_of(file, clock)
    for number in range(10):
        assert Visitor(app, f"198.51.100.{number}").sign_in("ana", "wrong wrong wrong").status_code == 401
    answer = Visitor(app, "198.51.100.99").sign_in()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert "wait a quarter of an hour" in answer.text
    assert Visitor(app, "198.51.100.99").sign_in("bo").status_code == 303


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_password_is_tried_by_sending_the_form_and_in_no_other_way(method: str, file: Path, clock: Clock) -> None:
    visitor = Visitor(app_of(file, clock))
    answer = visitor.ask("/~sign-in", method, data={"member": "ana", "password": PASSWORDS["ana"]})
    assert answer.status_code == 200
    assert not visitor.is_in()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_password_is_changed_by_sending_the_form_and_in_no_other_way(method: str, file: Path, clock: Clock) -> None:
    visitor = Visitor(app_of(file, clock))
    visitor.sign_in()
    before = file.read_bytes()
    new = {"password": PASSWORDS["ana"], "new": "some quite other words", "again": "some quite other words"}
    assert visitor.ask("/~account", method, data=new).status_code == 200
    assert file.read_bytes() == before


def test_one_address_tries_thirty_times_but_a_whole_coop_signs_in_from_it(file: Path, clock: Clock) -> None:
    change_members_file(
        file, lambda old: old._replace(hashes={**old.hashes, **{f"m{n}": HASHED["ana"] for n in range(9)}})
    )
    app = app_of(file, clock)
    for number in range(4):
        for member in range(9):
            assert Visitor(app).sign_in(f"m{member}", PASSWORDS["ana"]).status_code == 303, number
    for number in range(30):
        assert Visitor(app).sign_in(f"nobody{number}", "wrong").status_code == 401
    assert Visitor(app).sign_in().status_code == 429
    assert Visitor(app, "203.0.113.5").sign_in().status_code == 303


def test_hashes_are_as_strong_as_they_should_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    made = extract_parameters(with_member(MembersFile(), "ana", PASSWORDS["ana"], 0).hashes["ana"])
    assert (made.type.name, made.memory_cost >= 19 * 1024, made.time_cost >= 2, made.salt_len >= 16) == (
        "ID",
        True,
        True,
        True,
    )


def test_a_household_is_one_address() -> None:
    assert (
        limit_address("2001:db8:1:2:3::4") == limit_address("2001:db8:1:2:ffff::1") != limit_address("2001:db8:1:3::1")
    )
    assert limit_address("::ffff:192.0.2.1") == limit_address("192.0.2.1") != limit_address("192.0.2.2")
    assert limit_address("nonsense") == "unknown"


def test_somebody_unknown_costs_as_much_work_as_a_wrong_password(
    file: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    verify = PasswordHasher.verify

    def watched(self: PasswordHasher, known: str, password: str) -> bool:
        tried.append(known)
        return verify(self, known, password)

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    members = Members(file, clock)
    assert members.opened("ana", "wrong") is None
    assert members.opened("nobody", "wrong") is None
    known, unknown = map(extract_parameters, tried)
    assert known == unknown


# -- one's own password --------------------------------------------------------------------------------------


def change(visitor: Visitor, **fields: str) -> TestResponse:
    form = {
        "csrf_token": visitor.token("/~account"),
        "password": PASSWORDS["ana"],
        "new": "other four words here",
        "again": "other four words here",
    }
    return visitor.ask("/~account", "POST", data=form | fields)


def test_a_member_changes_the_password_and_every_other_session_ends(file: Path, clock: Clock) -> None:
    app = app_of(file, clock)
    here, elsewhere = Visitor(app), Visitor(app)
    here.sign_in()
    elsewhere.sign_in()
    assert change(here).headers["Location"] == "/~account?done=1"
    assert (here.is_in(), elsewhere.is_in()) == (True, False)
    assert elsewhere.sign_in().status_code == 401
    assert elsewhere.sign_in("ana", "other four words here").status_code == 303
    assert read_members_file(file).hashes["bo"] == HASHED["bo"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"password": "wrong"}, "The present password is another one"),
        ({"again": "something else entirely"}, "The two new passwords differ"),
        ({"new": "short", "again": "short"}, "A password has 12 to 200 characters"),
        ({"new": "aaaaaaaaaaaaaaa", "again": "aaaaaaaaaaaaaaa"}, "guessed at once"),
        ({"new": "", "again": ""}, "A password has 12 to 200 characters"),
    ],
)
def test_a_password_is_changed_only_as_it_should_be(
    fields: dict[str, str], said: str, file: Path, clock: Clock
) -> None:
    visitor = Visitor(app_of(file, clock))
    visitor.sign_in()
    answer = change(visitor, **fields)
    assert (answer.status_code, said in answer.text) == (400, True)
    assert read_members_file(file).hashes == HASHED
    assert str(file.parent) not in answer.text


def test_nobody_changes_a_password_without_a_session(file: Path, clock: Clock) -> None:
    visitor = Visitor(app_of(file, clock))
    assert visitor.ask("/~account").headers["Location"] == "/~sign-in"
    answer = visitor.ask("/~account", "POST", data={"csrf_token": visitor.token(), "password": PASSWORDS["ana"]})
    assert answer.headers["Location"] == "/~sign-in"


# -- a reverse proxy -----------------------------------------------------------------------------------------

PROXY = {"proxy_header": "X-Coop-Member", "proxies": (network_of("192.0.2.0/28"),), "whole_ledger": True}


def test_a_proxys_header_is_believed_from_the_proxy_alone(file: Path, clock: Clock) -> None:
    app = app_of(file, clock, **PROXY)
    named = {"X-Coop-Member": "bo"}
    assert Visitor(app, "192.0.2.5").ask(JOURNAL, headers=named).status_code == 200
    for address in ("192.0.2.16", "127.0.0.1", "::1", ""):
        assert Visitor(app, address).ask(JOURNAL, headers=named).status_code == 303
    for forged in ({"X-Forwarded-For": "192.0.2.5", "X-Coop-Member": "bo"}, {"Coopbooks.member": "bo"}):
        assert Visitor(app, "198.51.100.1").ask(JOURNAL, headers=forged).status_code == 303


@pytest.mark.parametrize("name", ["", "bo, ana", "b" * 65, "bo\x7f"])
def test_a_proxy_names_one_member(name: str, file: Path, clock: Clock) -> None:
    app = app_of(file, clock, **PROXY)
    assert Visitor(app, "192.0.2.5").ask(JOURNAL, headers={"X-Coop-Member": name}).status_code == 303


def test_the_pages_are_told_who_is_signed_in(file: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []
    app = app_of(file, clock, **PROXY)
    fava = app.config["BOOK"].fava
    inside = fava.wsgi_app

    def watched(environ: dict[str, Any], start: Any) -> Any:
        seen.append(environ)
        return inside(environ, start)

    monkeypatch.setattr(fava, "wsgi_app", watched)
    Visitor(app, "192.0.2.5").ask(JOURNAL, headers={"X-Coop-Member": "bo", "X-Other": "1", "Cookie": "a=b"})
    ana = Visitor(app)
    ana.sign_in()
    ana.ask()
    assert [environ["coopbooks.member"] for environ in seen] == ["bo", "ana"]
    assert not any(
        name in environ for environ in seen for name in ("HTTP_COOKIE", "HTTP_X_COOP_MEMBER", "HTTP_X_OTHER")
    )


def test_limits_count_the_visitors_of_a_declared_proxy_and_nobody_elses_word(file: Path, clock: Clock) -> None:
    app = app_of(file, clock, **PROXY)
    via = Visitor(app, "192.0.2.5")

    def tried(visitor: Visitor, forwarded: str, member: str) -> int:
        token = visitor.token()
        data = {"member": member, "password": "wrong", "csrf_token": token}
        return visitor.ask("/~sign-in", "POST", data=data, headers={"X-Forwarded-For": forwarded}).status_code

    assert {tried(via, f"10.0.0.1, 203.0.113.{n}", f"x{n}") for n in range(32)} == {401}
    lone = Visitor(app, "198.51.100.1")
    assert [tried(lone, f"203.0.113.{n}", f"y{n}") for n in range(31)][-1] == 429


# -- the members' file ----------------------------------------------------------------------------------------


def test_the_file_is_its_owners_alone_and_holds_no_password(file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text()
    assert not any(password in text for password in PASSWORDS.values())
    assert all(each.startswith("$argon2id$") for each in read_members_file(file).hashes.values())
    assert sorted(each.name for each in file.parent.iterdir()) == ["main.beancount", "main.members.json"]


def test_the_file_is_made_private_whatever_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        change_members_file(tmp_path / "m.json", lambda old: with_fresh_secret(old, 0))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "m.json").stat().st_mode) == 0o600


def test_a_file_that_others_may_read_is_refused(file: Path, clock: Clock) -> None:
    file.chmod(0o640)
    with pytest.raises(MembersFileUnusable, match=r"others on this machine may read it, .* chmod 600"):
        app_of(file, clock)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"form": 2, "members": {}, "secrets": []}',
        '{"form": 1, "members": {"a": {"password": "plain"}}, "secrets": []}',
        '{"form": 1, "members": {}, "secrets": [["x", Infinity]]}',
        "[" * 100_000,
    ],
)
def test_a_file_that_is_none_is_refused_and_left_alone(text: str, file: Path, clock: Clock) -> None:
    file.write_text(text)
    with pytest.raises(MembersFileUnusable, match="this is no members' file"):
        app_of(file, clock)
    with pytest.raises(MembersFileUnusable):
        change_members_file(file, lambda old: old)
    assert file.read_text() == text


def test_a_broken_file_closes_the_book_while_it_is_served(file: Path, clock: Clock) -> None:
    visitor = Visitor(app_of(file, clock))
    visitor.sign_in()
    whole = file.read_text()
    file.write_text("x")
    answer = visitor.ask()
    assert (answer.status_code, str(file) in answer.text) == (503, False)
    file.write_text(whole)
    assert visitor.is_in()
    file.unlink()
    assert not visitor.is_in(), "without its file the book is closed, not open"


def test_a_write_that_fails_leaves_the_file_as_it_was(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = file.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WriteRefused, match="nothing was written"):
        change_members_file(file, lambda old: without_member(old, "ana", 0))
    assert file.read_bytes() == before
    assert len(list(file.parent.iterdir())) == 2


def test_changes_at_once_do_not_undo_each_other(file: Path) -> None:
    def add(number: int) -> None:
        change_members_file(file, lambda old: old._replace(hashes={**old.hashes, f"m{number}": HASHED["ana"]}))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(read_members_file(file).hashes) == {"ana", "bo", *(f"m{n}" for n in range(12))}


def test_the_secret_changes_every_week_and_sessions_live_through_it(file: Path, clock: Clock) -> None:
    first = read_members_file(file).secrets
    visitor = Visitor(app_of(file, clock))
    clock.now += 7 * 86400 - 3600
    visitor.sign_in()
    kept = visitor.cookie()
    clock.now += 3600
    again = Visitor(app_of(file, clock))
    secrets = read_members_file(file).secrets
    assert (len(secrets), secrets[1:]) == (2, first)
    again.client.set_cookie("coopbooks", kept, domain="localhost")
    assert again.is_in()
    assert len(with_fresh_secret(read_members_file(file), 1_000_000 + 15 * 86400).secrets) == 1
    assert json.loads(file.read_text())["secrets"][0][0] == secrets[0][0]


def test_a_log_in_needs_a_clock(file: Path) -> None:
    with pytest.raises(ServeRefused, match="needs a clock"):
        create_app(file.with_name("main.beancount"), Access(members_file=file))


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 201, "annamariabella", "ababababababab"])
def test_what_guards_nothing_is_no_password(password: str) -> None:
    with pytest.raises(PasswordRefused):
        check_password("Anna Maria Bella".replace(" ", ""), password)


# -- the command ----------------------------------------------------------------------------------------------


def command(*given: str, typed: str | None = None) -> tuple[int, str]:
    """The exit code of `coopbooks serve …`, and what it said."""
    result = CliRunner().invoke(main, ["serve", *given], input=typed)
    return result.exit_code, result.output


def test_members_are_added_and_removed(ledger: Ledger, clock: Clock) -> None:
    path = str(ledger(BOOK))
    file = members_file_of(path)
    code, said = command(path, "--add-member", "ana", typed="four plain words here\nmore\n")
    assert (code, said) == (0, f"ana may sign in ({file}).\n")
    assert Members(file, clock).opened("ana", "four plain words here")
    code, said = command(path, "--add-member", "ana", typed="other plain words here\n")
    assert (code, "has a new password" in said) == (0, True)
    code, said = command(path, "--remove-member", "ana")
    assert (code, "may sign in no more" in said) == (0, True)
    assert read_members_file(file).hashes == {}


@pytest.mark.parametrize(
    ("given", "typed", "said"),
    [
        (("--add-member", "anna"), "", '"anna" is no member or worker of'),
        (("--add-member", "anna"), "", "ana"),
        (("--add-member", "zzzz"), "", "write its record first"),
        (("--add-member", "bo"), "short\n", "a password has 12 to 200 characters"),
        (("--add-member", "bo"), "", "no password came in"),
        (("--remove-member", "bo"), "", '"bo" is not in'),
        (("--add-member", "bo", "--remove-member", "ana"), "", "not both"),
        (("--host", "0.0.0.0"), "", "is the whole ledger"),  # noqa: S104
        (("--host-name", "a.example"), "", "is the whole ledger"),
        (("--whole-ledger", "--host", "0.0.0.0"), "", "beyond this machine the book needs a log-in"),  # noqa: S104
        (("--whole-ledger", "--host-name", "a.example"), "", "beyond this machine the book needs a log-in"),
        (("--host", "example.org"), "", "is no address to listen on"),
        (("--proxy-header", "X-Who"), "", "name the proxy's address with --proxy-from"),
        (("--proxy-header", "X-Who", "--proxy-from", "127.0.0.1"), "", "is the whole ledger"),
        (("--proxy-from", "proxy"), "", '"proxy" is no address'),
    ],
)
def test_what_the_command_refuses_is_one_sentence_with_its_cure(
    given: tuple[str, ...], typed: str, said: str, ledger: Ledger
) -> None:
    path = ledger(BOOK)
    code, output = command(str(path), *given, typed=typed)
    assert (code, output.count("\n")) == (2, 1)
    assert said in output
    assert not members_file_of(path).exists()
