"""People at a node's pages, without a browser: what each gets, and what each fills in.

::

    with Pages(node) as pages:
        ada = pages.person("ada", "duty_officer")       # signed in, as a mandate of the pack
        page = ada.get("/people")                       # Page: status, headers, text
        page = ada.fill(page, {"name": "Grace"})        # its form, with the hidden fields
"""

from __future__ import annotations

import http.cookies
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode, urljoin, urlsplit

from comity.services.people import persons

if TYPE_CHECKING:
    from comity.edge.web.app import PagesApp
    from comity.services.node import Node

HOST = "127.0.0.1:8440"
PASSWORD = "three green boats sail at noon"
FRAME = {"/language", "/account/logout/"}
FORM = "application/x-www-form-urlencoded"
BOUNDARY = "never-in-a-file"


def with_files(
    fields: Mapping[str, str], field: str, files: Mapping[str, bytes], button: str = ""
) -> tuple[bytes, str]:
    """Return a form with files, as a browser sends it, and its type; the button stands last."""
    parts = [(f'name="{name}"', value.encode()) for name, value in fields.items()]
    parts += [(f'name="{field}"; filename="{name}"', data) for name, data in files.items()]
    parts += [(f'name="{button}"', b"1")] if button else []
    body = b"".join(
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + data + b"\r\n"
        for head, data in parts
    )
    return body + f"--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"


@dataclass
class Form:
    """A form of a page: where it goes, and its fields as they stand."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Reads the forms and links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self._form: Form | None = None
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        if self._form is not None:
            self._field(self._form, tag, given)

    def _field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "button":
            form.buttons.append((name, given.get("value", "")))
        elif tag == "textarea":
            self._area = name
            form.fields[name] = [""]
        elif tag == "select":
            self._select = name
            form.fields[name] = []
        elif tag == "option" and "selected" in given:
            form.fields[self._select].append(given.get("value", ""))
        elif tag == "input" and kind in {"checkbox", "radio"}:
            form.fields.setdefault(name, [])
            if "checked" in given:
                form.fields[name].append(given.get("value", "on"))
        elif tag == "input" and name:
            form.fields[name] = [given.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form.fields[self._area] = [self._form.fields[self._area][0] + data]


@dataclass
class Page:
    """What somebody got: ``path`` after all redirects."""

    path: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The page as text."""
        return self.body.decode()

    @property
    def read(self) -> _Reader:
        """Its forms, links and ids."""
        found = _Reader()
        found.feed(self.text)
        return found

    @property
    def form(self) -> Form:
        """The form in its main part: the first, those of the frame aside."""
        return self.form_with(())

    def form_with(self, names: Iterable[str]) -> Form:
        """Return the first form that has these fields, those of the frame aside."""
        found = [form for form in self.read.forms if form.action not in FRAME]
        wanted = set(names)
        fitting = [form for form in found if wanted <= form.fields.keys()]
        assert fitting, f"{self.path} has no form with {wanted}: {self.text}"
        return fitting[0]


class _Sent(io.BytesIO):
    """What is sent, which knows how much of it was read."""

    def __init__(self, body: bytes, visitor: Visitor) -> None:
        super().__init__(body)
        self._visitor = visitor

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self._visitor.read += len(data)
        return data

    def readline(self, size: int | None = -1) -> bytes:
        data = super().readline(size)
        self._visitor.read += len(data)
        return data


@dataclass
class Visitor:
    """Somebody with a browser of their own; ``cookies`` by name.

    ``read`` counts the bytes that the node read of what was sent; ``token`` is a form's own, sent
    beside it, as a script of the page would.
    """

    app: PagesApp
    cookies: dict[str, str] = field(default_factory=dict)
    language: str = "en"
    origin: str = "192.0.2.7"
    read: int = 0
    token: str = ""

    def get(self, path: str, *, follow: bool = True, host: str = HOST) -> Page:
        """Get a page."""
        return self._ask("GET", path, b"", follow=follow, host=host)

    def post(
        self, path: str, fields: Mapping[str, str | Iterable[str]], *, follow: bool = True
    ) -> Page:
        """Send a form."""
        return self._ask("POST", path, urlencode(dict(fields), doseq=True).encode(), follow=follow)

    def send(self, path: str, body: bytes, kind: str) -> Page:
        """Send a body of another type, as a form with files is."""
        return self._ask("POST", path, body, follow=True, kind=kind)

    def fill(
        self,
        page: Page,
        fields: Mapping[str, str | list[str]],
        *,
        form: Form | None = None,
        button: str = "",
        follow: bool = True,
    ) -> Page:
        """Fill in a form of a page, the first that has such fields, and press a button of it."""
        form = form or page.form_with(fields)
        sent: dict[str, str | Iterable[str]] = {**form.fields, **fields}
        pressed = next((b for b in form.buttons if not button or b[0] == button), ("", ""))
        if pressed[0]:
            sent[pressed[0]] = pressed[1]
        return self.post(urljoin(page.path, form.action), sent, follow=follow)

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes,
        *,
        follow: bool,
        host: str = HOST,
        kind: str = FORM,
    ) -> Page:
        for _ in range(6):
            page = self._once(method, path, body, (host, kind))
            if not follow or page.status not in {301, 302, 303}:
                return page
            parts = urlsplit(urljoin(page.path, page.headers["location"]))
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            method, body = "GET", b""
        raise AssertionError(f"{path} leads round in circles")

    def _once(self, method: str, path: str, body: bytes, head: tuple[str, str]) -> Page:
        where, _, query = path.partition("?")
        host, kind = head
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": where,
            "QUERY_STRING": query,
            "HTTP_HOST": host,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8440",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": self.origin,
            "HTTP_ACCEPT_LANGUAGE": self.language,
            "HTTP_COOKIE": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            "CONTENT_TYPE": kind if method == "POST" else "",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": _Sent(body, self),
            "wsgi.errors": io.StringIO(),
            "wsgi.url_scheme": "http",
        }
        if self.token:
            environ["HTTP_X_CSRFTOKEN"] = self.token
        status, headers = [0], dict[str, str]()

        def start(line: str, fields: list[tuple[str, str]], _error: object = None) -> None:
            status[0] = int(line.split(maxsplit=1)[0])
            for name, value in fields:
                if name.lower() == "set-cookie":
                    self._keep(value)
                headers[name.lower()] = value

        answer = self.app(environ, start)  # type: ignore[arg-type]
        try:
            found = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        return Page(path, status[0], headers, found)

    def _keep(self, header: str) -> None:
        for name, morsel in http.cookies.SimpleCookie(header.strip()).items():
            if morsel["max-age"] == 0 or not morsel.value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value


@dataclass
class Pages:
    """The pages of one node, and people at them."""

    node: Node
    app: PagesApp = field(init=False)

    def __enter__(self) -> Self:
        from comity.edge.web.app import PagesApp

        self.app = PagesApp(self.node)
        return self

    def __exit__(self, *_: object) -> None:
        self.app.close()

    def nobody(self) -> Visitor:
        """Return somebody who has not signed in."""
        return Visitor(self.app)

    def person(self, name: str, *codes: str) -> Visitor:
        """Let somebody in who has these mandates."""
        visitor = Visitor(self.app)
        secret = persons.invite(self.node, None, codes=codes)
        page = visitor.get(f"/welcome/{secret}")
        page = visitor.fill(
            page,
            {
                "name": name.title(),
                "email": f"{name.lower()}@orvanda.example",
                "password": PASSWORD,
            },
        )
        assert page.status == 200, page.text
        return visitor
