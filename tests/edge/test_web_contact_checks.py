"""What contact checks found, as people read it: their results, and what may be given to others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.casework import checking_contacts as checking
from comity.services.casework.checking_contacts import Contact
from comity.services.casework.inbox import Machine
from comity.services.directory import planning
from comity.services.people.mandates import shipped
from comity.store.access import acts
from comity.store.append.people import save_mandate
from comity.store.sql import writing
from tests.edge.program import program
from tests.edge.visitor import Pages
from tests.nodes import Nodes
from tests.services.phonebook import community, nominate
from tests.services.test_checking_contacts import CHECK, HOUR, answer, probes, seats

MAIL = Contact("desk", ("email",))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The pages of Orvanda, which closed a campaign over six seats, and has one of two open."""
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda = nodes.make("orvanda")
        orvanda.settings = replace(orvanda.settings, second_factor=False)
        names = (f"seat{n}" for n in range(6))
        for check in checking.start(orvanda, CHECK, seats(*names, contact=MAIL))[:3]:
            answer(orvanda, check.dossier, probes(orvanda, check.dossier)[0][0])
        nodes.clock.advance(24 * HOUR)
        checking.close(orvanda, CHECK.name)
        checking.start(orvanda, replace(CHECK, name="second"), seats("sarivane", contact=MAIL))
        with Pages(orvanda) as found:
            yield found


def test_results_are_shown_and_figures_drawn_beside_the_published_mean(pages: Pages) -> None:
    ada = pages.person("ada", "duty_officer")
    assert 'href="/contact-checks"' in ada.get("/dossiers").text
    listed = ada.get("/contact-checks").text
    assert 'href="?campaign=council%2F2026-2"' in listed
    assert "6 checks" in listed
    assert "1 open" in listed
    page = ada.get("/contact-checks?campaign=council/2026-2").text
    for words in ("seat0", "still right", "nobody answered", "50 %", "99 %", "checked these means"):
        assert words in page
    own, others = page.split('id="others"')
    assert own.count('<svg class="bar"') >= 2
    assert "50 %" in others
    assert "not told, for it would tell of too few" in others  # The times of three.
    assert "seat0" not in others
    assert "style=" not in page

    going_on = ada.get("/contact-checks?campaign=second").text
    assert "Figures are for others once the campaign is closed." in going_on
    assert "waiting" in going_on
    assert ada.get("/contact-checks?campaign=absent").status == 404


def test_who_sees_no_dossiers_sees_no_campaign(pages: Pages) -> None:
    auditor = pages.person("otto", "auditor")
    assert "has checked no contacts that you see" in auditor.get("/contact-checks").text
    assert auditor.get("/contact-checks?campaign=council/2026-2").status == 404


def test_a_campaign_is_looked_at_started_and_closed(pages: Pages) -> None:
    node = pages.node
    forum = community(node, title="Harbour <forum>")
    nominate(node, forum, seat="xa", contact="desk_a", source="imported", email="desk@xa.example")
    ada = pages.person("ada2", "duty_officer")
    assert 'href="/contact-checks/start"' in ada.get("/contact-checks").text
    page = ada.get("/contact-checks/start")
    assert "Harbour &lt;forum&gt;" in page.text
    wish = {"dossier": forum, "campaign": "spring", "title": "Spring", "level": "1", "hours": "24"}
    page = ada.get(f"/contact-checks/start?{urlencode(wish)}")
    for words in ("It would ask 1 contact<", "xa", "desk_a", "mail, telephone", "without a"):
        assert words in page.text
    assert "desk@xa.example" not in page.text
    assert "EXERCISE" not in page.text
    assert (
        "hours of work"
        in ada.get(f"/contact-checks/start?{urlencode({**wish, 'hours': '721'})}").text
    )
    page = ada.fill(page, {}, form=page.read.forms[2])
    assert page.path == "/contact-checks?campaign=spring"
    assert page.text.count("waiting") == 2
    again = ada.get(f"/contact-checks/start?{urlencode({**wish, 'campaign': '1'})}")
    assert "a handle begins with a letter" in again.text
    page = ada.fill(page, {}, form=page.read.forms[1])
    assert "are not due yet" in page.text
    node.ports.clock.advance(48 * HOUR)  # type: ignore[attr-defined]
    page = ada.fill(ada.get("/contact-checks?campaign=spring"), {}, form=page.read.forms[1])
    assert "nobody answered" in page.text
    assert "Started or closed a campaign" in pages.person("otto2", "auditor").get("/audit").text


