"""Advisories under embargo, attacked: clocks set back, signs and names that trip what comes later,
two who publish at one time, and hands that would not do.
"""

from __future__ import annotations

import fcntl
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from comity.bridges.stix import reading as objects
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.protocols.response.disclosure.codes import DAY
from comity.services.casework import dossiers, drafts, signing
from comity.services.casework.desk import Desk
from comity.services.casework.inbox import Machine
from comity.services.people.mandates import shipped
from comity.services.response import announcing, disclosures, outgoing, placing
from comity.services.response.announcing import Wish
from comity.services.response.placing import Places
from comity.services.sharing import advisories, publishing
from comity.services.sharing.schemas import stix_schemas
from comity.store.access import drafts as drafts_access
from comity.store.access.announcements import EARLY, FAILED, OUT, WAITING
from comity.store.append import announcements as append
from comity.store.append.people import save_mandate
from comity.store.sql import query, writing
from tests.bridges.csaf.samples import data, new
from tests.kernel.world import refused
from tests.nodes import say
from tests.services.staff import hire
from tests.services.test_announcing import (
    CANARY,
    advisory,
    announce,
    embargoed,
    end_of,
    everyone,
    link,
    only,
    parties,
    published,
    shelved,
    two_cases,
)
from tests.sharing import open_circle

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.services.sharing.advisories import Checked
    from tests.nodes import Nodes

__all__ = ["parties"]
FOLDER = Places((), provider=True)


