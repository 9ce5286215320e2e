"""Write docs/reference/api-v1.md from the API's own description.

Run as ``python -m tools.api_docs``; a test compares the page with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from comity.store.database import start_django
from tools import api_pages

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "api-v1.md"
HEAD = """# API, version 1

This page is written from the API's own description by `python -m tools.api_docs`. A node gives
that description, in OpenAPI 3.1 with every shape, at `/api/v1/openapi.json`, to whoever asks.

The API does what people do at the pages, for programs, by the same services and the same rules.
What is said in it is in English.

## Who asks

Every request but the one for the description shows a token: `Authorization: Bearer comity_…`. A
person makes it on the page of the account, and who commands the machine with `comity tokens`; see
[let programs in](../howto/let-programs-in.md). A token holds some of its maker's mandates,
narrowed to lanes and a label, and is asked at every use what its maker holds then. It never reads
TLP:RED, which is shown on pages alone.

A token of a **person** acts as that person. A token of a **machine** acts under its own name: its
drafts are its own, and the auditor sees the name. It approves nothing, declares no emergency,
acknowledges nothing, meets and accredits nobody, lets nobody in and puts no root keys in force:
those take a person. Nor is who made it a second person to what it prepared. It has no account, and
nothing awaits it.

When a person's password is changed or recovered, that person's tokens are revoked.

Sessions of the pages mean nothing here, and no cookie is read or set; that is why no form's token
(CSRF) is asked for: no browser sends the header by itself.

## Cursors

`GET /acts` and `GET /changes` take `since`, the cursor that the answer before gave, 0 at first.
The numbers are dense and given under a lock that lasts until they are committed: reading on from a
cursor never skips what another writer commits late. `more` says that more can be read at once. An
act comes once, in the order of admission here; its content may arrive later, and `held` says
whether it has. A dossier comes at its last change. What a token does not see is left out; the
cursor goes on over it, so that the numbers tell that more happens in the node, and nothing of
what. What a mandate lets somebody see later, and was passed by then, is found by asking from 0.

`before` goes back: through lists of dossiers, the timeline of one, and the audit. 0 means the
newest in a request, and the end in an answer.

## Done once

What signs, or makes an address that lets somebody in, takes an `Idempotency-Key` of the program's
choice, up to 200 visible characters of ASCII. The same request with the same key does it once and
is answered the same, however often it comes, also when two come at once, or the node stopped before
it answered: the answer is kept in the transaction that does it, encrypted under what the program
alone has, its token and the key. Another request with a key that was used is refused (422, S4).
Keys are each token's own, and are kept for 30 days.

## Approving what was seen

A draft may change between reading and approving. `GET /drafts/{draft}` and its preview give its
version as `ETag`; `POST /drafts/{draft}/approve` names it in `If-Match`. Without one it is refused
(428), and when the draft was changed or moved on since (412): read it anew.

## Errors

Every error is `application/problem+json` (RFC 9457) of one shape:

```
{"type": "urn:comity:rule:S4", "title": "A command's arguments make sense together.",
 "status": 422, "detail": "Whom you ask: fill this in.", "rule": "S4", "field": "to",
 "subject": "", "retry": "never"}
```

`detail` says what happened and what to do; `field` is there where one thing of the request is
wrong, and then names it; `retry` is `never`, `later`, `after-upgrade` or `after-document`. What
may not be seen is answered exactly as what is not there.

| status | when | rules |
|---|---|---|
| 400 | not JSON, or a body that ends early | S4, T7 |
| 401 | no token, or none that works (any more) | S10 |
| 403 | the mandates do not cover it | S10 |
| 404 | not here, or not to be seen; no such address | S3 |
| 405 | another method; `Allow` names the right one | S4 |
| 409 | not as it was seen: a draft moved on, earlier acts are missing | S12, S8 |
| 411 | a file without a `Content-Length` | T7 |
| 412 | a draft is not as it was when `If-Match` was read | S12 |
| 413 | more than 1 MiB of JSON, or than 1 GiB of a file; refused unread | T7 |
| 422 | it makes no sense as it is; `field` says what | S4, S2, S13, K …, L … |
| 428 | no `If-Match` where a version is to be named | S4 |
| 429 | too many requests within a minute; `Retry-After` | T5 |
| 503 | this node is not able to: disk, anchor, database; `Retry-After` | S1, S5, S6, S7, T13 |

No input gets a status of 500 or more. A token makes as many requests a minute as a peer may
(`rate` in `node.json`); who shows one that does not work is counted by address.

## Operations

Paths are below `/api/v1`. Bodies are JSON, but files, which are bytes (`application/octet-stream`)
both ways.

"""
TABLE = "| request | what it does | operation |\n|---|---|---|"


def page() -> str:
    """Return the page as the description says it should be."""
    start_django()
    # Known only once Django knows its settings.
    from comity.edge.api.app import ROOT, description  # noqa: PLC0415

    found = description()
    rows: dict[str, list[str]] = {}
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            place = f"{method.upper()} {path.removeprefix(ROOT.rstrip('/'))}"
            rows.setdefault(operation["tags"][0], []).append(_row(place, operation))
    parts = [f"### {tag}\n\n{TABLE}\n" + "\n".join(lines) for tag, lines in rows.items()]
    return HEAD + "\n\n".join([*parts, api_pages.table(addresses())])


def addresses() -> dict[str, str]:
    """Return the addresses of this product's own pages, by name; Django must have been started."""
    from comity.edge.web.urls import urlpatterns  # noqa: PLC0415  once Django knows its settings

    return {str(each.name): str(each.pattern) for each in urlpatterns if getattr(each, "name", "")}


def _row(place: str, operation: dict[str, Any]) -> str:
    told = " ".join(operation["description"].split())
    asked = ", ".join(_asked(operation))
    takes, name = f" Takes {asked}." if asked else "", operation["operationId"]
    return f"| `{place}` | {told}{takes} | `{name}` |"


def _asked(operation: dict[str, Any]) -> Iterator[str]:
    """Yield what an operation takes beside its path."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] != "path":
            yield f"`{parameter['name']}`"
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        yield f"`{schema['$ref'].rpartition('/')[2]}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
