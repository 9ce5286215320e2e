"""A coordinated disclosure as people look at it: the embargo, and a table that shows silence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import orjson
import pytest

from comity.bridges.csaf import reading
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.protocols.response.disclosure import PROTOCOL
from comity.services.casework.inbox import Machine
from comity.services.node import Node
from comity.services.people.mandates import shipped
from comity.services.response import disclosures
from comity.services.response.caseview import CaseView, DisclosureParty, ProductFix, ProductWord
from comity.services.sharing.advisories import known_lists
from comity.store.access import people
from comity.store.append.people import save_mandate
from comity.store.sql import writing
from tests.edge.program import program
from tests.edge.visitor import Page, Pages, Visitor
from tests.kernel.world import refused
from tests.network.test_consent import agree, inform, propose, report
from tests.nodes import Nodes, introduce, open_tally, pass_on, say
from tests.services.test_carry import queries

NAMES = ("orvanda", "tolmere", "sarivane", "fennick", "wicklight")


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """Five nodes that know each other."""
    with Nodes(tmp_path_factory.mktemp("nodes")) as found:
        introduce(*map(found.make, NAMES))
        yield found


@pytest.fixture(scope="module")
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, which reported."""
    orvanda = nodes.opened["orvanda"]
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


@pytest.fixture(scope="module")
def ada(pages: Pages) -> Visitor:
    return pages.person("ada", "duty_officer")


def to_orvanda(nodes: Nodes, name: str, dossier: Id, kind: str, *refs: str, **body: object) -> Id:
    """Let another party say something, and Orvanda have it."""
    node, orvanda = nodes.opened[name], nodes.opened["orvanda"]
    act = say(node, dossier, kind, body, refs=refs)  # type: ignore[arg-type]
    assert not pass_on(node, orvanda)
    return act


@pytest.fixture(scope="module")
def case(nodes: Nodes) -> Id:
    """A case in which Tolmere works, Sarivane refused, Fennick says nothing, and Wicklight agreed
    and is not affected.
    """
    orvanda, *others = (nodes.opened[name] for name in NAMES)
    dossier = report(orvanda, *others)
    terms = propose(orvanda, dossier)
    for other in others:
        assert not pass_on(orvanda, other)
    duty = ["csirt", "regulator"]
    to_orvanda(nodes, "tolmere", dossier, "accept", terms, duties=duty, within=24)
    to_orvanda(nodes, "tolmere", dossier, "handle", dossier, stage="received", role="vendor")
    to_orvanda(nodes, "tolmere", dossier, "handle", dossier, stage="valid")
    to_orvanda(nodes, "tolmere", dossier, "handle", dossier, stage="accepted")
    to_orvanda(nodes, "tolmere", dossier, "status", word="affected", product="gateway-3")
    to_orvanda(nodes, "tolmere", dossier, "fix", step="ready", product="gateway-3")
    to_orvanda(nodes, "tolmere", dossier, "fix", step="deployed", product="gateway-3")
    to_orvanda(nodes, "sarivane", dossier, "refuse", terms, reason="law")
    to_orvanda(nodes, "wicklight", dossier, "accept", terms, duties=["none"])
    to_orvanda(nodes, "wicklight", dossier, "status", word="not_affected")
    return dossier


def parties(found: CaseView) -> dict[str, DisclosureParty]:
    return {each.name: each for each in found.parties}


def line(page: Page, name: str) -> str:
    """Return the line of a party, as it is read."""
    (found,) = re.findall(rf"<tr><th scope=\"row\"><bdi>{name}</bdi>.*?</tr>", page.text, re.DOTALL)
    return " ".join(re.sub("<[^>]+>", " ", found).split())


def test_who_was_asked_nothing_is_not_called_silent(nodes: Nodes, ada: Visitor) -> None:
    orvanda = nodes.opened["orvanda"]
    page = ada.get(f"/dossiers/{report(orvanda, nodes.opened['fennick'])}/disclosure")
    assert line(page, "fennick") == "fennick none proposed yet was given none – – –"
    assert line(page, "orvanda").startswith("orvanda none proposed yet wrote it")
    assert "The report is ours." in page.text


def test_silence_is_told_apart_from_refusal_and_from_not_affected(nodes: Nodes, case: Id) -> None:
    found = parties(disclosures.case(nodes.opened["orvanda"], case))
    assert {name: each.consent for name, each in found.items()} == {
        "orvanda": "agreed",
        "tolmere": "agreed",
        "sarivane": "refused",
        "fennick": "no_reply",
        "wicklight": "agreed",
    }
    assert [name for name, each in found.items() if each.is_silent] == ["fennick"]
    assert found["tolmere"].words == (ProductWord("gateway-3", "", "affected"),)
    assert found["tolmere"].fixes == (ProductFix("gateway-3", "deployed"),)
    assert found["wicklight"].words == (ProductWord("", "", "not_affected"),)
    assert found["tolmere"].reached in {"received", "whole", "queued", "sent"}