def test_a_campaign_is_stopped_from_where_it_says_that_it_is_too_early(pages: Pages) -> None:
    node = pages.node
    checking.start(node, replace(CHECK, name="early"), seats("xs", contact=MAIL))
    cleo = pages.person("cleo", "duty_officer")
    page = cleo.get("/contact-checks?campaign=early")
    assert "Stop it all the same" not in page.text
    page = cleo.fill(page, {}, form=page.read.forms[1])
    assert "are not due yet" in page.text
    assert "Stop it all the same" in page.text
    page = cleo.fill(page, {"stop": "1"}, form=page.read.forms[1])
    assert "Stop it all the same" not in page.text
    assert "Close the campaign" not in page.text


def test_a_campaign_of_an_exercise_says_so_before_it_is_started(pages: Pages) -> None:
    node = pages.node
    forum = community(node, realm="autumn", title="Played forum")
    nominate(node, forum, seat="xe", contact="desk_e", source="imported")
    dora = pages.person("dora", "duty_officer")
    wish = {"dossier": forum, "campaign": "played", "title": "Played", "level": "1", "hours": "24"}
    page = dora.get(f"/contact-checks/start?{urlencode(wish)}")
    assert "EXERCISE autumn: not live" in page.text
    page = dora.fill(page, {}, form=page.read.forms[2])
    assert "1 check belongs to an exercise and is not counted." in page.text


def test_only_who_signs_alone_starts_campaigns(pages: Pages) -> None:
    ann = pages.person("ann", "analyst")
    assert "/contact-checks/start" not in ann.get("/contact-checks").text
    assert ann.get("/contact-checks/start").status == 404
    asked = {"dossier": "0" * 64, "campaign": "x", "title": "x"}
    assert program(pages, "analyst", name="anna").post("/contact-checks", asked).rule == "S10"
    ask = program(pages, "duty_officer", name="oda")
    assert ask.post("/contact-checks", asked).status == 404
    assert ask.get("/contact-checks").status == 200
    figures = ask.get("/contact-checks/figures?campaign=council/2026-2").value
    assert (figures["checks"], len(figures["results"])) == (6, 6)


def test_nobody_closes_or_goes_on_with_a_campaign_of_other_lanes(pages: Pages) -> None:
    node = pages.node
    quiet = replace(CHECK, name="quiet", lanes=("diplomatic",))
    (check,) = checking.start(node, quiet, seats("xq", contact=MAIL))
    mandate = replace(shipped()["duty_officer"], code="night", lanes=("technical",))
    with writing(node.db):
        save_mandate(node.db, "night", mandate.to_object(), node.now())
    ask = program(pages, "night", name="nora")
    assert "quiet" not in str(ask.get("/contact-checks").value)
    for named in ("quiet", ""):
        refused = ask.post("/contact-checks/close", {"campaign": named, "stop": True})
        assert refused.status >= 400
        assert acts.dossiers_among(node.db, [check.dossier])[check.dossier].status == "waiting"
    forum = community(node)
    nominate(node, forum, seat="xq", contact="desk_q", source="imported", email="desk@xq.example")
    wish = {"dossier": forum, "campaign": "quiet", "title": "Ours", "level": 1}
    assert "take another" in str(ask.post("/contact-checks", wish).value)
    assert len(probes(node, check.dossier)) == 1


def test_no_plan_is_made_of_what_is_red(pages: Pages) -> None:
    readers = ((pages.node.me, "nobody"),)
    forum = community(pages.node, ceiling=TLP.RED, readers=readers)
    nominate(pages.node, forum, seat="xr", contact="red_desk", source="imported")
    with pytest.raises(Refusal, match="stays there"):
        planning.draw_up(Machine(pages.node), forum, campaign="x", title="x", level=1, due=24)
