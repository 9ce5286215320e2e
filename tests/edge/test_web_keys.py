"""Public keys by page: what speaks for each, and reading one aloud, as on a telephone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from comity.protocols.trust.keys.acts import ShowKey, Verify
from comity.services.casework.inbox import Machine
from comity.services.directory import aloud, keys
from comity.services.node import Node
from tests.edge.program import program
from tests.edge.visitor import Page, Pages, Visitor
from tests.nodes import Nodes, introduce, pass_on, say
from tests.services.test_keys import DESK, newest, only, open_keys, show

SPELLED = "0F1E 2D3C 4B0F 1E2D 3C4B 0F1E 2D3C 4B0F 1E2D 3C4B"


@dataclass
class Place:
    """The pages of Tolmere, to which Orvanda showed the key of its desk."""

    pages: Pages
    nodes: Nodes
    orvanda: Node
    key: str
    ada: Visitor

    @property
    def tolmere(self) -> Node:
        return self.pages.node

    def press(self, page: Page, button: str) -> Page:
        """Press a button of the page of a key."""
        forms = [f for f in page.read.forms if button in {name for name, _ in f.buttons}]
        return self.ada.fill(page, {}, form=forms[0], button=button)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(orvanda, tolmere)
        tolmere.settings = replace(tolmere.settings, second_factor=False)
        key = show(orvanda, open_keys(orvanda, tolmere, "Keys of <ours>"))
        pass_on(orvanda, tolmere)
        with Pages(tolmere) as pages:
            yield Place(pages, nodes, orvanda, key, pages.person("ada", "duty_officer"))


def test_keys_are_listed_and_lead_on(place: Place) -> None:
    page = place.ada.get("/directory")
    assert 'href="/keys"' in page.text
    page = place.ada.get("/keys")
    for words in (SPELLED, "orvanda", "desk", "OpenPGP, version 4", "e-mail", "K0: shown by"):
        assert words in page.text
    assert f"/keys/{place.key}" in page.read.links
    assert SPELLED in place.ada.get(f"/keys?party={place.orvanda.me}").text
    mine = place.ada.get(f"/keys?party={place.tolmere.me}")
    assert "There are none that you see." in mine.text
    assert place.ada.get("/keys?party=nobody").status == 404


def test_the_page_of_a_key_shows_all_of_it(place: Place) -> None:
    page = place.ada.get(f"/keys/{place.key}")
    assert page.status == 200
    assert '<p class="fingerprint">' + SPELLED in page.text
    assert "<svg" in page.text
    assert "Nothing but that it was shown." in page.text
    assert "Keys of &lt;ours&gt;" in page.text
    assert f"/dossiers/{only(place.tolmere).dossier}/say/verify?refs={place.key}" in page.read.links
    assert "<script" not in page.text
    for wrong in (DESK.fingerprint, place.key[:10], "0" * 64):
        assert place.ada.get(f"/keys/{wrong}").status == 404


def test_programs_are_given_them_as_they_are_listed(place: Place) -> None:
    ask = program(place.pages, "analyst", name="ann").get
    (key,) = ask(f"/keys?party={place.orvanda.me}").value["keys"]
    assert (key["act"], key["level"], key["revoked"]) == (place.key, "k0", None)
    assert (key["fingerprint"], key["holder"]) == (DESK.fingerprint, "desk")
    assert ask(f"/keys?party={place.tolmere.me}").value["keys"] == []


def test_a_key_is_read_aloud_by_one_button_per_step(place: Place) -> None:
    orvanda, tolmere = place.orvanda, place.tolmere
    page = place.press(place.ada.get(f"/keys/{place.key}"), "begin")
    assert "The other is next." in page.text
    assert "Look again" in page.text
    pass_on(tolmere, orvanda)
    aloud.go_on(Machine(orvanda), newest(orvanda))
    pass_on(orvanda, tolmere)
    waiting = place.ada.get("/keys")
    assert "reads a key aloud with you, and waits." in waiting.text
    page = place.ada.get(f"/keys/reading/{newest(tolmere).id}")
    assert page.path == f"/keys/{place.key}"
    assert "tell the number that you committed to" in page.text
    page = place.press(page, "go")
    assert newest(tolmere).digits in page.text
    page = place.press(page, "heard")
    assert "You have said what you heard." in page.text
    pass_on(tolmere, orvanda)
    assert newest(orvanda).digits == newest(tolmere).digits
    aloud.hear(Machine(orvanda), newest(orvanda), "same")
    pass_on(orvanda, tolmere)
    page = place.ada.get(f"/keys/{place.key}")
    assert "Both heard the same." in page.text
    assert "K2: read aloud" in page.text
    assert "K2: read aloud" in place.ada.get("/keys").text


def test_what_is_old_differed_or_was_revoked_is_told(place: Place) -> None:
    orvanda, tolmere = place.orvanda, place.tolmere
    fresh = ShowKey(algorithm="x509", fingerprint="9c" * 32, holder="night", uses=["access"])
    dossier = open_keys(orvanda, tolmere, "More")
    act = show(orvanda, dossier, fresh)
    pass_on(orvanda, tolmere)
    met = Verify(level="k3", how="qr", witnesses=[orvanda.me[:-1] + "0"], holder="d1")  # type: ignore[list-item]
    say(tolmere, dossier, "verify", met.to_body(), refs=[act])
    place.nodes.clock.advance(keys.OLD + 1)
    # The session of who was signed in all the time has ended by now.
    page = place.pages.person("eve", "duty_officer").get(f"/keys/{act}")
    for words in ("K3: compared in person", "older than 24 months", "QR code", "before", "d1"):
        assert words in page.text
    key = keys.find(Machine(tolmere), act)
    step = aloud.of_act(Machine(tolmere), aloud.begin(Machine(tolmere), key))
    for one, other in ((tolmere, orvanda), (orvanda, tolmere)):
        pass_on(one, other)
        aloud.go_on(Machine(other), aloud.of_act(Machine(other), step.id))
    aloud.hear(Machine(tolmere), aloud.of_act(Machine(tolmere), step.id), "different")
    eve = place.pages.person("eva", "duty_officer")
    assert (
        "Different digits were heard. Somebody may be between you." in eve.get(f"/keys/{act}").text
    )
    assert "different digits were heard" in eve.get("/keys").text
    pass_on(tolmere, orvanda)
    say(orvanda, dossier, "revoke_key", {"reason": "stolen"}, refs=[act])
    pass_on(orvanda, tolmere)
    page = eve.get(f"/keys/{act}")
    assert "Revoked. Do not rely on it." in page.text
    assert "stolen, or used by another" in page.text
    assert "0 acknowledged it, 1 did not yet." in page.text
    assert not [f for f in page.read.forms if ("begin", "1") in f.buttons]
    assert "revoked" in eve.get("/keys").text


def test_forms_of_steps_lead_to_the_page(place: Place) -> None:
    machine = Machine(place.tolmere)
    act = aloud.begin(machine, keys.find(machine, place.key))
    step = aloud.of_act(machine, act)
    eve = place.pages.person("ines", "duty_officer")
    page = eve.get(f"/dossiers/{step.dossier}/say/heard?refs={step.id}")
    assert f'href="/keys/reading/{step.id}"' in page.text
    page = eve.get(f"/dossiers/{step.dossier}/say/commit_words")
    assert 'href="/keys"' in page.text


def test_who_may_not_sign_alone_sees_and_does_not_begin(place: Place) -> None:
    grace = place.pages.person("grace", "analyst")
    page = grace.get(f"/keys/{place.key}")
    assert SPELLED in page.text
    assert not [f for f in page.read.forms if ("begin", "1") in f.buttons]
    token = page.read.forms[0].fields["csrfmiddlewaretoken"][0]
    sent = {"csrfmiddlewaretoken": token, "begin": "1", "to": place.orvanda.me}
    assert grace.post(f"/keys/{place.key}", sent).status == 404
    nobody = place.pages.person("dora", "programme_officer")
    assert nobody.get(f"/keys/{place.key}").status == 404
    assert SPELLED not in nobody.get("/keys").text
