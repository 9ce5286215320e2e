"""Erasing forgets what drafts hold of the words, too; and those drafts can still be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from comity.kernel.ids import Id
from comity.services.casework import drafts, erasure, forgetting, signing
from comity.services.casework.drafts import Filling
from comity.services.people import actors
from comity.services.people.actors import Actor
from comity.store.access import drafts as access
from comity.store.access.drafts import DraftRow
from comity.store.append import drafts as append
from comity.store.sql import writing
from tests import databases
from tests.edge.program import Program, person, token
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Pages
from tests.nodes import Nodes, introduce

CANARY = "canary-91c4-draft-of-the-crane"
GONE = "Its content was erased; that it was said stays proven."


@dataclass
class Case:
    """Ada of Orvanda, at the pages; an incident of Orvanda's in which she says something."""

    pages: Pages
    ada: Actor
    dossier: Id

    def begin(self, **texts: str) -> DraftRow:
        """Begin a message or, where it is about an ``act``, a translation."""
        kind = "translation" if "act" in texts else "inform"
        filling = Filling({"text": f"Look: {CANARY}.", **texts}, "amber")
        return drafts.begin(
            self.pages.node, self.ada, kind=kind, filling=filling, dossier=self.dossier
        )

    def sign(self, row: DraftRow, reason: str = "") -> DraftRow:
        """Sign it, in an emergency where there is a ``reason``."""
        node = self.pages.node
        if reason:
            signing.sign_in_emergency(node, self.ada, row.id, reason)
        else:
            signing.sign(node, self.ada, row.id)
        return self.row(row)

    def translate(self, act: str, lang: str = "fr") -> DraftRow:
        """Begin a translation."""
        return self.begin(act=act, lang=lang, **{"as": "official"})

    def row(self, row: DraftRow) -> DraftRow:
        """Return it as it is by now."""
        return access.drafts_among(self.pages.node.db, [row.id])[row.id]

    def erase(self, act: str, *parts: int) -> None:
        """Erase content of an act as people do."""
        node = self.pages.node
        step = erasure.wish(node, Id(act), reason="law", parts=parts)
        assert erasure.carry_out(node, step).gone

    @property
    def traces(self) -> list[str]:
        """The files and tables of the node that hold the words."""
        kept = databases.kept_in(self.pages.node.folder)
        return [name for name, data in kept.items() if CANARY.encode() in data]


@pytest.fixture(name="case")
def made(nodes: Nodes) -> Iterator[Case]:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    dossier = incident(orvanda, tolmere, "Cranes stop")
    with Pages(orvanda) as pages:
        ada = actors.of_person(orvanda, person(orvanda, "ada", "duty_officer"))
        yield Case(pages, ada, dossier)


def test_the_draft_it_was_signed_from_holds_its_words_no_more(case: Case, tmp_path: Path) -> None:
    row, file = case.begin(lang="en"), tmp_path / "a.txt"
    file.write_text("192.0.2.7")
    drafts.attach(case.pages.node, case.ada, row.id, f"{CANARY}.txt", file)
    signed, other = case.sign(row), case.sign(case.begin(text="Cranes stand."))
    case.erase(signed.act, 1)
    # Its words stay where a file alone is erased.
    assert case.row(row) == signed
    assert case.traces
    case.erase(signed.act)
    found = case.row(row)
    assert (found.form, found.files) == ({**signed.form, "texts": {}}, [])
    assert (found.state, found.act) == ("signed", signed.act)
    assert found.changed_at == signed.changed_at + 1
    assert case.traces == []
    assert case.row(other) == other
    # Doing it twice is once.
    case.erase(signed.act)
    assert case.row(row) == found


def test_translations_that_nobody_signed_are_dropped_with_their_files(case: Case) -> None:
    node = case.pages.node
    act, other = case.sign(case.begin()).act, case.sign(case.begin(text="Stand.")).act
    begun, waits, done = (case.translate(act, lang) for lang in ("fr", "de", "ar"))
    kept, thrown = case.translate(other), case.translate(act)
    signing.prepare(node, case.ada, waits.id)
    drafts.drop(node, case.ada, thrown.id)
    done = case.sign(done)
    folder = node.folder / forgetting.FOLDER / begun.id
    folder.mkdir(parents=True)
    (folder / "0").write_text(CANARY)
    case.erase(act)
    for row, state in ((begun, "dropped"), (waits, "dropped"), (thrown, "dropped")):
        found = case.row(row)
        assert (found.state, found.form["texts"]) == (state, {"act": act})
    assert case.row(done).state == "signed"
    assert case.row(done).form["texts"] == {"act": act}
    assert not folder.exists()
    assert case.row(kept) == kept
    drafts.drop(node, case.ada, kept.id)
    case.erase(other)
    assert case.traces == []
    assert drafts.mine(node, case.ada) == drafts.to_approve(node, case.ada) == []


def test_what_is_changed_while_it_is_erased_is_forgotten_too(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, act = case.pages.node, case.sign(case.begin()).act
    row = case.translate(act)
    drafts.change(node, case.ada, row.id, Filling({**row.form["texts"], "lang": "de"}, "amber"))
    monkeypatch.setattr(access, "drafts_of", lambda *_: [row])
    with writing(node.db):
        forgetting.forget(node, act)
    assert (case.row(row).state, case.row(row).form["texts"]) == ("dropped", {"act": act})


@pytest.mark.parametrize("translated", [False, True])
def test_a_forgotten_draft_can_be_looked_at_and_reviewed(case: Case, *, translated: bool) -> None:
    pages, node = case.pages, case.pages.node
    act = case.sign(case.begin()).act
    row = case.translate(act) if translated else case.begin()
    row = case.sign(row)
    with writing(node.db):
        assert append.change(node.db, row, 0, emergency=True, reason="It burns.")
    dropped = case.translate(act) if translated else None
    program = Program(pages.app, token(node, case.ada.id, "duty_officer"))
    hal = pages.person("hal", "head")
    assert GONE not in hal.get(f"/drafts/{row.id}/check").text
    case.erase(act if translated else row.act)
    page = hal.get(f"/drafts/{row.id}/check")
    assert page.status == 200
    assert GONE in page.text
    assert CANARY not in page.text
    assert act not in page.text
    form = next(form for form in page.read.forms if ("do", "review") in form.buttons)
    assert "Reviewed." in hal.fill(page, {}, form=form, button="do").text
    for path in (f"/drafts/{row.id}", f"/drafts/{row.id}/preview"):
        answer = program.get(path)
        assert (answer.status, CANARY.encode() in answer.body) == (200, False), answer.body
    if dropped is not None:
        assert drafts.preview(node, case.ada, dropped.id).row.state == "dropped"
