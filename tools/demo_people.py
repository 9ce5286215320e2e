"""People of the demonstration: let in as anybody is, by a link, with a password for the run."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

import urllib3

if TYPE_CHECKING:
    from tools.demo import Stage

ROLES = {
    "duty_officer": "Ada",
    "analyst": "Bela",
    "head": "Chidi",
    "administrator": "Dagny",
    "auditor": "Emeka",
    "diplomat": "Farah",
    "legal_officer": "Goran",
    "programme_officer": "Hana",
}
"""Who is let in at each party, by mandate."""


def let_in(stage: Stage) -> list[dict[str, str]]:
    """Let one person of each role in at a party's pages; return {role, email, password} of each."""
    host = re.sub(r"[^a-z]", "", stage.name.lower())
    return [
        _one(stage, role, name, f"{name.lower()}@{host}.example") for role, name in ROLES.items()
    ]


def _one(stage: Stage, role: str, name: str, email: str) -> dict[str, str]:
    password = f"{secrets.token_hex(4)}-{secrets.token_hex(4)}"
    link = stage.run("people", "--invite", "--mandate", role)["link"]
    # Nobody follows the page that comes after: that there is one is all that is asked.
    http = urllib3.PoolManager(
        retries=urllib3.Retry(redirect=False, raise_on_redirect=False), timeout=30
    )
    page = http.request("GET", link)
    cookies = _cookies(page)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.data.decode())
    fields = {
        "csrfmiddlewaretoken": token[1] if token else "",
        "name": name,
        "email": email,
        "password": password,
    }
    headers = {"Cookie": cookies, "Origin": stage.url}
    answer = http.request_encode_body(
        "POST", link, fields=fields, headers=headers, encode_multipart=False
    )
    if answer.status != 302:
        raise RuntimeError(f"{stage.name} let nobody in as {role}: {answer.status}.")
    return {"role": role, "email": email, "password": password}


def _cookies(page: urllib3.BaseHTTPResponse) -> str:
    return "; ".join(line.split(";")[0].strip() for line in page.headers.getlist("set-cookie"))
