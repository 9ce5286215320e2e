"""A dossier's page tells all of it: who acknowledged what, when it is due where, what belongs to
it, how it looks on paper and as a picture, and what a member is handed on a stick.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from comity.edge.web.templatetags.comity import relation
from comity.edge.web.views import looking
from comity.kernel.canon import Object
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.kernel.standing import Standing
from comity.protocols._vocabulary.linking import RELATIONS, UNRELATED
from comity.services.care import rehearsal
from comity.services.care.rebuild import rebuild
from comity.services.casework import dossiers, issue
from comity.services.casework.issue import Draft
from comity.services.delivery import stick
from comity.services.node import Node
from comity.services.proof.standing import ActStanding, Standings
from comity.store.access import acts, parties, people
from comity.store.access.people import audit
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Page, Pages, Visitor
from tests.nodes import START, Nodes, introduce, pass_on

HOUR = 3600 * 1000


class House(NamedTuple):
    """The pages of Orvanda, which has an incident with Tolmere."""

    pages: Pages
    orvanda: Node
    tolmere: Node
    dossier: Id

    def page(self, *codes: str, path: str = "") -> Page:
        return self.pages.person("ada", *(codes or ("duty_officer",))).get(
            f"/dossiers/{self.dossier}{path}"
        )

    def meet(self) -> None:
        pass_on(self.orvanda, self.tolmere)
        pass_on(self.tolmere, self.orvanda)


@pytest.fixture
def house(nodes: Nodes) -> Iterator[House]:
    orvanda, tolmere = nodes.make("Orvanda"), nodes.make("Tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    dossier = incident(orvanda, tolmere, "Cranes stop")
    with Pages(orvanda) as pages:
        yield House(pages, orvanda, tolmere, dossier)


def say(node: Node, dossier: Id, kind: str, body: Object | None = None, *refs: Id) -> Id:
    return issue.issue(node, dossier_id=dossier, draft=Draft(kind, dict(body or {}), refs=refs))


def words(page: Page, act: Id) -> str:
    """Return what the page says of one act, without marks, spaces counted once."""
    found = re.search(f'<li id="a-{act}".*?<details>', page.text, re.DOTALL)
    assert found is not None, page.text
    return " ".join(re.sub(r"<[^>]*>", " ", found[0]).split())


def test_silence_and_a_persons_word_are_told_apart(house: House) -> None:
    act = say(house.orvanda, house.dossier, "inform", {"ack_wanted": True})
    page = house.page()
    assert "Tolmere : waits to be sent; a word is owed; none yet" in words(page, act)
    house.meet()
    ada = house.pages.person("bea", "duty_officer")
    text = words(ada.get(page.path), act)
    assert "Tolmere : received with all files; a word is owed; none yet" in text
    say(house.tolmere, house.dossier, "acknowledge", {"as": "understood"}, act)
    house.meet()
    text = words(ada.get(page.path), act)
    assert "Tolmere acknowledged: understood" in text
    assert "no word" not in text
    assert "none yet" not in text


def test_a_refusal_is_an_answer_and_never_silence(house: House) -> None:
    ask = say(
        house.orvanda, house.dossier, "ask", {"to": [house.tolmere.me], "verb": "investigate"}
    )
    house.meet()
    assert "a word is owed; none yet" in words(house.page(), ask)
    body: Object = {"result": "cannot", "reason": "law"}
    say(house.tolmere, house.dossier, "answer", body, ask)
    house.meet()
    page = house.pages.person("bea", "duty_officer").get(f"/dossiers/{house.dossier}")
    assert "Tolmere answered: cannot be done" in words(page, ask)
    assert "none yet" not in words(page, ask)


def test_what_others_said_shows_who_has_acknowledged_it_here_too(house: House) -> None:
    house.meet()
    act = say(house.tolmere, house.dossier, "inform")
    house.meet()
    assert "Orvanda : no word yet" in words(house.page(), act)
    say(house.orvanda, house.dossier, "acknowledge", {"as": "read"}, act)
    page = house.pages.person("bea", "duty_officer").get(f"/dossiers/{house.dossier}")
    assert "Orvanda acknowledged: read" in words(page, act)


def test_what_is_without_effect_acknowledges_nothing(house: House) -> None:
    act = say(house.orvanda, house.dossier, "inform")
    house.meet()
    said = say(house.tolmere, house.dossier, "acknowledge", {"as": "read"}, act)
    house.meet()
    assert "acknowledged" in words(house.page(), act)
    dossiers.load(house.orvanda, house.dossier).graph.nodes[said].lapse(
        "D1", "It is without effect."
    )
    page = house.pages.person("bea", "duty_officer").get(f"/dossiers/{house.dossier}")
    assert "no word yet" in words(page, act)


def test_what_its_author_disowns_acknowledges_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = say(house.orvanda, house.dossier, "inform")
    house.meet()
    said = say(house.tolmere, house.dossier, "acknowledge", {"as": "read"}, act)
    house.meet()
    monkeypatch.setattr(dossiers, "disowned", lambda *_: frozenset({said}))
    assert "no word yet" in words(house.page(), act)


def test_what_is_due_is_told_in_utc_the_readers_zone_and_the_counterparts(house: House) -> None:
    say(
        house.orvanda,
        house.dossier,
        "ask",
        {"to": [house.tolmere.me], "verb": "investigate", "whether_by": 1_790_100_000_000},
    )
    ada = house.pages.person("ada", "duty_officer")
    assert "Asia/Tokyo" not in ada.get(f"/dossiers/{house.dossier}").text
    party = ada.get(f"/parties/{house.tolmere.me}")
    assert "not known here" in party.text
    page = ada.fill(party, {"zone": "Asia/Tokyo"})
    assert "Saved." in page.text
    assert "There it is" in page.text
    assert audit(house.orvanda.db)[0].what == "zone"
    account = ada.get("/account")
    ada.fill(account, {"language": "en", "zone": "America/Bogota"})
    text = ada.get(f"/dossiers/{house.dossier}").text
    for told in (
        "22 September 2026, 18:00 UTC",
        "13:00 -05",
        "23 September 2026, 03:00 Asia/Tokyo",
    ):
        assert told in text


def test_a_zone_is_never_guessed_and_only_who_manages_parties_says_it(house: House) -> None:
    row = parties.party(house.orvanda.db, house.tolmere.me)
    assert row is not None
    assert row.zone == ""
    ann = house.pages.person("ann", "analyst")
    page = ann.get(f"/parties/{house.tolmere.me}")
    assert "Say in which time zone" not in page.text
    token = page.read.forms[0].fields["csrfmiddlewaretoken"]
    sent: dict[str, str | list[str]] = {"zone": "Asia/Tokyo", "csrfmiddlewaretoken": token}
    assert ann.post(page.path, sent).status == 404
    ada = house.pages.person("ada", "duty_officer")
    wrong = ada.post(page.path, {**sent, "zone": "Mars/Olympus", "csrfmiddlewaretoken": "x"})
    assert wrong.status == 403
    assert ada.fill(ada.get(page.path), {"zone": "Mars/Olympus"}).text.count("Mars/Olympus") >= 1
    row = parties.party(house.orvanda.db, house.tolmere.me)
    assert row is not None
    assert row.zone == ""


def test_dossiers_that_belong_together_are_told_both_ways(house: House) -> None:
    later = incident(house.orvanda, house.tolmere, "Cranes, again", succeeds=house.dossier)
    ada = house.pages.person("ada", "duty_officer")
    assert "It replaces this dossier." in (text := ada.get(f"/dossiers/{house.dossier}").text)
    assert "Cranes, again" in text
    assert "This dossier replaces it." in (text := ada.get(f"/dossiers/{later}").text)
    assert "Cranes stop" in text
    rebuild(house.orvanda)
    assert "It replaces this dossier." in ada.get(f"/dossiers/{house.dossier}").text


def test_a_dossier_that_is_not_to_be_seen_is_related_to_nothing(house: House) -> None:
    incident(
        house.orvanda,
        house.tolmere,
        "Hidden",
        TLP.RED,
        succeeds=house.dossier,
        readers=((house.orvanda.me, "p0"),),
    )
    page = house.page()
    assert "Related dossiers" not in page.text
    assert "Hidden" not in page.text


def test_an_act_that_cites_another_dossier_ties_the_two(house: House) -> None:
    other = incident(house.orvanda, house.tolmere, "Water stops")
    issue.issue(house.orvanda, dossier_id=other, draft=Draft("note", refs=(house.dossier,)))
    ada = house.pages.person("ada", "duty_officer")
    assert "Something said here refers to it." in ada.get(f"/dossiers/{other}").text
    assert (
        "Something said there refers to this dossier."
        in house.pages.person("bea", "head").get(f"/dossiers/{house.dossier}").text
    )


def related(who: Visitor, dossier: Id) -> list[tuple[str, str]]:
    """Return (address, how) of the related dossiers on a page."""
    _, _, told = who.get(f"/dossiers/{dossier}").text.partition("Related dossiers")
    told, _, _ = told.partition("</ul>")
    return re.findall(r'href="([^"]*)".*?<span[^>]*>([^<]*)<', told)


def test_how_an_incident_belongs_with_another_stands_on_both_pages(house: House) -> None:
    first, one, ada = house.dossier, house.orvanda, house.pages.person("ada", "duty_officer")
    other = incident(one, house.tolmere, "Water stops")
    outward, inward = f"/dossiers/{other}", f"/dossiers/{first}"
    say(one, first, "link", {"relation": "part_of", "dossier": other})
    say(one, first, "link", {"relation": "split_from", "dossier": other})
    assert related(ada, first) == [(outward, "This case was split from it.")]
    assert related(ada, other) == [(inward, "It was split from this dossier.")]
    house.meet()
    say(house.tolmere, first, "link", {"relation": "merged_into", "dossier": other})
    house.meet()
    assert [how for _, how in related(ada, other)] == [
        "It was merged into this dossier.",
        "It was split from this dossier.",
    ]
    rebuild(one)
    say(one, first, "link", {"relation": "unrelated", "dossier": other})
    assert related(ada, first) == [(outward, "This case was merged into it.")]


def test_a_link_tells_nobody_of_a_dossier_that_is_not_to_be_seen(house: House) -> None:
    ada, bea = (house.pages.person(name, "head") for name in ("ada", "bea"))
    person = people.person_by_email(house.orvanda.db, "ada@orvanda.example")
    assert person is not None
    listed = ((house.orvanda.me, person.handle),)
    hidden = incident(house.orvanda, house.tolmere, "Hidden", TLP.RED, readers=listed)
    say(house.orvanda, house.dossier, "link", {"relation": "split_from", "dossier": hidden})
    say(house.orvanda, hidden, "link", {"relation": "part_of", "dossier": house.dossier})
    assert related(bea, house.dossier) == []
    assert len(related(ada, house.dossier)) == 2


def test_a_link_in_what_its_party_disowns_is_none(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = incident(house.orvanda, house.tolmere, "Water stops")
    ada = house.pages.person("ada", "duty_officer")
    act = say(house.orvanda, house.dossier, "link", {"relation": "part_of", "dossier": other})
    assert related(ada, other) != []
    monkeypatch.setattr(dossiers, "disowns", lambda _node, _latest, said: said.id == act)
    assert related(ada, house.dossier) == related(ada, other) == []


def test_every_relation_has_words_both_ways() -> None:
    for code in RELATIONS.keys() - {UNRELATED}:
        assert relation(code, named=True) != relation(code, named=False)


def test_every_sheet_carries_label_and_footing(house: House) -> None:
    act = say(house.orvanda, house.dossier, "inform")
    ada = house.pages.person("ada", "duty_officer")
    page = ada.get(f"/dossiers/{house.dossier}/print")
    head = re.search("<thead>.*?</thead>", page.text, re.DOTALL)
    assert head is not None
    for told in ("TLP:AMBER", "technical: contact between experts"):
        assert told in head[0]
    row = acts.dossier(house.orvanda.db, house.dossier)
    assert row is not None
    for told in ("Cranes stop", "Since 02:40.", act, house.dossier, row.digest):
        assert told in page.text
    sheet = ada.get(f"/dossiers/{house.dossier}/sheet.css")
    assert sheet.headers["content-type"].startswith("text/css")
    assert "@page" in sheet.text
    assert "TLP:AMBER" in sheet.text
    assert 'counter(page) " / " counter(pages)' in sheet.text.replace("'", '"')


def test_a_long_dossier_is_printed_in_parts_that_say_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "SHEETS", 3)
    for _ in range(4):
        say(house.orvanda, house.dossier, "inform")
    page = house.page(path="/print")
    assert "2 earlier messages stand on other sheets." in page.text
    assert '<li value="5"' in page.text
    assert "Since 02:40." not in page.text
    earlier = house.pages.person("bea", "duty_officer").get(f"{page.path}?before=2")
    assert "Since 02:40." in earlier.text
    assert '<li value="1"' in earlier.text


def test_printing_what_is_strict_is_noted_and_what_is_red_is_not_printed(house: House) -> None:
    strict = incident(house.orvanda, house.tolmere, "Strict", TLP.AMBER_STRICT)
    ada = house.pages.person("ada", "duty_officer")
    assert ada.get(f"/dossiers/{strict}/print").status == 200
    assert (audit(house.orvanda.db)[0].what, audit(house.orvanda.db)[0].subject) == ("read", strict)
    assert ada.get(f"/dossiers/{strict}/picture").status == 200
    assert [entry.what for entry in audit(house.orvanda.db)][:2] == ["read", "read"]


def test_a_picture_has_a_twin_in_words_and_a_limit_that_is_told(house: House) -> None:
    last = [say(house.orvanda, house.dossier, "inform") for _ in range(55)][-1]
    page = house.page(path="/picture")
    assert page.text.count('class="act"') == 50
    assert "6 earlier messages are left out." in page.text
    assert f"#a-{last}" in page.text
    drawing = page.text[page.text.index('<svg class="acts"') :]
    assert 'aria-hidden="true"' in drawing[: drawing.index(">")]
    assert "style=" not in page.text
    earlier = house.pages.person("bea", "head").get(f"/dossiers/{house.dossier}/picture?before=6")
    assert earlier.text.count('class="act"') == 6


def test_a_member_is_handed_what_waits_for_it_sealed(house: House, nodes: Nodes) -> None:
    ada = house.pages.person("ada", "duty_officer")
    page = ada.get(f"/dossiers/{house.dossier}/export")
    page = ada.fill(page, {"party": house.tolmere.me})
    assert page.headers["content-type"] == "application/octet-stream"
    assert page.headers["content-disposition"].startswith('attachment; filename="sealed-')
    assert b"Cranes" not in page.body
    file = nodes.folder / "sealed.comity"
    file.write_bytes(page.body)
    assert stick.import_from(house.tolmere, file).messages == 1
    assert acts.dossier(house.tolmere.db, house.dossier) is not None
    assert audit(house.orvanda.db)[0].what == "exported"


def test_who_says_nothing_in_a_dossier_seals_nothing_of_it(house: House) -> None:
    hal = house.pages.person("hal", "head")
    page = hal.get(f"/dossiers/{house.dossier}/export")
    page = hal.fill(page, {"party": house.tolmere.me})
    assert "None of your mandates lets you send anything from this dossier." in page.text
    assert all(entry.what != "exported" for entry in audit(house.orvanda.db))
    ada = house.pages.person("ada", "duty_officer")
    page = ada.fill(ada.get(page.path), {"party": "0" * 64})
    assert page.headers["content-type"].startswith("text/html")


def test_what_is_due_is_drawn_on_one_scale_and_told_in_words(house: House, nodes: Nodes) -> None:
    body: Object = {"to": [house.tolmere.me], "verb": "investigate", "due": START + 2 * HOUR}
    say(house.orvanda, house.dossier, "ask", body)
    ada = house.pages.person("ada", "duty_officer")
    page = ada.get("/due")
    assert 'class="wait"' in page.text
    assert "Answer Orvanda" in page.text
    nodes.clock.advance(3 * HOUR)
    page = ada.get("/due")
    assert 'class="fail"' in page.text
    assert "late" in page.text
    assert "Nobody owes anything." in house.pages.person("dip", "diplomat").get("/due").text


def test_of_much_that_is_due_the_most_urgent_is_shown_and_the_rest_told(house: House) -> None:
    for n in range(52):
        body: Object = {
            "to": [house.tolmere.me],
            "verb": "investigate",
            "due": START + (n + 1) * HOUR,
        }
        say(house.orvanda, house.dossier, "ask", body)
    page = house.pages.person("ada", "duty_officer").get("/due")
    assert page.text.count('<svg class="bar"') == 50
    assert "2 more, less urgent, are left out." in page.text


def test_that_a_message_is_disowned_is_told_in_plain_words_and_why_where_it_is_proven(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = ActStanding(Standing.DISOWNED, True, 1, 1, None, (), None)
    monkeypatch.setattr(Standings, "of", lambda *_: gone)
    ada = house.pages.person("ada", "duty_officer")
    page = ada.get(f"/dossiers/{house.dossier}").text
    timeline = page[page.index('<ol class="timeline">') : page.index("<aside>")]
    proven = "".join(re.findall("<details>.*?</details>", timeline, re.DOTALL))
    plain = re.sub("<details>.*?</details>", "", timeline, flags=re.DOTALL)
    assert "Its author no longer stands behind it." in plain
    for word in ("keys", "log", "disowned", "proven"):
        assert not re.search(rf"\b{word}\b", plain)
    assert "signed with keys, or in a log, that the author has taken back" in proven
    printed = ada.get(f"/dossiers/{house.dossier}/print").text
    assert "Its author no longer stands behind it." in printed
    assert "taken back" not in printed


def test_how_the_last_restore_drill_went_is_told(house: House, tmp_path: Path) -> None:
    kim = house.pages.person("kim", "administrator")
    assert "there was none yet" in kim.get("/node").text
    with pytest.raises(Refusal):
        rehearsal.rehearse(house.orvanda, tmp_path)
    page = kim.get("/node").text
    assert "There is no backup in" in page
    assert str(tmp_path) in page
    assert "there was none yet" not in page
    kim.cookies["language"] = "fr"
    assert f"Il n’y a pas de sauvegarde dans {tmp_path}." in kim.get("/node").text


def test_how_delivery_stands_is_told_in_numbers_and_drawn(house: House) -> None:
    kim = house.pages.person("kim", "administrator")
    assert 'class="wait"' in kim.get("/node").text
    house.meet()
    page = kim.get("/node").text
    assert 'class="done"' in page
    assert 'class="wait"' not in page