def test_the_page_says_so_in_words(ada: Visitor, case: Id) -> None:
    page = ada.get(f"/dossiers/{case}/disclosure")
    assert "Under embargo" in page.text
    assert "We keep to it until the end." in page.text
    assert line(page, "fennick").count("no reply") == 2
    assert "refused to hold to terms" in line(page, "sarivane")
    assert "not affected" in line(page, "wicklight")
    told = line(page, "tolmere")
    assert "affected gateway-3" in told
    assert "to a national CSIRT, to a regulator or supervisor within 24 hours" in told
    assert "the fix is deployed" in told


def test_it_is_found_from_the_dossier_and_leads_back(ada: Visitor, case: Id) -> None:
    assert f"/dossiers/{case}/disclosure" in ada.get(f"/dossiers/{case}").read.links
    assert f"/dossiers/{case}" in ada.get(f"/dossiers/{case}/disclosure").read.links


@pytest.mark.parametrize(
    ("show", "names"),
    [
        ("silent", {"fennick"}),
        ("unanswered", {"fennick"}),
        ("refused", {"sarivane"}),
        ("affected", {"tolmere"}),
        ("not_affected", {"wicklight"}),
        ("unfixed", set()),
    ],
)
def test_parties_are_looked_for_by_what_they_said(
    ada: Visitor, case: Id, show: str, names: set[str]
) -> None:
    page = ada.get(f"/dossiers/{case}/disclosure?show={show}")
    assert {n for n in NAMES if f'<th scope="row"><bdi>{n}</bdi>' in page.text} == names
    assert ("No party here is that." in page.text) is not bool(names)


def test_parties_stand_by_their_role_and_are_found_by_name(ada: Visitor, case: Id) -> None:
    page = ada.get(f"/dossiers/{case}/disclosure?text=OLM")
    assert re.findall(r"<h3>(\w+) <span", page.text) == ["vendor"]
    assert line(page, "tolmere")


def test_one_more_party_is_no_more_queries(nodes: Nodes, case: Id) -> None:
    orvanda = nodes.opened["orvanda"]
    small = report(orvanda, nodes.opened["tolmere"])
    with queries(orvanda) as few:
        disclosures.case(orvanda, small)
    with queries(orvanda) as many:
        disclosures.case(orvanda, case)
    assert len(few) == len(many) <= 6


def ended(nodes: Nodes) -> tuple[Node, Id, Id]:
    """Return a case of Orvanda and Tolmere under embargo, and its terms."""
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    dossier = report(orvanda, tolmere)
    terms = propose(orvanda, dossier)
    assert not pass_on(orvanda, tolmere)
    agree(tolmere, dossier, terms)
    assert not pass_on(tolmere, orvanda)
    return orvanda, dossier, terms


def test_who_ended_it_stands_there_with_the_reason(nodes: Nodes, ada: Visitor) -> None:
    _, dossier, terms = ended(nodes)
    act = to_orvanda(nodes, "tolmere", dossier, "withdraw", terms, reason="safety")
    page = ada.get(f"/dossiers/{dossier}/disclosure")
    assert "Embargo ended by a party" in page.text
    assert "people are at risk" in page.text
    assert f"/dossiers/{dossier}#a-{act}" in page.text


def test_a_claim_of_one_other_is_shown_and_not_believed(nodes: Nodes, ada: Visitor) -> None:
    orvanda, dossier, _ = ended(nodes)
    claim = to_orvanda(nodes, "tolmere", dossier, "claim", what="public", basis="own")
    page = ada.get(f"/dossiers/{dossier}/disclosure")
    assert "Said to be out" in page.text
    assert "not believed here alone" in page.text
    assert disclosures.case(orvanda, dossier).keeping == "keeps"
    settings = orvanda.settings
    orvanda.settings = replace(settings, believed_parties=1)
    assert disclosures.case(orvanda, dossier).keeping == "out"
    assert (
        "because several parties saw it independently"
        in ada.get(f"/dossiers/{dossier}/disclosure").text
    )
    to_orvanda(nodes, "tolmere", dossier, "retract", claim)
    assert disclosures.case(orvanda, dossier).keeping == "keeps"
    assert "taken back" in ada.get(f"/dossiers/{dossier}/disclosure").text
    orvanda.settings = settings


