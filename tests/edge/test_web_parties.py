"""Parties at the pages: met, compared digit by digit, accredited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.kernel.ids import fingerprint
from comity.services.casework import issue
from comity.services.casework.content import prepare_fields
from comity.services.casework.issue import Draft
from comity.services.delivery import arrival
from comity.services.delivery.outbound import HTTPTransport, Way
from comity.services.identity import parties as identity
from comity.services.ports import Ports
from comity.services.proof import witnessing
from comity.services.proof.evidence import verify
from comity.store.access import parties
from comity.store.access.people import audit
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Page, Pages, Visitor, with_files
from tests.nodes import Nodes, introduce


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, which knows Tolmere and has not compared it."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere, accredited=False)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


def test_a_party_is_accredited_when_the_digits_are_the_same(nodes: Nodes, pages: Pages) -> None:
    tolmere = nodes.opened["tolmere"].me
    ada = pages.person("ada", "duty_officer")
    assert "known, not compared" in ada.get("/parties").text
    page = ada.get(f"/parties/{tolmere}")
    assert '<span class="party"><bdi>orvanda</bdi></span>' in page.text
    wrong = fingerprint(tolmere).replace("1", "2")
    page = ada.fill(page, {"told": wrong})
    assert "somebody may stand between you" in page.text
    row = parties.party(pages.node.db, tolmere)
    assert row is not None
    assert row.accredited_at is None
    page = ada.fill(page, {"told": fingerprint(tolmere)})
    assert "Accredited: its keys are the ones you know." in page.text
    row = parties.party(pages.node.db, tolmere)
    assert row is not None
    assert row.accredited_at is not None
    assert audit(pages.node.db)[0].what == "accredited"


def test_who_does_not_manage_parties_compares_none(nodes: Nodes, pages: Pages) -> None:
    tolmere = nodes.opened["tolmere"].me
    ann = pages.person("ann", "analyst")
    page = ann.get(f"/parties/{tolmere}")
    assert page.status == 200
    assert "What the party told you" not in page.text
    token = page.read.forms[0].fields["csrfmiddlewaretoken"]
    answer = ann.post(page.path, {"told": fingerprint(tolmere), "csrfmiddlewaretoken": token})
    assert answer.status == 404
    row = parties.party(pages.node.db, tolmere)
    assert row is not None
    assert row.accredited_at is None
    assert ann.get("/parties/introduce").status == 404


def test_what_stands_behind_a_partys_signatures_is_shown(nodes: Nodes, pages: Pages) -> None:
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    ada = pages.person("ada", "duty_officer")
    page = ada.get(f"/parties/{tolmere.me}")
    assert "Today 1 of 1 are needed." in page.text
    assert "none yet" in page.text
    cut = witnessing.cut(tolmere)
    arrival.take_checkpoint(orvanda, cut.to_bytes().decode())
    told = f"log 1, entry {cut.checkpoint.size}"
    assert told in ada.get(f"/parties/{tolmere.me}").text


def bring(visitor: Visitor, card: bytes) -> Page:
    """Get to know a party by its card, as a file."""
    page = visitor.get("/parties/introduce")
    fields = {name: texts[0] for name, texts in page.form.fields.items() if name != "card"}
    visitor.read = 0
    return visitor.send(page.path, *with_files(fields, "card", {"card": card}))


def test_a_party_becomes_known_by_its_card_however_many_documents_it_has(
    nodes: Nodes, pages: Pages
) -> None:
    velden = nodes.make("velden")
    ada = pages.person("ada", "duty_officer")
    # White space is as long as documents are, and is made faster.
    page = bring(ada, identity.card(velden).ljust(identity.CARD_LIMIT))
    assert (page.status, page.path) == (200, f"/parties/{velden.me}")
    assert parties.party(pages.node.db, velden.me) is not None
    page = bring(ada, bytes(identity.CARD_LIMIT + 1))
    assert page.text.count("This is too large for a card.") == 2


def test_a_file_too_large_for_any_card_is_not_read_and_that_alone_is_told(pages: Pages) -> None:
    ada = pages.person("ada", "duty_officer")
    page = bring(ada, bytes(5 * 1024 * 1024))
    assert page.status == 413
    assert page.text.count("larger together than the 4 MB") == 2
    assert "Give the address of its node" not in page.text
    assert ada.read < identity.CARD_LIMIT // 8
    ada.cookies["language"] = "fr"
    told = "au total les 4 Mo acceptés en une fois"
    assert bring(ada, bytes(5 * 1024 * 1024)).text.count(told) == 2


def test_a_file_too_large_is_told_where_nothing_stood_before_it(pages: Pages) -> None:
    ada = pages.person("ada", "duty_officer")
    (ada.token,) = ada.get("/parties/introduce").form.fields["csrfmiddlewaretoken"]
    page = ada.send("/parties/introduce", *with_files({}, "card", {"card": bytes(5 * 1024**2)}))
    assert page.status == 413
    assert page.text.count("larger together than the 4 MB") == 2
    page = ada.post("/parties/introduce", {})
    assert "Give the address of its node, or its card." in page.text


def test_a_party_that_does_not_answer_is_told_so(pages: Pages) -> None:
    ada = pages.person("ada", "duty_officer")
    page = ada.get("/parties/introduce")
    page = ada.fill(page, {"address": "https://nobody.example"})
    assert page.text.count("Nothing answers there.") == 2
    page = ada.fill(page, {"address": ""})
    assert "Give the address of its node, or its card." in page.text


def test_an_address_of_the_nodes_own_network_is_not_asked(pages: Pages) -> None:
    """A browser must not make the node knock at what stands beside it."""
    node = pages.node
    transport = HTTPTransport(Way(local=False))
    node.ports = Ports(node.ports.clock, node.ports.random, transport)
    ada = pages.person("ada", "duty_officer")
    page = ada.get("/parties/introduce")
    for address in ("http://127.0.0.1:9", "http://localhost:9", "http://[::ffff:10.0.0.1]"):
        page = ada.fill(page, {"address": address})
        assert page.text.count("it is one of its own network") == 2, address
    transport.close()


def test_evidence_and_files_are_given_to_be_kept_and_never_shown(
    nodes: Nodes, pages: Pages
) -> None:
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    id_ = incident(orvanda, tolmere, "Cranes stop")
    evil = nodes.folder / "evil.html"
    evil.write_text("<script>alert(1)</script>", encoding="utf-8")
    content = prepare_fields(orvanda, {"text": "See."}, [(evil.name, "text/html", evil)])
    act = issue.issue(orvanda, dossier_id=id_, draft=Draft("inform", content=content))
    ada = pages.person("ada", "duty_officer")
    assert f'href="/acts/{act}/files/0"' in ada.get(f"/dossiers/{id_}").text
    page = ada.get(f"/acts/{act}/files/0")
    assert page.body == evil.read_bytes()
    assert page.headers["content-type"] == "application/octet-stream"
    assert page.headers["content-disposition"] == 'attachment; filename="evil.html"'
    assert page.headers["x-content-type-options"] == "nosniff"
    assert verify(ada.get(f"/acts/{act}/evidence").body).subject == act
    for path in (f"/acts/{act}/files/1", f"/acts/{'0' * 64}/evidence"):
        assert ada.get(path).status == 404
    other = pages.person("oda", "diplomat")
    for path in (f"/acts/{act}/files/0", f"/acts/{act}/evidence"):
        assert other.get(path).status == 404
