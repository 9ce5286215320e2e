"""People of the demonstration: let in as anybody is, by links, with passwords made for the run."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING

import urllib3
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tools.demo import Stage

FIRST = "administrator"
ROLES = {
    "duty_officer": "Ada",
    "analyst": "Bela",
    "head": "Chidi",
    FIRST: "Dagny",
    "diplomat": "Farah",
    "legal_officer": "Goran",
    "programme_officer": "Hana",
    "auditor": "Emeka",
}
"""Who is let in at each party, by mandate: ``FIRST`` by a command, who then invites the others."""
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
LINK = re.compile(r"/welcome/[^<\"]+")
WAITING = re.compile(r'<ul class="tasks">(.*?)</ul>', re.DOTALL)


@dataclass
class Browser:
    """One person at a party's pages, at ``url``: keeps cookies, and sends forms as they stand."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)
    http: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(
            retries=urllib3.Retry(redirect=False, raise_on_redirect=False), timeout=30
        )
    )

    def get(self, path: str) -> str:
        """Return a page, or "" where there is none."""
        answer = self.http.request("GET", self.url + path, headers=self.headers())
        self._keep(answer)
        return answer.data.decode() if answer.status == HTTPStatus.OK else ""

    def send(self, path: str, fields: Mapping[str, str | list[str]]) -> tuple[str, str]:
        """Fill in the form of a page. Return where it leads, or "", and the page that came."""
        sent: list[tuple[str, str]] = HIDDEN.findall(self.get(path))
        for name, value in fields.items():
            sent += [(name, each) for each in ([value] if isinstance(value, str) else value)]
        answer = self.http.request_encode_body(
            "POST", self.url + path, fields=sent, headers=self.headers(), encode_multipart=False
        )
        self._keep(answer)
        return answer.headers.get("location", ""), answer.data.decode()

    def headers(self) -> dict[str, str]:
        """Return what every request says of who asks."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": cookies, "Origin": self.url}

    def _keep(self, answer: urllib3.BaseHTTPResponse) -> None:
        for line in answer.headers.getlist("set-cookie"):
            self.cookies |= {name: held.value for name, held in SimpleCookie(line).items()}


@dataclass
class Person:
    """Somebody who may sign in at a party, and who is signed in with ``browser``."""

    role: str
    email: str
    password: str
    browser: Browser

    def waits(self) -> int:
        """Return how many things the page Work says need this person."""
        found = WAITING.search(self.browser.get("/").partition("<h2>")[0])
        return found[1].count("<li>") if found else 0

    def to_object(self) -> dict[str, str]:
        """Return what it takes to sign in as JSON values."""
        return {"role": self.role, "email": self.email, "password": self.password}


def let_in(stage: Stage) -> dict[str, Person]:
    """Let one person of each role in at a party's pages; return them by role."""
    first = _join(stage, FIRST, stage.run("people", "--invite", "--mandate", FIRST)["link"])

    def invited(role: str) -> Person:
        return _join(stage, role, first.browser.send("/people/invite", {"mandates": role})[1])

    return {role: first if role == FIRST else invited(role) for role in ROLES}


def _join(stage: Stage, role: str, told: str) -> Person:
    """Set up an account by the link that was told, which signs in; raises RuntimeError if not."""
    where = LINK.search(told)
    name = ROLES[role]
    email = f"{name.lower()}@{stage.folder.name}.example"
    password = f"{secrets.token_hex(4)}-{secrets.token_hex(4)}"
    person = Person(role, email, password, Browser(stage.url))
    typed = {"name": name, "email": email, "password": password}
    led, _ = person.browser.send(where[0], typed) if where else ("", "")
    if not led:
        raise RuntimeError(f"{stage.name} let nobody in as {role}.")
    return person


def table(stage: Stage, people: Iterable[Person]) -> Table:
    """Return who may sign in at a party, how, where, and how much waits there."""
    shown = Table(box=None, title=stage.name, title_justify="left", title_style="bold")
    for head in ("role", "email", "password", "link", "waits"):
        shown.add_column(head, no_wrap=True)
    for person in people:
        shown.add_row(
            person.role, person.email, person.password, stage.pages, str(person.waits() or "–")
        )
    return shown