def test_what_may_be_said_next_is_offered(nodes: Nodes, ada: Visitor) -> None:
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    dossier = report(tolmere, orvanda)
    terms = propose(tolmere, dossier)
    assert not pass_on(tolmere, orvanda)
    links = ada.get(f"/dossiers/{dossier}/disclosure").read.links
    assert f"/dossiers/{dossier}/say/accept?refs={terms}" in links
    assert f"/dossiers/{dossier}/say/withdraw?refs={terms}" not in links
    agree(orvanda, dossier, terms)
    links = ada.get(f"/dossiers/{dossier}/disclosure").read.links
    assert f"/dossiers/{dossier}/say/accept?refs={terms}" not in links
    assert f"/dossiers/{dossier}/say/withdraw?refs={terms}" in links


def test_who_has_closed_its_report_is_led_to_no_word_on_terms(nodes: Nodes, ada: Visitor) -> None:
    orvanda, dossier, terms = ended(nodes)
    to_orvanda(nodes, "tolmere", dossier, "withdraw", terms, reason="safety")
    say(orvanda, dossier, "handle", {"stage": "closed"}, refs=[dossier])
    tolmere = nodes.opened["tolmere"]
    propose(tolmere, dossier)
    assert not pass_on(tolmere, orvanda)
    links = ada.get(f"/dossiers/{dossier}/disclosure").read.links
    said = {link.partition("/say/")[2].partition("?")[0] for link in links if "/say/" in link}
    assert not said & {"accept", "refuse", "propose", "withdraw", "handle"}


def test_a_guest_that_speaks_has_a_line_of_its_own(nodes: Nodes) -> None:
    orvanda, dossier, _ = ended(nodes)
    told = inform(orvanda, dossier, "told")
    body = {"what": "attack", "basis": "own"}
    record = {"letter": told, "guest": "finder", "kind": "claim", "body": body}
    say(orvanda, dossier, "record", record)  # type: ignore[arg-type]
    found = disclosures.case(orvanda, dossier)
    assert parties(found)["finder (orvanda)"].place == "guest"
    assert found.belief.because is None


def test_no_other_dossier_is_one(nodes: Nodes, ada: Visitor) -> None:
    tally = open_tally(nodes.opened["orvanda"], nodes.opened["tolmere"])
    with refused("S3"):
        disclosures.case(nodes.opened["orvanda"], tally)
    with refused("S3", "of a different kind from the one asked for: Coordinated disclosure."):
        Machine(nodes.opened["orvanda"]).dossier_of(PROTOCOL, tally)
    assert ada.get(f"/dossiers/{tally}/disclosure").status == 404
    assert ada.get(f"/dossiers/{tally}/disclosure/advisory").status == 404


def test_a_draft_of_an_advisory_is_valid_and_says_what_vendors_said(ada: Visitor, case: Id) -> None:
    page = ada.get(f"/dossiers/{case}/disclosure/advisory")
    assert page.headers["content-disposition"].endswith(f'"case-{case[:16]}.json"')
    found = orjson.loads(page.body)
    assert reading.faults(found, known_lists()) == []
    assert found["document"]["distribution"]["tlp"]["label"] == "AMBER"
    assert found["vulnerabilities"][0]["product_status"].keys() == {
        "known_affected",
        "known_not_affected",
    }


def test_of_what_is_red_there_is_no_draft_to_take_along(nodes: Nodes, ada: Visitor) -> None:
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    (handle,) = {row.handle for row in people.people(orvanda.db) if row.name == "Ada"}
    mandate = replace(shipped()["duty_officer"], ceiling=TLP.RED)
    with writing(orvanda.db):
        save_mandate(orvanda.db, "duty_officer", mandate.to_object(), orvanda.now())
    dossier = report(orvanda, tolmere, red=handle)
    page = ada.get(f"/dossiers/{dossier}/disclosure")
    assert page.status == 200
    assert f"/dossiers/{dossier}/disclosure/advisory" not in page.read.links
    assert ada.get(f"/dossiers/{dossier}/disclosure/advisory").status == 422


def test_programs_are_given_the_same(pages: Pages, case: Id) -> None:
    found = program(pages, "duty_officer").get(f"/dossiers/{case}/disclosure").value
    assert found["state"] == "active"
    assert found["keeping"] == "keeps"
    told = {each["name"]: each for each in found["parties"]}
    assert told["fennick"]["consent"] == "no_reply"
    assert told["tolmere"]["fixes"] == [{"product": "gateway-3", "step": "deployed"}]
    assert told["tolmere"]["duties"] == ["csirt", "regulator"]
