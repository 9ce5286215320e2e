"""Drafts that two requests work on at once: what was signed stays signed, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from comity.kernel.errors import Refusal
from comity.services.casework import drafts, forgetting, signing
from comity.services.casework.drafts import Filling
from comity.services.node import Node
from comity.services.people.actors import Actor
from comity.store.access import acts
from comity.store.access import drafts as access
from comity.store.access.drafts import DraftRow
from tests.edge.test_web_dossiers import incident
from tests.nodes import Nodes, introduce
from tests.services.staff import hire

TEXT = Filling({"text": "Look for 192.0.2.7"}, "amber")
OTHER = Filling({"text": "Look away"}, "amber")


@pytest.fixture
def ada(nodes: Nodes) -> Actor:
    """Somebody at Orvanda who signs alone."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    return hire(orvanda, "Ada", "duty_officer")


@pytest.fixture
def row(nodes: Nodes, ada: Actor) -> DraftRow:
    """A draft of hers."""
    orvanda = nodes.opened["orvanda"]
    dossier = incident(orvanda, nodes.opened["tolmere"], "Cranes stop")
    return drafts.begin(orvanda, ada, kind="inform", filling=TEXT, dossier=dossier)


def meanwhile(monkeypatch: pytest.MonkeyPatch, row: DraftRow) -> None:
    """Let every request have read the draft as it was before."""
    monkeypatch.setattr(drafts, "own", lambda *_: row)


LATE: dict[str, Callable[[Node, Actor, DraftRow, Path], object]] = {
    "change": lambda node, ada, row, _: drafts.change(node, ada, row.id, OTHER),
    "attach": lambda node, ada, row, path: drafts.attach(node, ada, row.id, "a.txt", path),
    "detach": lambda node, ada, row, _: drafts.detach(node, ada, row.id, "0" * 16),
    "prepare": lambda node, ada, row, _: signing.prepare(node, ada, row.id),
    "drop": lambda node, ada, row, _: drafts.drop(node, ada, row.id),
    "sign": lambda node, ada, row, _: signing.sign(node, ada, row.id),
}


@pytest.mark.parametrize("late", LATE)
def test_what_was_signed_is_never_open_again(
    nodes: Nodes,
    ada: Actor,
    row: DraftRow,
    late: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else it could be signed twice, and an emergency would not be there to be reviewed."""
    node = nodes.opened["orvanda"]
    file = tmp_path / "a.txt"
    file.write_text("192.0.2.7")
    signing.sign(node, ada, row.id)
    before = access.draft(node.db, row.id)
    meanwhile(monkeypatch, row)
    with pytest.raises(Refusal, match="is signed by now") as caught:
        LATE[late](node, ada, row, file)
    assert caught.value.rule == "S12"
    assert access.draft(node.db, row.id) == before
    assert len([*acts.acts_of(node.db, row.dossier)]) == 2


def test_of_two_who_change_a_draft_at_once_the_second_is_told(
    nodes: Nodes, ada: Actor, row: DraftRow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = nodes.opened["orvanda"]
    files = [tmp_path / name for name in ("a.txt", "b.txt")]
    for file in files:
        file.write_text(file.name)
    meanwhile(monkeypatch, row)
    drafts.attach(node, ada, row.id, "a.txt", files[0])
    with pytest.raises(Refusal) as caught:
        drafts.attach(node, ada, row.id, "b.txt", files[1])
    assert caught.value.rule == "S12"
    found = access.draft(node.db, row.id)
    assert found is not None
    assert [entry["name"] for entry in found.files] == ["a.txt"]
    assert len([*(node.folder / forgetting.FOLDER / row.id).iterdir()]) == 1


def test_what_changed_since_it_was_read_is_not_signed(
    nodes: Nodes, ada: Actor, row: DraftRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a draft says, to who reviews it, is what was signed."""
    node = nodes.opened["orvanda"]
    drafts.change(node, ada, row.id, OTHER)
    meanwhile(monkeypatch, row)
    with pytest.raises(Refusal) as caught:
        signing.sign(node, ada, row.id)
    assert caught.value.rule == "S12"
    assert len([*acts.acts_of(node.db, row.dossier)]) == 1
