"""A real OpenID provider on this machine, for the tests of sign-in by one.

It keeps to the standard (authorization code, PKCE, nonce, ID tokens signed with a key of its own),
but where a test makes it lie::

    with providing() as server:
        node.settings = replace(node.settings, providers=(server.settings(),))
        server.person = {"sub": "7", "email": "ada@orvanda.example", "email_verified": True}
        back = server.authorize(location)     # what a browser would be sent back to
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from comity.services.servers import IdentityProvider

KEY = rsa.generate_private_key(65537, 2048)
OTHER_KEY = rsa.generate_private_key(65537, 2048)
SECRET = "secret of the client"


@dataclass
class Server:
    """A provider. ``now`` gives the time (ms); ``person`` are the claims of who signs in, ``apart``
    those that it tells apart; ``lie`` changes what is put into an ID token, ``key`` signs it by
    ``algorithm``; ``told`` changes what the server says of itself; ``asked`` are the paths that
    were asked for, ``codes`` what codes were given for.
    """

    url: str
    now: Callable[[], int]
    person: dict[str, Any] = field(default_factory=dict)
    lie: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    apart: dict[str, Any] = field(default_factory=dict)
    key: Any = KEY
    algorithm: str = "RS256"
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def settings(self, **fields: Any) -> IdentityProvider:
        """Return how a node names this provider."""
        given = {"id": "ministry", "name": "The ministry", "server": self.url, "client_id": "node"}
        return IdentityProvider.from_object(given | {"secret_file": "keys/oidc"} | fields)

    def authorize(self, location: str) -> str:
        """Sign in at the provider, as a browser does that is sent to ``location``; return where it
        is sent back to, without the host.
        """
        parts = urlsplit(location)
        assert f"{parts.scheme}://{parts.netloc}" == self.url
        connection = http.client.HTTPConnection(parts.netloc, timeout=20)
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        answer.read()
        connection.close()
        assert answer.status == 302, answer.status
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"

    def answer(self, path: str, asked: dict[str, str], headers: Any) -> tuple[int, Any]:
        """Return the status and the answer; a text is a redirect."""
        self.asked.append(path)
        match path:
            case "/.well-known/openid-configuration":
                return 200, self._self() | self.told
            case "/authorize":
                return self._authorize(asked)
            case "/token":
                return self._token(asked)
            case "/keys":
                key = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
                return 200, {"keys": [key | {"kid": "1", "alg": "RS256", "use": "sig"}]}
            case "/userinfo":
                assert headers["Authorization"] == "Bearer let me in"
                return 200, self.apart
            case _:
                return 404, {"error": "nothing here"}

    def _self(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def _authorize(self, asked: dict[str, str]) -> tuple[int, Any]:
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = hashlib.sha256(asked["state"].encode()).hexdigest()
        self.codes[code] = asked
        return 302, f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def _token(self, asked: dict[str, str]) -> tuple[int, Any]:
        begun = self.codes.pop(asked["code"], None)
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        right = begun is not None and asked["client_secret"] == SECRET
        if begun is None or not right or challenge != begun["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        assert asked["redirect_uri"] == begun["redirect_uri"]
        now = self.now() // 1000
        claims = {"iss": self.url, "aud": "node", "iat": now, "exp": now + 300}
        claims |= {"nonce": begun["nonce"], **self.person, **self.lie}
        claims = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode(claims, self.key, self.algorithm, headers={"kid": "1"})
        return 200, {"access_token": "let me in", "token_type": "Bearer", "id_token": token}


@contextmanager
def providing(now: Callable[[], int]) -> Iterator[Server]:
    """Run a provider."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(dict(parse_qsl(urlsplit(self.path).query)))

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            self._answer(dict(parse_qsl(self.rfile.read(length).decode())))

        def _answer(self, asked: dict[str, str]) -> None:
            status, found = made.answer(urlsplit(self.path).path, asked, self.headers)
            body = b"" if isinstance(found, str) else json.dumps(found).encode()
            self.send_response(status)
            if isinstance(found, str):
                self.send_header("Location", found)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    door = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Server(f"http://127.0.0.1:{door.server_address[1]}", now)
    thread = threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield made
    finally:
        door.shutdown()
        thread.join()
        door.server_close()
