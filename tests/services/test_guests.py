"""Guests: who may send which act to whom, and what a link takes, once."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from comity.kernel import evidence
from comity.kernel.act import read_header
from comity.kernel.canon import Object
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.kernel.kinds import Charter, Growth, Record, read_body
from comity.kernel.label import TLP, Footing
from comity.protocols.response.incident import PROTOCOL
from comity.services.casework import (
    content,
    erasure,
    guests,
    guestways,
    issue,
    letters,
    lettertext,
    view,
)
from comity.services.casework.desk import Desk
from comity.services.casework.forms import FormErrors
from comity.services.casework.guests import Addressee
from comity.services.casework.issue import Draft
from comity.services.node import Node
from comity.services.people import actors, persons
from comity.services.people.actors import Actor
from comity.services.proof import guestrecord
from comity.services.proof import notarise as notary
from comity.store.access import acts, parties, people
from comity.store.access import guests as access
from comity.store.access.guests import GuestRow
from comity.store.sql import query
from tests.nodes import Nodes, introduce, pass_on

JANE = Addressee("Jane Fenn", "jane@fennick.example", ("en", "ar"))


def open_incident(node: Node, *others: Node, ceiling: TLP = TLP.AMBER) -> Id:
    charter = Charter(
        protocol=PROTOCOL.name,
        version=PROTOCOL.version,
        members=tuple(sorted([node.me, *(other.me for other in others)])),
        growth=Growth.CLOSED,
        ceiling=ceiling,
        chair=None,
        readers=((node.me, "p1"),) if ceiling is TLP.RED else (),
        succeeds=None,
        time=None,
        terms={},
    )
    prepared = content.prepare_fields(node, {"title": "Cranes stop", "text": "Since 02:40."})
    draft = Draft("charter", content=prepared, footing=Footing.TECHNICAL)
    return issue.open_dossier(node, charter=charter, draft=draft)


def warn(node: Node, dossier: Id, text: str = "Cranes may stop.", tlp: TLP = TLP.AMBER) -> Id:
    draft = Draft("inform", content=content.prepare_fields(node, {"text": text}), tlp=tlp)
    return issue.issue(node, dossier_id=dossier, draft=draft)


def person(node: Node, name: str, *codes: str) -> Actor:
    secret = persons.invite(node, None, codes=codes)
    row = persons.join(
        node, secret, email=f"{name}@orvanda.example", name=name, password="three green boats"
    )
    return actors.of_person(node, row.id)


def sent(node: Node, letter: Id, to: Addressee = JANE) -> tuple[GuestRow, str]:
    return guests.make(node, None, letter, to)


def refused(rule: str) -> Any:
    return pytest.raises(Refusal, match=rf"^{rule}: ")


def test_a_guest_acknowledges_and_answers_and_it_stands_as_said_by_a_guest(
    nodes: Nodes, tmp_path: Path
) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    letter = warn(orvanda, open_incident(orvanda, tolmere))
    row, secret = sent(orvanda, letter)
    taken = guests.acknowledge(orvanda, secret, {"as": "understood"})
    upload = tmp_path / "upload"
    upload.write_bytes(b"a log")
    said = guests.answer(orvanda, secret, {"text": "We patch today."}, [("cranes.log", upload)])
    shown = view.act(orvanda, said)
    assert (shown.kind, shown.recorded, shown.party) == ("record", "inform", orvanda.me)
    assert (shown.guest, shown.tlp, shown.refs) == (row.handle, "amber", (letter,))
    assert shown.caption == f"Guest of orvanda ({row.handle}) informed"
    assert shown.fields == {"text": "We patch today.", "mail": "Jane Fenn <jane@fennick.example>"}
    assert [file.name for file in shown.files] == ["cranes.log"]
    pass_on(orvanda, tolmere)
    there = view.act(tolmere, said)
    assert (there.guest, there.fields["text"]) == (row.handle, "We patch today.")
    assert view.act(tolmere, taken).recorded == "acknowledge"


def test_who_the_guest_is_stands_in_no_header(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    letter = warn(orvanda, open_incident(orvanda))
    row, secret = sent(orvanda, letter)
    act = acts.act(orvanda.db, guests.answer(orvanda, secret, {"text": "Yes."}))
    assert act is not None
    assert b"jane" not in act.header.lower()
    told = read_body(read_header(act.header))
    assert isinstance(told, Record)
    assert (told.letter, told.guest, told.kind, told.body) == (letter, row.handle, "inform", {})


def test_an_answer_says_the_language_of_its_words_where_it_has_some(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    letter = warn(orvanda, open_incident(orvanda))
    for lang, wanted in (("zh-hans", "zh-Hans"), ("", "")):
        _, secret = sent(orvanda, letter)
        said = guests.answer(orvanda, secret, {"text": "Yes."}, lang=lang)
        assert view.act(orvanda, said).lang == wanted
    kind, wordless = PROTOCOL.kind("answer"), {"result": "done", "text": " "}
    assert guests._in_language(kind, wordless, "fr") == wordless
    assert guests._in_language(kind, {**wordless, "text": "Fait."}, "fr")["lang"] == "fr"


def test_opening_uses_nothing_up_and_answering_does(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    _, secret = sent(orvanda, warn(orvanda, open_incident(orvanda)))
    row = guests.require_link(orvanda, secret)
    before = list(acts.acts_of(orvanda.db, row.dossier))
    for _ in range(3):
        letters.of_guest(orvanda, guests.require_link(orvanda, secret))
    assert len(list(acts.acts_of(orvanda.db, row.dossier))) == len(before)
    guests.acknowledge(orvanda, secret, {"as": "read"})
    with refused("S12"):
        guests.acknowledge(orvanda, secret, {"as": "acting"})
    guests.answer(orvanda, secret, {"text": "Yes."})
    with refused("S12"):
        guests.answer(orvanda, secret, {"text": "Again."})
    assert guestways.of(orvanda, guests.require_link(orvanda, secret)) == guestways.Ways(None, None)
    assert len(list(acts.acts_of(orvanda.db, row.dossier))) == len(before) + 2


def test_of_two_answers_that_meet_one_is_recorded(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda = nodes.make("orvanda")
    _, secret = sent(orvanda, warn(orvanda, open_incident(orvanda)))
    early = guests.require_link(orvanda, secret)
    guests.answer(orvanda, secret, {"text": "First."})
    count = len(list(acts.acts_of(orvanda.db, early.dossier)))
    # The second was let in before the first was signed.
    monkeypatch.setattr(guests, "require_link", lambda *_: early)
    with refused("S12"):
        guests.answer(orvanda, secret, {"text": "Second."})
    assert len(list(acts.acts_of(orvanda.db, early.dossier))) == count
    assert len([row for row in people.audit(orvanda.db) if row.what == "guest_used"]) == 1


def test_whatever_ended_a_link_the_refusal_is_the_same(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    letter = warn(orvanda, open_incident(orvanda))
    revoked, expired, used = (sent(orvanda, letter) for _ in range(3))
    guests.revoke(orvanda, None, revoked[0].id)
    guests.answer(orvanda, used[1], {"text": "Yes."})
    told = set()
    for secret in ("wrong", revoked[1]):
        with refused("S11") as caught:
            guests.require_link(orvanda, secret)
        told.add((caught.value.reason, caught.value.subject))
    nodes.clock.advance(guests.DAYS * guests.DAY)
    for secret in (expired[1], used[1]):
        with refused("S11") as caught:
            guests.require_link(orvanda, secret)
        told.add((caught.value.reason, caught.value.subject))
    assert len(told) == 1


def test_a_revoked_or_expired_link_records_nothing(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    dossier = open_incident(orvanda)
    row, secret = sent(orvanda, warn(orvanda, dossier))
    guests.revoke(orvanda, None, row.id)
    guests.revoke(orvanda, None, row.id)
    count = len(list(acts.acts_of(orvanda.db, dossier)))
    for act in (guests.answer, guests.acknowledge):
        with refused("S11"):
            act(orvanda, secret, {"text": "Yes.", "as": "read"})
    assert len(list(acts.acts_of(orvanda.db, dossier))) == count
    assert guests.state_of(guests.made_in(orvanda, dossier)[0], orvanda.now()) == "revoked"


def test_the_secret_is_kept_as_its_hash_alone(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    _, secret = sent(orvanda, warn(orvanda, open_incident(orvanda)))
    rows = query(orvanda.db, "SELECT * FROM store_guest")
    assert rows
    assert secret not in str(rows)
    assert secret not in str(query(orvanda.db, "SELECT * FROM store_audit"))


@pytest.mark.parametrize("tlp", [TLP.AMBER_STRICT, TLP.RED])
def test_what_is_stricter_than_amber_goes_to_no_guest(nodes: Nodes, tlp: TLP) -> None:
    orvanda = nodes.make("orvanda")
    letter = warn(orvanda, open_incident(orvanda, ceiling=tlp), tlp=tlp)
    with refused("L2" if tlp is TLP.RED else "L3"):
        sent(orvanda, letter)


@pytest.mark.parametrize("tlp", [TLP.CLEAR, TLP.GREEN, TLP.AMBER])
def test_what_is_amber_or_wider_goes_though_its_dossier_is_stricter(nodes: Nodes, tlp: TLP) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_incident(orvanda, tolmere, ceiling=TLP.AMBER_STRICT)
    row, _ = sent(orvanda, warn(orvanda, dossier, tlp=tlp))
    letter = letters.of_guest(orvanda, row)
    # Who is in the dossier is under the label of its charter.
    assert letter.named() == ()
    page = lettertext.letter_page(orvanda, letter, "https://x.example")
    assert "tolmere" not in page
    assert "Cranes may stop." in page


def test_what_a_guest_answers_stays_with_the_members(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    for ceiling in (TLP.CLEAR, TLP.AMBER, TLP.AMBER_STRICT, TLP.RED):
        dossier = open_incident(orvanda, ceiling=ceiling)
        row, secret = sent(orvanda, warn(orvanda, dossier, tlp=TLP.CLEAR))
        shown = view.act(orvanda, guests.answer(orvanda, secret, {"text": "Yes."}))
        stays = min(ceiling, TLP.AMBER_STRICT)
        assert (TLP(shown.tlp), letters.of_guest(orvanda, row).answers) == (stays, stays)
        assert guestrecord.make(orvanda, guests.require_link(orvanda, secret))


def test_an_act_goes_by_whoever_has_a_mandate_to_say_its_kind(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    letter = warn(orvanda, open_incident(orvanda))
    ada, head = person(orvanda, "ada", "duty_officer"), person(orvanda, "hedda", "head")
    keeper = person(orvanda, "kim", "administrator")
    row, _ = guests.make(orvanda, ada, letter, JANE)
    assert (row.made_by, row.made_name) == (ada.id, "ada")
    with refused("S10"):
        guests.make(orvanda, head, letter, JANE)
    with refused("S3"):
        guests.make(orvanda, keeper, letter, JANE)
    with refused("S10"):
        guests.revoke(orvanda, head, row.id)
    with refused("S3"):
        guests.revoke(orvanda, ada, "0" * 24)
    guests.revoke(orvanda, ada, row.id)
    said = [(e.what, e.name, e.subject) for e in people.audit(orvanda.db) if "guest" in e.what]
    assert said == [("guest_revoked", "ada", row.handle), ("guest_made", "ada", row.handle)]


def test_what_takes_a_second_person_waits_for_one(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    letter = warn(orvanda, open_incident(orvanda))
    ana, ada = person(orvanda, "ana", "analyst"), person(orvanda, "ada", "duty_officer")
    both = person(orvanda, "both", "analyst", "head")
    row, secret = guests.make(orvanda, ana, letter, JANE)
    assert (row.waiting, secret, guests.state_of(row, orvanda.now())) == (True, "", "waiting")
    with refused("S11"):
        guests.require_link(orvanda, "")
    own, _ = guests.make(orvanda, both, letter, JANE)
    assert [each.id for each in guests.to_release(Desk(orvanda, both))] == [row.id]
    assert guests.to_release(Desk(orvanda, ana)) == []
    for actor, mine in ((ana, row), (both, own)):
        with refused("S10"):
            guests.release(orvanda, actor, mine.id)
    nodes.clock.advance(guests.DAY)
    released, secret = guests.release(orvanda, ada, row.id)
    assert released == guests.require_link(orvanda, secret)
    assert (released.second, released.second_name) == (ada.id, "ada")
    assert released.expires == orvanda.now() + guests.DAYS * guests.DAY
    with refused("S12"):
        guests.release(orvanda, ada, row.id)
    guests.revoke(orvanda, ana, own.id)
    with refused("S12"):
        guests.release(orvanda, ada, own.id)
    said = [(each.what, each.name) for each in people.audit(orvanda.db) if "guest" in each.what]
    assert said == [
        ("guest_revoked", "ana"),
        ("guest_made", "ada"),
        ("guest_prepared", "both"),
        ("guest_prepared", "ana"),
    ]


def test_only_own_words_that_have_effect_go_to_a_guest(nodes: Nodes, tmp_path: Path) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_incident(orvanda, tolmere)
    pass_on(orvanda, tolmere)
    theirs = warn(tolmere, dossier)
    pass_on(tolmere, orvanda)
    with refused("S4"):
        sent(orvanda, theirs)
    _, secret = sent(orvanda, warn(orvanda, dossier))
    with refused("S4"):
        sent(orvanda, guests.answer(orvanda, secret, {"text": "Yes."}))
    objects = content.prepare_objects(orvanda, [{"type": "indicator"}])
    batch = issue.issue(orvanda, dossier_id=dossier, draft=Draft("inform", content=objects))
    with refused("S4"):
        sent(orvanda, batch)
    body: Object = {"audience": [{"first": 0, "last": 0, "to": "author"}]}
    hidden = issue.issue(orvanda, dossier_id=dossier, draft=Draft("note", body))
    with refused("S4"):
        sent(orvanda, hidden)
    path = tmp_path / "file"
    path.write_bytes(b"x")
    with refused("S4"):
        sent(orvanda, notary.notarise(orvanda, path).act)
    with refused("S3"):
        sent(orvanda, Id("0" * 64))


@pytest.mark.parametrize(
    ("field", "to"),
    [
        ("name", replace(JANE, name="  ")),
        ("name", replace(JANE, name="Jane\u202eFenn")),
        ("name", replace(JANE, name="J" * 121)),
        ("mail", replace(JANE, mail="jane")),
        ("mail", replace(JANE, mail="jane@fennick.example\nBcc: all@x.example")),
        ("first", replace(JANE, languages=("tlh", "en"))),
        ("second", replace(JANE, languages=("en", "en"))),
        ("days", replace(JANE, days=0)),
        ("days", replace(JANE, days=guests.MOST_DAYS + 1)),
    ],
)
def test_what_is_wrong_with_an_addressee_is_named(field: str, to: Addressee) -> None:
    with refused("S4") as caught:
        guests.checked(to)
    assert caught.value.subject == field


def test_who_was_reached_before_keeps_the_handle(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    dossier = open_incident(orvanda)
    first, _ = sent(orvanda, warn(orvanda, dossier))
    again, _ = sent(orvanda, dossier, replace(JANE, mail="Jane@Fennick.example"))
    other, _ = sent(orvanda, dossier, replace(JANE, mail="joe@fennick.example"))
    elsewhere, _ = sent(orvanda, open_incident(orvanda))
    assert first.handle == again.handle
    assert len({first.handle, other.handle, elsewhere.handle}) == 3


def test_a_guest_may_do_what_the_dossier_takes_just_now(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_incident(orvanda, tolmere)
    _, secret = sent(orvanda, warn(orvanda, dossier))
    row = guests.require_link(orvanda, secret)
    ways = guestways.of(orvanda, row)
    assert ways.acknowledge is not None
    assert ways.answer is not None
    assert (ways.acknowledge.kind, ways.answer.kind) == ("acknowledge", "inform")
    ask = Draft("ask", {"to": [tolmere.me], "verb": "investigate"})
    asked = guestways.of_letter(orvanda, issue.issue(orvanda, dossier_id=dossier, draft=ask))
    assert asked.answer is not None
    assert asked.answer.kind == "inform"
    closing = Draft("close", {"outcome": "resolved"}, refs=(dossier,))
    issue.issue(orvanda, dossier_id=dossier, draft=closing)
    assert guestways.of(orvanda, row).answer is None
    with refused("S2"):
        guests.answer(orvanda, secret, {"text": "Too late."})
    guests.acknowledge(orvanda, secret, {"as": "read"})


def test_what_is_missing_in_an_answer_is_named(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    _, secret = sent(orvanda, warn(orvanda, open_incident(orvanda)))
    with pytest.raises(FormErrors) as caught:
        guests.answer(orvanda, secret, {"text": ""})
    assert caught.value.errors.keys() == {"text"}
    with pytest.raises(FormErrors) as caught:
        guests.acknowledge(orvanda, secret, {"as": "loudly", "guest": "g1"})
    assert caught.value.errors.keys() == {"as"}


def test_nobody_hands_over_more_than_a_guest_may(nodes: Nodes, tmp_path: Path) -> None:
    orvanda = nodes.make("orvanda")
    _, secret = sent(orvanda, warn(orvanda, open_incident(orvanda)))
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(guests.UPLOAD + 1)
    small = tmp_path / "small"
    small.write_bytes(b"x")
    many = [(f"{n}.txt", small) for n in range(guests.MOST_FILES + 1)]
    for files in ([("big.bin", big)], many):
        with refused("S4"):
            guests.answer(orvanda, secret, {"text": "See files."}, files)
    with refused("K15"):
        guests.answer(orvanda, secret, {"text": "See file."}, [("../x", small)])
    assert guests.require_link(orvanda, secret).answered == ""


def test_who_a_guest_is_is_erased_with_what_the_guest_said(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    dossier = open_incident(orvanda)
    row, secret = sent(orvanda, warn(orvanda, dossier))
    other, _ = sent(orvanda, dossier, replace(JANE, mail="joe@fennick.example"))
    said = guests.answer(orvanda, secret, {"text": "Yes."})
    erasure.carry_out(orvanda, erasure.wish(orvanda, said, reason="personal_data"))
    kept = str([query(orvanda.db, f"SELECT * FROM store_{t}") for t in ("guest", "audit", "part")])
    assert "jane@fennick.example" not in kept
    assert "joe@fennick.example" in kept
    with refused("S11"):
        guests.require_link(orvanda, secret)
    states = {e.id: guests.state_of(e, orvanda.now()) for e in guests.made_in(orvanda, dossier)}
    assert states == {row.id: "revoked", other.id: "made"}


def test_pages_are_asked_for_a_number_of_times_a_minute(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    for _ in range(guests.RATE):
        guests.require_turn(orvanda, "192.0.2.7")
    with refused("T5"):
        guests.require_turn(orvanda, "192.0.2.7")
    guests.require_turn(orvanda, "192.0.2.8")
    nodes.clock.advance(60_000)
    guests.require_turn(orvanda, "192.0.2.7")


def test_the_mail_tells_of_what_is_not_clear_only_that_it_waits(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_incident(orvanda, tolmere)
    link = "https://orvanda.example/guest/secret"
    row, _ = sent(orvanda, warn(orvanda, dossier))
    letter = letters.of_guest(orvanda, row)
    mail = lettertext.letter_text(orvanda, letter, link)
    assert mail.text.count(link) == 2
    assert "Cranes may stop." not in mail.text
    assert "tolmere" not in mail.text
    assert "TLP:AMBER" in mail.text
    page = lettertext.letter_page(orvanda, letter, link)
    assert page.count("Cranes may stop.") == 2
    assert "tolmere" in page
    clear, _ = sent(orvanda, warn(orvanda, dossier, tlp=TLP.CLEAR))
    shown = lettertext.letter_text(orvanda, letters.of_guest(orvanda, clear), link)
    assert shown.text.count("Cranes may stop.") == 2


def test_a_letter_is_in_both_of_its_languages(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    row, _ = sent(orvanda, warn(orvanda, open_incident(orvanda)))
    letter = letters.of_guest(orvanda, row)
    first, second = (lettertext.side(orvanda, letter, code) for code in row.languages)
    assert (first.language, first.rtl) == ("en", False)
    assert (second.language, second.rtl) == ("ar", True)
    assert first.about.caption == "orvanda informed"
    assert second.about.caption != first.about.caption
    assert first.about.words == second.about.words == ("Cranes may stop.",)


def test_a_guest_takes_the_record_to_a_node_of_its_own(nodes: Nodes, tmp_path: Path) -> None:
    orvanda, fennick = nodes.make("orvanda"), nodes.make("fennick")
    letter = warn(orvanda, open_incident(orvanda))
    _, secret = sent(orvanda, letter)
    taken = guests.acknowledge(orvanda, secret, {"as": "read"})
    said = guests.answer(orvanda, secret, {"text": "We patch today."})
    path = tmp_path / "record.zip"
    path.write_bytes(guestrecord.make(orvanda, guests.require_link(orvanda, secret)))
    assert guestrecord.is_record(path)
    done = guestrecord.take_in(fennick, path)
    assert [report.subject for report in done.reports] == [letter, taken, said]
    assert all(report.parts for report in done.reports)
    kept = view.act(fennick, done.act)
    assert [file.name for file in kept.files] == ["record.zip"]
    known = [row.id for row in parties.parties(fennick.db)]
    assert orvanda.me in known
    with zipfile.ZipFile(path) as archive:
        assert "We patch today." not in archive.read("letter.txt").decode()
        assert "Cranes may stop." in archive.read("letter.txt").decode()


def _archive(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def test_a_record_that_was_changed_or_swells_is_refused_whole(
    nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, fennick = nodes.make("orvanda"), nodes.make("fennick")
    row, _ = sent(orvanda, warn(orvanda, open_incident(orvanda)))
    with zipfile.ZipFile(io.BytesIO(guestrecord.make(orvanda, row))) as archive:
        name = archive.namelist()[1]
        found = orjson.loads(archive.read(name))
    found["statements"][1]["envelope"]["signatures"][0]["sig"] = "A" * 86 + "=="
    changed = orjson.dumps(found, option=orjson.OPT_SORT_KEYS)
    with refused("K5"):
        guestrecord.take_in(fennick, _archive(tmp_path / "changed.zip", {name: changed}))
    monkeypatch.setattr(evidence, "LIMIT", len(changed) - 1)
    with refused("W7") as caught:
        guestrecord.take_in(fennick, _archive(tmp_path / "swells.zip", {name: changed}))
    assert caught.value.subject == name
    assert [party.id for party in parties.parties(fennick.db)] == [fennick.me]


def test_an_archive_that_is_no_record_is_refused_whole(nodes: Nodes, tmp_path: Path) -> None:
    orvanda, fennick = nodes.make("orvanda"), nodes.make("fennick")
    row, _ = sent(orvanda, warn(orvanda, open_incident(orvanda)))
    record = guestrecord.make(orvanda, row)
    with refused("S4"):
        guestrecord.take_in(fennick, _archive(tmp_path / "a.zip", {"x.txt": b"x"}))
    with refused("W7"):
        guestrecord.take_in(fennick, _archive(tmp_path / "b.zip", {"1.evidence.json": b"{}"}))
    many = {f"{n}.evidence.json": b"{}" for n in range(guestrecord.MOST + 1)}
    with refused("S4"):
        guestrecord.take_in(fennick, _archive(tmp_path / "c.zip", many))
    cut = tmp_path / "d.zip"
    cut.write_bytes(record[: len(record) // 2])
    with refused("S4"):
        guestrecord.take_in(fennick, cut)
    assert len(parties.parties(fennick.db)) == 1
    assert access.guests_of(fennick.db, row.dossier) == []


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_broken_anywhere_is_refused(nodes: Nodes, tmp_path: Path, method: int) -> None:
    """Whatever the library makes of it: a mail can bring anything."""
    fennick = nodes.make("fennick")
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", method) as archive:
        archive.writestr("1-letter.evidence.json", bytes(range(256)) * 4)
    path = tmp_path / "broken.zip"
    data = whole.getvalue()
    for place in [*range(80), *range(len(data) - 160, len(data))]:
        path.write_bytes(data[:place] + b"\xff" + data[place + 1 :])
        if guestrecord.is_record(path):
            with pytest.raises(Refusal):
                guestrecord.take_in(fennick, path)
