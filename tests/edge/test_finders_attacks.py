"""What people of ill will send to the pages of finders: it runs, fills and breaks nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from comity.edge.web.views import finders, guest
from comity.services.casework import guests
from comity.services.response import intake, reports
from tests.edge.test_web_finders import WORDS, address, kept, send, ticket
from tests.edge.visitor import BOUNDARY, FORM, Pages, Visitor, with_files
from tests.nodes import Nodes
from tests.services.test_intake import opened


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, which takes reports."""
    node = opened(nodes.make("orvanda"))
    node.settings = replace(node.settings, second_factor=False)
    with Pages(node) as found:
        yield found


EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7|add:7 }}{% load i18n %}",
    "javascript:alert(1)",
    "=cmd|' /C calc'!A0",
    "[x](javascript:alert(1))",
]


@pytest.mark.parametrize("evil", EVIL)
def test_what_is_written_runs_nowhere(pages: Pages, evil: str) -> None:
    nele = pages.nobody()
    fields = ("affected", "versions", "description", "reproduce", "impact", "name")
    path = address(send(nele, {name: f"{evil} {name}" for name in fields}))
    nele.send(path, *with_files({"text": evil}, "_files", {}))
    (row,) = kept(pages)
    ada = pages.person("ada", "duty_officer")
    seen = [nele.get(path), ada.get("/"), ada.get("/reports"), ada.get(f"/reports/{row.id}")]
    seen.append(ada.get("/notices"))
    for page in seen:
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert 'href="javascript' not in page.text
        assert "1414" not in page.text
    given = ada.get(f"/reports/{row.id}/csaf")
    assert given.headers["content-type"] == "application/octet-stream"
    assert evil in json.loads(given.body)["vulnerabilities"][0]["notes"][0]["text"]


HOSTILE = {
    "affected": ["x" * 501, "a\u202eb", "a\x00b", "\x1b[31m", " ", "\ud7ff" * 501],
    "description": ["x" * 20_001, "\x00", "\x07", "\n\n"],
    "name": ["a\u2066b", "x" * 121],
    "mail": ["a@b.example\r\nBcc: c@d.example", "a@b.example\nSubject: x", "x" * 255, "a@b\x00"],
    "public": ["perhaps", "\x00"],
    "planned": ["yesterday", "0000-00-00T00:00", "99999-01-01T00:00", "0001-01-01T00:00"],
}


@pytest.mark.parametrize(
    ("field", "value"), [(name, value) for name, values in HOSTILE.items() for value in values]
)
def test_what_no_field_may_hold_is_refused_with_a_page(
    pages: Pages, field: str, value: str
) -> None:
    page = send(pages.nobody(), {**WORDS, field: value})
    assert page.status == 200
    assert 'class="errors"' in page.text
    assert kept(pages) == []


def file_named(name: str) -> tuple[bytes, str]:
    head = f'Content-Disposition: form-data; name="_files"; filename="{name}"'
    return f"--{BOUNDARY}\r\n{head}\r\n\r\nx\r\n".encode(errors="surrogatepass"), name


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "a\\..\\b", "\u202egpj.exe", "x" * 300, "con:", ".", "a;b", "ä.txt"],
)
def test_a_hostile_name_of_a_file_is_cut_or_refused(pages: Pages, name: str) -> None:
    nele = pages.nobody()
    body, kind = with_files({"ticket": ticket(nele), **WORDS}, "f", {})
    page = nele.send("/report", file_named(name)[0] + body, kind)
    assert page.status == 200
    for row in kept(pages):
        for each in intake.case_of(pages.node, row).files:
            assert not {*"/\\:\u202e"} & {*each.name}
            assert len(each.name.encode()) <= 255


def test_eleven_files_are_refused_and_ten_are_kept(pages: Pages) -> None:
    nele = pages.nobody()
    many = {f"f{n}": b"x" for n in range(11)}
    assert "These are too many files" in send(nele, WORDS, "", **many).text
    assert kept(pages) == []
    del many["f0"]
    address(send(nele, WORDS, "", **many))
    assert len(intake.case_of(pages.node, kept(pages)[0]).files) == 10
    page = nele.send("/report", *with_files({}, "_files", {f"f{n}": b"" for n in range(200)}))
    assert page.status == 413


def test_one_byte_too_many_is_refused_and_what_was_typed_is_kept(pages: Pages) -> None:
    nele = pages.nobody()
    page = send(nele, WORDS, big_bin=bytes(guests.UPLOAD + 1))
    assert "The files are too large together" in page.text
    assert page.form_with(["ticket"]).fields["affected"] == [WORDS["affected"]]
    assert kept(pages) == []
    path = address(send(nele, WORDS, big_bin=bytes(guests.UPLOAD)))
    page = nele.send(path, *with_files({"text": ""}, "_files", {"one": b"1"}))
    assert "The files are too large together" in page.text


def test_beyond_that_nothing_is_read_at_all(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finders, "HARD", 400_000)
    assert guest.HARD == 4 * guests.UPLOAD
    nele = pages.nobody()
    nele.read = 0
    body = with_files({"ticket": "x", **WORDS}, "_files", {"huge": bytes(500_000)})
    for path in ("/report", address(send(nele, WORDS))):
        nele.read = 0
        assert nele.send(path, *body).status == 413
        assert nele.read == 0


