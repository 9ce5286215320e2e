"""What the library asks an identity provider, by the node's own outgoing client.

It stands where the library expects a session of ``requests``, and goes to the providers that
``node.json`` names, and nowhere else.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlencode

import orjson
from allauth.socialaccount.providers.oauth2.client import OAuth2Error

from comity.services.delivery import way
from comity.services.delivery.outbound import HTTPTransport, Patience
from comity.services.people import providers
from comity.services.ports import Reply, Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.services.node import Node

LIMIT = 256 * 1024
"""Bytes of an answer."""
PATIENCE = Patience(connect=5, read=10, answer=20)


class Answer:
    """What came back, by the names that the library reads."""

    def __init__(self, reply: Reply) -> None:
        self.status_code = reply.status
        self.content = reply.body
        self.text = reply.body.decode(errors="replace")
        self.headers = {"content-type": "application/json"}

    def json(self) -> Any:
        """Return it as JSON. Raises OAuth2Error."""
        try:
            return orjson.loads(self.content)
        except orjson.JSONDecodeError as error:
            raise OAuth2Error("The identity provider did not answer in JSON.") from error

    def object(self) -> dict[str, Any]:
        """Return it as an object of JSON, when all went well. Raises OAuth2Error."""
        found = self.json()
        if self.status_code != 200 or not isinstance(found, dict):
            raise OAuth2Error("The identity provider did not answer as it should.")
        return found


class Session:
    """Asks providers, for as long as one visit takes."""

    def __init__(self, node: Node) -> None:
        self._node = node
        # A provider of this house is at an address of this house.
        out = replace(way.of_settings(node.settings, node.folder), local=True)
        self._transport = HTTPTransport(out, patience=PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._transport.close()

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """GET from a provider. Raises OAuth2Error."""
        return self._ask("GET", url, b"", headers or {})

    def request(
        self,
        method: str,
        url: str,
        *,
        data: Mapping[str, str] | None = None,
        auth: Any = None,
        **_: object,
    ) -> Answer:
        """Send a form to a provider, as who ``auth`` says. Raises OAuth2Error."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if auth is not None:
            pair = f"{quote(auth.username)}:{quote(auth.password)}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return self._ask(method, url, urlencode(data or {}).encode(), headers)

    def _ask(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        if not providers.is_at_one(self._node, url):
            raise OAuth2Error("This node asks nobody but the identity providers it names.")
        try:
            reply = self._transport.ask(method, url, body, headers=headers, limit=LIMIT)
        except Unreachable as error:
            raise OAuth2Error(str(error)) from error
        return Answer(reply)
