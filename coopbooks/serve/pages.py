"""The door's own pages: signing in and out, a member's own password, and the catch-all behind which the book is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

from coopbooks.books.members_file import MembersFileUnusable
from coopbooks.errors import CoopbooksError, WriteRefused
from coopbooks.serve.access import SESSION_HOURS, Access, ServeRefused
from coopbooks.serve.login import (
    PASSWORD_MAX,
    PASSWORD_MIN,
    Members,
    PasswordRefused,
    Session,
    limit_address,
    local_path,
)
from coopbooks.serve.refusals import SIGN_IN, refused, said

if TYPE_CHECKING:
    from flask import Flask, Request, Response
    from flask.sessions import SessionInterface

__all__ = ["add_log_in", "add_pages"]

_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT")
_BY_ADDRESS = "30 per 15 minutes"
_BY_MEMBER = "10 per 15 minutes"
_WRONG = "That id and password do not belong together: try again, or ask the treasurer for a new password."
_STYLES = {"door": "door.css", "fava": "fava.css"}


def add_log_in(app: Flask, access: Access) -> Members | None:
    """Sessions for the members in the members' file; None where it names nobody.

    Raises MembersFileUnusable for a file that is not in form, ServeRefused without a clock.
    """
    app.config.update(
        SECRET_KEY=token_urlsafe(48),
        WTF_CSRF_SECRET_KEY=token_urlsafe(48),
        WTF_CSRF_TIME_LIMIT=SESSION_HOURS * 3600,
        SESSION_COOKIE_NAME="__Host-coopbooks" if access.https else "coopbooks",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=access.https,
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=SESSION_HOURS),
        SESSION_REFRESH_EACH_REQUEST=False,
        SESSION_PROTECTION=None,  # a telephone changes its address; our sessions are bound to the password
        RATELIMIT_STORAGE_URI="memory://",
        RATELIMIT_STRATEGY="moving-window",
    )
    if access.members_file is None:
        return None
    if access.clock is None:
        raise ServeRefused("a log-in needs a clock: give `Access(clock=time.time)`")
    members = Members(access.members_file, access.clock)
    if not members.file.hashes:
        return None
    from flask_login import LoginManager

    manager = LoginManager()
    manager.init_app(app)
    manager.user_loader(members.session_of)
    app.session_interface = _sessions_of(members)
    return members


def _sessions_of(members: Members) -> SessionInterface:
    """Sessions signed with the secrets in the members' file, as they stand when a cookie is read."""
    from flask.sessions import SecureCookieSessionInterface

    class Sessions(SecureCookieSessionInterface):
        def open_session(self, app: Flask, request: Request) -> Any:
            # A file that cannot be read is told by whoever asks next who is signed in.
            with suppress(MembersFileUnusable):
                app.secret_key, *old = members.secrets()
                app.config["SECRET_KEY_FALLBACKS"] = old
            return super().open_session(app, request)

    return Sessions()


def add_pages(
    app: Flask, access: Access, members: Members | None, read: Callable[[], Any], home: Callable[[], str]
) -> None:
    """Every address of the application: the door's own pages, and all others as `read` answers them."""
    from flask import Response
    from flask_wtf.csrf import CSRFProtect
    from werkzeug.exceptions import HTTPException

    app.before_request(_who(access, members))
    csrf = CSRFProtect(app)
    asks_who = members is not None or access.proxy_header is not None

    def first() -> Any:
        return _first(asks_who, members, read, home)

    def style(name: str) -> Any:
        answer = Response(_style(_STYLES[name]), mimetype="text/css")
        answer.headers["Cache-Control"] = "public, max-age=3600"
        return answer

    def elsewhere(rest: str) -> Any:  # noqa: ARG001 - Flask gives it; the whole address is read
        return read()

    def failed(error: Exception) -> Any:
        if isinstance(error, HTTPException):
            return _with_wait(refused(said(error.code or 500), is_data=False))
        if isinstance(error, MembersFileUnusable):
            app.logger.error("%s", error)
            return refused(said(503))
        app.logger.error("%s", type(error).__name__)
        return refused(said(500))

    app.add_url_rule("/", "first", first, methods=_METHODS, provide_automatic_options=False)
    app.add_url_rule("/~<any(door, fava):name>.css", "style", style, methods=["GET"], provide_automatic_options=False)
    app.add_url_rule("/<path:rest>", "elsewhere", elsewhere, methods=_METHODS, provide_automatic_options=False)
    for view in (first, elsewhere):  # nothing is read of what is sent there
        csrf.exempt(view)
    app.register_error_handler(Exception, failed)
    if members is not None:
        _add_sign_in(app, members, home)


def _first(asks_who: bool, members: Members | None, read: Callable[[], Any], home: Callable[[], str]) -> Any:
    """The way to the first page, which has the name of the book in its address: it is not for strangers."""
    from flask import redirect, request

    if request.method not in ("GET", "HEAD"):
        return read()
    if not asks_who or "coopbooks.member" in request.environ:
        return redirect(home(), 303)
    return refused(SIGN_IN) if members is None else redirect("/~sign-in", 303)


def _with_wait(answer: Response) -> Response:
    if answer.status_code == 429:
        answer.headers["Retry-After"] = "900"
    return answer