BROKEN = [
    (b"x", "multipart/form-data; boundary=x"),
    (b"", "multipart/form-data; boundary=x"),
    (b"", "multipart/form-data"),
    (b"--x\r\n" * 10_000, "multipart/form-data; boundary=x"),
    (
        b"--x\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n" + b"y" * 9_999,
        "multipart/form-data; boundary=x",
    ),
    (
        (
            b"--x\r\nContent-Transfer-Encoding: base64\r\n"
            b"Content-Disposition: form-data; name=a\r\n\r\n!!"
        ),
        "multipart/form-data; boundary=x",
    ),
    (b"a=" + b"b" * 2_000_000, FORM),
    (b"&".join(b"a=b" for _ in range(5_000)), FORM),
    (b"{}", "application/json"),
    (b"\xff\xfe", FORM),
    (b"affected=a&description=b", FORM + "; charset=utf-7"),
    (b"affected=a&description=b", FORM + "; charset=nonesuch"),
    (b"x", "multipart/form-data; boundary=\xff"),
]


@pytest.mark.parametrize(("body", "kind"), BROKEN)
def test_a_body_that_no_form_sends_gets_a_page_and_no_fault(
    pages: Pages, body: bytes, kind: str
) -> None:
    nele = pages.nobody()
    for path in ("/report", address(send(nele, WORDS))):
        assert nele.send(path, body, kind).status in {200, 400, 413}
    assert len(kept(pages)) == 1


def test_one_address_sends_so_many_and_others_go_on(nodes: Nodes, pages: Pages) -> None:
    crowd, nele = pages.nobody(), Visitor(pages.app, origin="192.0.2.8")
    given = ticket(crowd)
    sent = with_files({"ticket": given, **WORDS}, "_files", {})
    status = [crowd.send("/report", *sent).status for _ in range(1_000)]
    assert {*status} == {200, 429}
    assert status.count(200) == intake.NEW_RATE
    assert nele.get("/report").status == 200
    address(send(nele, WORDS))
    crowd.read = 0
    assert crowd.send("/report", *sent).status == 429
    assert crowd.read == 0
    nodes.clock.advance(60_000)
    assert crowd.get("/report").status == 200


def test_a_thousand_addresses_fill_no_more_than_may_wait(pages: Pages) -> None:
    status = []
    page = pages.nobody().get("/report")
    for n in range(1_000):
        crowd = Visitor(pages.app, origin=f"198.51.{n // 250}.{n % 250 + 1}")
        page = crowd.get("/report")
        if page.status == 200:
            fields = {"ticket": page.form_with(["ticket"]).fields["ticket"][0], **WORDS}
            page = crowd.send("/report", *with_files(fields, "_files", {}))
        status.append(page.status)
    assert status == [200] * intake.MOST_UNREAD + [429] * (1_000 - intake.MOST_UNREAD)
    assert "Too many reports wait here unread." in page.text
    assert len(kept(pages)) == intake.MOST_UNREAD
    ada = pages.person("ada", "duty_officer")
    first = ada.get("/reports")
    assert first.text.count('<td><a href="/reports/') == reports.AT_ONCE
    assert "Earlier ones" in first.text
    # One press, and whoever comes next is taken.
    page = ada.get("/reports/waiting")
    heap = page.form_with(["heap", "until"]).fields["heap"][0]
    page = ada.fill(page, {"heap": heap, "deed": "abuse"})
    assert f"{intake.MOST_UNREAD} reports were cleared away." in page.text
    address(send(Visitor(pages.app, origin="203.0.113.9"), WORDS))


def test_a_secret_is_not_guessed_fast_and_a_wrong_one_tells_nothing(pages: Pages) -> None:
    held = address(send(pages.nobody(), WORDS))
    thief = Visitor(pages.app, origin="192.0.2.66")
    wrong = ["/report/x", "/report/" + "x" * 32, held[:-1] + ("A" if held[-1] != "A" else "B")]
    wrong += ["/report/\0", "/report/" + "é" * 16, f"{held}x", "/report/" + held[8:].swapcase()]
    given = [thief.get(path) for path in wrong]
    assert {page.status for page in given} == {404}
    assert len({page.text for page in given}) == 1
    given = [thief.get("/report/" + "y" * 32) for _ in range(intake.RATE)]
    assert given[-1].status == thief.get(held).status == 429
    assert pages.nobody().get(held).status == 200


def test_what_comes_at_once_is_kept_once_and_within_what_may_wait(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def post(made: str) -> int:
        visitor = Visitor(pages.app)
        body = with_files({"ticket": made, **WORDS}, "_files", {})
        return visitor.send("/report", *body).status

    monkeypatch.setattr(intake, "NEW_RATE", 100)
    one = ticket(pages.nobody())
    with ThreadPoolExecutor(8) as pool:
        assert [*pool.map(post, [one] * 8)] == [200] * 8
        assert len(kept(pages)) == 1
        monkeypatch.setattr(intake, "MOST_UNREAD", 4)
        many = [ticket(pages.nobody()) for _ in range(8)]
        assert sorted(pool.map(post, many)) == [200] * 3 + [429] * 5
    assert len(kept(pages)) == 4