def test_a_clock_that_was_set_back_holds_nothing_up(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, *_ = parties
    dossier, _ = embargoed(parties)
    announce(orvanda, dossier)
    end = end_of(orvanda, dossier)
    (orvanda.folder / "csaf").write_text("in the way")
    nodes.clock.time = end + 300 * DAY
    outgoing.look(orvanda)
    (orvanda.folder / "csaf").unlink()
    nodes.clock.time = end + DAY
    outgoing.look(orvanda)
    assert published(orvanda)
    assert only(orvanda, dossier).state == OUT


def test_what_another_process_took_up_a_moment_ago_is_left_to_it(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, *_ = parties
    dossier, _ = embargoed(parties)
    announce(orvanda, dossier)
    now, row = nodes.clock.time, only(orvanda, dossier)
    until = now + outgoing.AGAIN
    with writing(orvanda.db):
        assert append.claim(orvanda.db, row.id, now, until)
        # The other one may have looked at the clock a little before.
        assert not append.claim(orvanda.db, row.id, now - 5, until - 5)
        assert append.claim(orvanda.db, row.id, until, until + outgoing.AGAIN)


def test_a_title_of_any_signs_is_out_and_said_to_be(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, *_ = parties
    dossier, _ = embargoed(parties)
    doc = new()
    doc["document"]["title"] = "one\0 \x1b[2J\ntwo"
    doc["document"]["tracking"] |= {"id": "orvanda-2026-1", "status": "final"}
    doc["document"]["distribution"]["tlp"]["label"] = "CLEAR"
    wish = Wish("orvanda-2026-1.json", data(doc), FOLDER)
    announcing.announce(Machine(orvanda), dossier, wish)
    nodes.clock.time = end_of(orvanda, dossier)
    outgoing.look(orvanda)
    row = only(orvanda, dossier)
    assert (row.state, row.title, row.trouble) == (OUT, "one [2J two", "")


def test_what_is_out_is_never_said_to_wait_whatever_the_case_takes(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, *_ = parties
    dossier, _ = embargoed(parties)
    announce(orvanda, dossier)
    with writing(orvanda.db):
        query(orvanda.db, "UPDATE store_announcement SET title = %s", ("a\x01b",))
    nodes.clock.time = end_of(orvanda, dossier)
    outgoing.look(orvanda)
    assert published(orvanda)
    row = only(orvanda, dossier)
    assert (row.state, row.trouble) == (OUT, "A text of the manifest holds a control character.")


def test_a_path_before_the_name_of_a_file_is_not_kept(parties: tuple[Node, Node, Node]) -> None:
    orvanda, *_ = parties
    dossier, _ = embargoed(parties)
    name, raw = advisory("orvanda")
    wish = Wish(f'../x"\r\nSet-Cookie: a/{name}', raw, FOLDER)
    announcing.announce(Machine(orvanda), dossier, wish)
    assert only(orvanda, dossier).name == name


def test_one_that_is_out_and_cannot_go_on_holds_up_no_other(
    nodes: Nodes, parties: tuple[Node, Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, *_ = parties
    (first, _), (second, _) = embargoed(parties), embargoed(parties)
    announce(orvanda, first)
    name, raw = advisory("second")
    announcing.announce(Machine(orvanda), second, Wish(name, raw, FOLDER))
    with writing(orvanda.db):
        changed = "UPDATE store_announcement SET state = %s, told = %s WHERE dossier = %s"
        query(orvanda.db, changed, (OUT, FAILED, second))
    real = advisories.of_bytes

    def of_bytes(file: Path, data: bytes) -> Checked:
        if file.name == name:
            raise Refusal("X40", "By the rules of today it is none.")
        return real(file, data)

    monkeypatch.setattr(advisories, "of_bytes", of_bytes)
    nodes.clock.time = end_of(orvanda, first)
    assert outgoing.look(orvanda) == nodes.clock.time + outgoing.AGAIN
    assert published(orvanda)


def version(number: int) -> Checked:
    """Return version 1 or 2 of one advisory."""
    doc = new()
    doc["document"]["distribution"]["tlp"]["label"] = "CLEAR"
    said = doc["document"]["tracking"]
    said |= {"id": "a-1", "status": "final", "version": str(number)}
    _, second = said["revision_history"]
    if number == 1:
        said["revision_history"] = [second | {"number": "1"}]
        said["initial_release_date"] = second["date"]
    else:
        second["date"] = second["date"].replace("-02T", "-03T")
    said["current_release_date"] = said["revision_history"][-1]["date"]
    return advisories.of_bytes(Path("a-1.json"), data(doc))


def test_an_older_version_takes_the_place_of_no_newer_one(
    parties: tuple[Node, Node, Node],
) -> None:
    orvanda, *_ = parties
    one, two = version(1), version(2)
    for each in (one, two):
        assert placing.place(orvanda, each, FOLDER, None)[1] is None
    assert placing.place(orvanda, one, FOLDER, None) == ([], placing.NEWER)
    with refused("X48"):
        placing.rehearse(orvanda, one, FOLDER)
    (file,) = (orvanda.folder / "csaf").rglob("a-1.json")
    assert file.read_bytes() == two.data


def test_nobody_else_reads_or_writes_the_folder_while_one_publishes(
    parties: tuple[Node, Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of two that looked before either wrote, the second would take away what the first published.
    orvanda, *_ = parties
    held: list[str] = []

    def watched(name: str) -> Any:
        real = getattr(advisories, name)

        def seen(*args: Any, **more: Any) -> Any:
            with (orvanda.folder / placing.LOCK).open("ab") as file, pytest.raises(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held.append(name)
            return real(*args, **more)

        return seen

    for name in ("check_all", "publish"):
        monkeypatch.setattr(advisories, name, watched(name))
    name, raw = advisory("orvanda")
    placing.place(orvanda, advisories.of_bytes(Path(name), raw), FOLDER, None)
    assert held == ["check_all", "publish"]


def test_a_key_that_is_not_there_is_told_before_anything_is_announced(
    parties: tuple[Node, Node, Node],
) -> None:
    orvanda, *_ = parties
    dossier, _ = embargoed(parties)
    orvanda.settings = replace(orvanda.settings, advisories_key="lost.asc")
    with refused("S5", "It could not be written: No such file or directory."):
        announce(orvanda, dossier)


def test_a_case_that_is_linked_many_times_is_looked_at_once(
    parties: tuple[Node, Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere, _ = parties
    one, other = two_cases(parties)
    for _ in range(5):
        link(tolmere, other, "split_from", one)
    everyone(parties)
    met: list[str] = []
    real = dossiers.load

    def load(node: Node, id_: str) -> Any:
        met.append(id_)
        return real(node, id_)

    monkeypatch.setattr(dossiers, "load", load)
    disclosures.case(orvanda, one)
    assert met.count(other) == 1


def test_what_cannot_go_into_a_circle_whole_goes_there_not_at_all(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, tolmere, _ = parties
    dossier, _ = embargoed(parties)
    circle = open_circle(orvanda, tolmere, ceiling=TLP.AMBER)
    everyone((orvanda, tolmere))
    wish = announce(orvanda, dossier, circle, provider=False)
    # Ids are made of what can be foreseen: somebody has something else stand there.
    for raw in advisories.raws(advisories.of_bytes(Path(wish.name), wish.data)):
        said = orjson.loads(raw)
        if said["type"] == "vulnerability":
            said["name"] += " (another)"
            batch, _ = objects.read_all([orjson.dumps(said)], stix_schemas())
            publishing.publish(tolmere, circle, batch)
    everyone((orvanda, tolmere))
    shelved(orvanda, circle)
    nodes.clock.time = end_of(orvanda, dossier)
    outgoing.look(orvanda)
    row = only(orvanda, dossier)
    assert (row.state, row.told) == (WAITING, FAILED)
    assert not any(CANARY.encode() in each for each in shelved(orvanda, circle))


def test_a_withdrawal_dated_later_counts_although_nobody_looked_before_the_end(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, _, sarivane = parties
    dossier, terms = embargoed(parties)
    announce(orvanda, dossier)
    now, end = nodes.clock.time, end_of(orvanda, dossier)
    nodes.clock.time = end + 1
    say(sarivane, dossier, "withdraw", {"reason": "law"}, refs=[terms])
    nodes.clock.time = now
    everyone((sarivane, orvanda))
    # The web took it in, and the worker was away until the end had come.
    nodes.clock.time = end + DAY
    outgoing.look(orvanda)
    assert not published(orvanda)
    assert only(orvanda, dossier).told == EARLY


def test_who_left_the_case_publishes_by_hand_or_not_at_all(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, *_ = parties
    dossier, _ = embargoed(parties)
    announce(orvanda, dossier)
    end = end_of(orvanda, dossier)
    say(orvanda, dossier, "leave")
    nodes.clock.time = end
    outgoing.look(orvanda)
    assert not published(orvanda)
    assert only(orvanda, dossier).told == EARLY
    announcing.publish_now(Machine(orvanda), dossier)
    row = only(orvanda, dossier)
    assert (row.state, row.due) == (OUT, None)
    assert row.trouble.startswith("The author is not a member")


# People


def test_a_draft_is_there_with_where_it_goes_or_not_at_all(
    parties: tuple[Node, Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, *_ = parties
    dossier, _ = embargoed(parties)
    ada = hire(orvanda, "Ada", "analyst")

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(append, "insert", crash)
    with pytest.raises(KeyboardInterrupt):
        announcing.announce(Desk(orvanda, ada), dossier, Wish(*advisory("orvanda"), FOLDER))
    assert query(orvanda.db, "SELECT id FROM store_draft") == []


@pytest.mark.parametrize("also", [False, True])
def test_an_emergency_in_the_case_is_none_in_the_circle(
    nodes: Nodes, parties: tuple[Node, Node, Node], *, also: bool
) -> None:
    orvanda, tolmere, _ = parties
    dossier, _ = embargoed(parties)
    circle = open_circle(orvanda, tolmere, ceiling=TLP.AMBER)
    override = ("response/disclosure:ready", *(("sharing/circle:publish",) if also else ()))
    second = ("sharing/circle:publish",)
    hasty = replace(shipped()["duty_officer"], second=second, override=override)
    with writing(orvanda.db):
        save_mandate(orvanda.db, "duty_officer", hasty.to_object(), orvanda.now())
    ada = hire(orvanda, "Ada", "duty_officer")
    wish = Wish(*advisory("orvanda"), Places((circle,), provider=False))
    draft = announcing.announce(Desk(orvanda, ada), dossier, wish).draft
    with writing(orvanda.db):
        query(orvanda.db, "UPDATE store_draft SET state = %s", (drafts_access.OPEN,))
    assert drafts.preview(orvanda, ada, draft).override is also
    if also:
        signing.sign_in_emergency(orvanda, ada, draft, "It burns.")
    else:
        with refused("S10"):
            signing.sign_in_emergency(orvanda, ada, draft, "It burns.")
    nodes.clock.time = end_of(orvanda, dossier)
    outgoing.look(orvanda)
    assert bool(shelved(orvanda, circle)) is also
    assert only(orvanda, dossier).state == (OUT if also else WAITING)