def _who(access: Access, members: Members | None) -> Callable[[], None]:
    """Puts the id of who is signed in, here or at the declared proxy, where the pages find it."""

    def who() -> None:
        from flask import request

        environ = request.environ
        proxied = environ.get("coopbooks.proxied", "")
        if access.proxy_header and proxied.isprintable() and 0 < len(proxied) <= 64 and "," not in proxied:
            environ["coopbooks.member"] = proxied
        elif members is not None:
            from flask_login import current_user

            if current_user.is_authenticated:
                environ["coopbooks.member"] = environ["coopbooks.account"] = current_user.member

    return who


def _add_sign_in(app: Flask, members: Members, home: Callable[[], str]) -> None:
    """The pages for signing in, signing out and one's own password, and the limits on trying."""
    from flask import request
    from flask_limiter import Limiter

    limiter = Limiter(lambda: limit_address(request.remote_addr or ""), app=app)
    by_address = limiter.shared_limit(
        _BY_ADDRESS, "address", methods=["POST"], deduct_when=lambda answer: answer.status_code != 303
    )
    by_member = limiter.shared_limit(_BY_MEMBER, "member", key_func=_member_tried, methods=["POST"])
    desk = _Desk(members, home)

    def sign_in() -> Any:
        return desk.sign_in()

    def sign_out() -> Any:
        return desk.sign_out()

    def account() -> Any:
        return desk.account()

    for path, name, view, methods in (
        ("/~sign-in", "sign_in", by_address(by_member(sign_in)), ["GET", "POST"]),
        ("/~sign-out", "sign_out", sign_out, ["POST"]),
        ("/~account", "account", by_address(by_member(account)), ["GET", "POST"]),
    ):
        app.add_url_rule(path, name, view, methods=methods, provide_automatic_options=False)


class _Desk:
    """Where members sign in, sign out and change their password."""

    def __init__(self, members: Members, home: Callable[[], str]) -> None:
        self._members = members
        self._home = home

    def sign_in(self) -> Any:
        """The form, and the session of whoever fills it in rightly."""
        from flask import redirect, render_template, request
        from flask_login import current_user

        wanted = local_path(request.values.get("next", "")) or ""
        if request.method != "POST":  # a HEAD with a body must not try a password: no limit and no token would stop it
            if current_user.is_authenticated:
                return redirect(wanted or self._home(), 303)
            return render_template("sign_in.html", next=wanted, member="", wrong="")
        member = request.form.get("member", "").strip()
        opened = self._members.opened(member, request.form.get("password", ""))
        if opened is None:
            return render_template("sign_in.html", next=wanted, member=member[:64], wrong=_WRONG), 401
        _begin(opened)
        return redirect(wanted or self._home(), 303)

    def sign_out(self) -> Any:
        """The end of a session: its cookie is worth nothing from now on, wherever it was copied to."""
        from flask import redirect, session
        from flask_login import current_user, logout_user

        if current_user.is_authenticated:
            self._members.end(current_user.number, current_user.began)
        logout_user()
        session.clear()
        return redirect("/~sign-in", 303)

    def account(self) -> Any:
        """The page about oneself, and another password for whoever knows the present one."""
        from flask import redirect, render_template, request
        from flask_login import current_user

        if not current_user.is_authenticated:
            return redirect("/~sign-in", 303)
        member = current_user.member
        told = {"member": member, "home": self._home(), "least": PASSWORD_MIN, "most": PASSWORD_MAX}
        if request.method != "POST":
            return render_template("account.html", wrong="", **told)
        try:
            wrong = _change_password(self._members, member)
        except (PasswordRefused, WriteRefused) as error:
            wrong = _said_of(error)
        opened = None if wrong else self._members.opened(member, request.form.get("new", ""))
        if opened is None:
            return render_template("account.html", wrong=wrong or _WRONG, **told), 400
        _begin(opened)
        return redirect("/~account?done=1", 303)


def _begin(opened: Session) -> None:
    """Give the visitor a session of its own; nothing of what the cookie held before stays."""
    from flask import session
    from flask_login import login_user

    session.clear()
    session.permanent = True
    login_user(opened)


def _member_tried() -> str:
    """Whose password is tried: who is signed in, else the id in the form, known or not."""
    from flask import request

    signed_in = request.environ.get("coopbooks.account")
    return f"member {signed_in or request.form.get('member', '').strip().casefold()[:64]}"


def _change_password(members: Members, member: str) -> str:
    """What is wrong with the form of a new password; "" when it was changed."""
    from flask import request

    form = request.form
    if form.get("new", "") != form.get("again", ""):
        return "The two new passwords differ: write the same one twice."
    if members.opened(member, form.get("password", "")) is None:
        return "The present password is another one: try again."
    members.change_password(member, form.get("new", ""))
    return ""


def _said_of(error: CoopbooksError) -> str:
    """An error as a page says it: what the disk refused is the treasurer's to know, with its path."""
    if isinstance(error, PasswordRefused):
        return f"{error.message[:1].upper()}{error.message[1:]}."
    return "The password could not be kept: tell the treasurer."


@lru_cache(maxsize=2)
def _style(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
