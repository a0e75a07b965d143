"""Somebody who asks an open book for pages, as a browser does; for the tests of the door."""

from __future__ import annotations

import re
from typing import Any

from argon2 import PasswordHasher
from werkzeug.test import Client, TestResponse

__all__ = ["CHEAP", "WORDS", "Visitor"]

CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""A hash of full strength takes a tenth of a second, and nothing here is about hashes."""

WORDS = "four plain words here"


class Visitor:
    """A browser at an address."""

    def __init__(self, app: Any, address: str = "127.0.0.1") -> None:
        self.client = Client(app, TestResponse)
        self._address = address

    def ask(self, path: str, method: str = "GET", **more: Any) -> TestResponse:
        """What the book answers."""
        headers = {"Host": "localhost", **more.pop("headers", {})}
        environ = {"REMOTE_ADDR": self._address}
        return self.client.open(path, method=method, headers=headers, environ_overrides=environ, buffered=True, **more)

    def data(self, path: str, **query: str) -> Any:
        """What Fava's script reads in an answer, which must be a good one."""
        answer = self.ask(path, query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.get_json()["data"]

    def sign_in(self, member: str, password: str = WORDS) -> None:
        """Go through the log-in."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.ask("/~sign-in").text)
        assert found
        fields = {"member": member, "password": password, "csrf_token": found[1]}
        assert self.ask("/~sign-in", "POST", data=fields).status_code == 303
