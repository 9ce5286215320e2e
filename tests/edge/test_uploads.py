"""Files larger than a page takes stop early; the page says so, and keeps what was typed."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from comity.services import quota
from comity.services.casework import drafts as drafting
from comity.services.people import persons
from comity.store.access import drafts
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import PASSWORD, Page, Pages, Visitor, with_files
from tests.nodes import Nodes
from tests.running import PATIENCE, Town, open_incident
from tools.demo_people import HIDDEN, Browser

TYPED = "See the file; half a page of it."
PIECE = 64 * 1024
"""Bytes that are read at once."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The pages of Orvanda."""
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda = nodes.make("orvanda")
        orvanda.settings = replace(orvanda.settings, second_factor=False)
        with Pages(orvanda) as found:
            yield found


@pytest.fixture(scope="module")
def cranes(pages: Pages) -> str:
    """An incident of Orvanda alone."""
    return incident(pages.node, pages.node, "Cranes stop", members=(pages.node.me,))


def kept(pages: Pages, name: str) -> list[drafts.DraftRow]:
    """Return the drafts of a person."""
    return [row for row in drafts.drafts(pages.node.db) if row.name == name]


def attach(visitor: Visitor, page: Page, button: str = "later", **files: bytes) -> Page:
    """Fill in the form of a message, with files, and send it."""
    form = page.form_with(["text"])
    typed = {name: texts[0] for name, texts in form.fields.items() if texts and name != "_files"}
    typed |= {"text": TYPED, "_tlp": "green"}
    visitor.read = 0
    return visitor.send(page.path, *with_files(typed, "_files", files, button))


def told(page: Page) -> int:
    """Return how often a page says that files were too large: beside the field, and on top."""
    assert (page.status, 'role="alert"' in page.text) == (413, True)
    return page.text.count("The files are larger together than")


def test_files_over_the_limit_stop_early_and_what_was_typed_is_kept(
    pages: Pages, cranes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "FILE_LIMIT", 20 * PIECE)
    ada = pages.person("ada", "duty_officer")
    page = ada.get(f"/dossiers/{cranes}/say/inform")
    page = attach(ada, page, small_bin=b"small", large_bin=bytes(30 * PIECE))
    assert told(page) == 2
    assert ada.read < 4 * PIECE
    assert page.form_with(["text"]).fields["text"] == ["\n" + TYPED]
    assert page.form_with(["_tlp"]).fields["_tlp"] == ["green"]
    assert kept(pages, "Ada") == []
    # The same form goes on, with less.
    page = attach(ada, page, small_bin=b"small", large_bin=bytes(10 * PIECE))
    (row,) = kept(pages, "Ada")
    assert [entry["name"] for entry in row.files] == ["small_bin", "large_bin"]
    page = attach(ada, page, another_bin=bytes(30 * PIECE))
    assert told(page) == 2
    assert "small_bin" in page.text
    assert len(kept(pages, "Ada")[0].files) == 2


def test_files_for_which_there_is_no_room_stop_early(
    pages: Pages, cranes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = pages.person("bela", "duty_officer")
    page = ada.get(f"/dossiers/{cranes}/say/inform")
    monkeypatch.setattr(quota, "LEAST_FREE", 2**62)
    page = attach(ada, page, small_bin=bytes(10 * PIECE))
    assert page.text.count("disk is nearly full") == 2
    assert page.form_with(["text"]).fields["text"] == ["\n" + TYPED]
    assert ada.read < 4 * PIECE


def test_a_lost_session_keeps_the_words_and_says_that_files_were_not_taken(
    pages: Pages, cranes: str
) -> None:
    ada = pages.person("cleo", "duty_officer")
    page = ada.get(f"/dossiers/{cranes}/say/inform")
    del ada.cookies["session"]
    page = attach(ada, page, large_bin=bytes(30 * PIECE))
    assert ada.read < 4 * PIECE
    assert (page.status, "What you typed was kept." in page.text) == (413, True)
    assert "Your files were not: add them again." in page.text
    (row,) = kept(pages, "Cleo")
    assert f'href="/drafts/{row.id}"' in page.text
    assert (row.form["texts"]["text"], row.files) == (TYPED, [])


@pytest.mark.parametrize("path", ["/account/login/", "/language", "/open", "/nowhere"])
def test_nobody_has_files_kept_who_is_not_signed_in(pages: Pages, path: str) -> None:
    nobody = pages.nobody()
    nobody.get("/account/login/")
    fields = {"csrfmiddlewaretoken": nobody.cookies["csrftoken"]}
    nobody.send(path, *with_files(fields, "_files", {"large": bytes(30 * PIECE)}))
    assert nobody.read < 4 * PIECE


@pytest.mark.slow
def test_a_server_answers_before_the_rest_of_a_large_file_is_sent(tmp_path: Path) -> None:
    with Town(tmp_path) as town:
        orvanda = town.make("Orvanda", second_factor=False)
        dossier = open_incident(orvanda)
        ada = Browser(orvanda.url)
        link = persons.invite(orvanda.node, None, codes=("duty_officer",))
        ada.send(f"/welcome/{link}", {"name": "A", "email": "a@x.example", "password": PASSWORD})
        path = f"/dossiers/{dossier}/say/inform"
        typed = {**dict(HIDDEN.findall(ada.get(path))), "text": TYPED, "_tlp": "green"}
        body, kind = with_files(typed, "_files", {"large": bytes(8 * PIECE)})
        line = http.client.HTTPConnection("127.0.0.1", orvanda.port, timeout=PATIENCE)
        length = {"Content-Length": str(10 * drafting.FILE_LIMIT), "Content-Type": kind}
        line.request("POST", path, body, {**ada.headers(), **length})
        # Of ten gigabytes half a megabyte was sent: whoever waited for the rest waits for ever.
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        assert answer.status == 413
        assert text.count("The files are larger together than") == 2
        assert re.search(rf"<textarea[^>]*>\s*{TYPED}", text)
