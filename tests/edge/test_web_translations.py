"""Languages at the pages: what is written says its language, and is read in others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import Mock

import pytest

from comity.kernel.act import read_header
from comity.kernel.ids import Id
from comity.kernel.label import TLP, Footing
from comity.services.casework import (
    compose,
    content,
    erasure,
    issue,
    letters,
    lettertext,
    translations,
)
from comity.services.casework import drafts as drafts_service
from comity.services.casework import guests as letter_service
from comity.services.casework.compose import Attached
from comity.services.casework.guests import Addressee
from comity.services.casework.issue import Draft
from comity.services.node import Node
from comity.services.people.mandates import Hand
from comity.store.access import acts, drafts
from comity.store.sql import query, writing
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Page, Pages, Visitor
from tests.nodes import FakeClock, Nodes, introduce, open_tally, pass_on

TEXT = "Die Kräne stehen."


class Case:
    """Orvanda's pages; an incident with Tolmere, and what Orvanda said there in German."""

    def __init__(self, nodes: Nodes, pages: Pages, dossier: Id, act: Id) -> None:
        self.orvanda, self.tolmere = (nodes.opened[name] for name in ("orvanda", "tolmere"))
        self.pages, self.dossier, self.act = pages, dossier, act

    @property
    def form(self) -> str:
        return f"/dossiers/{self.dossier}/say/translation?act={self.act}"


@pytest.fixture(name="case")
def made(nodes: Nodes) -> Iterator[Case]:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    dossier = incident(orvanda, tolmere, "Cranes stop")
    act = inform(orvanda, dossier, TEXT, "de", TLP.GREEN)
    with Pages(orvanda) as pages:
        yield Case(nodes, pages, dossier, act)


def inform(node: Node, dossier: Id, text: str, lang: str, tlp: TLP) -> Id:
    prepared = content.prepare_fields(node, {"text": text}, lang=lang)
    return issue.issue(node, dossier_id=dossier, draft=Draft("inform", {}, prepared, (), tlp))


def translate(node: Node, act: Id, text: str, lang: str, as_: str, **more: TLP) -> Id:
    original = translations.original(node, act)
    kind = translations.kind_of(node, original.header.dossier or act, act)
    filled = compose.read(node, kind, {"act": act, "lang": lang, "as": as_, "text": text})
    draft = Draft(kind.kind, filled.body, None, (), more.get("tlp"))
    (sent,) = compose.send(node, original.header.dossier or act, draft, filled, Attached((), ()))
    return sent


def entry(page: Page, act: Id) -> str:
    """Return what the page shows of one act, before how it is proven."""
    found = re.search(f'<li id="a-{act}".*?</dl>', page.text, re.DOTALL)
    assert found is not None, page.text
    return found[0]


def sign(visitor: Visitor, page: Page) -> Page:
    form = next(form for form in page.read.forms if ("do", "sign") in form.buttons)
    return visitor.fill(page, {}, form=form, button="do")


def test_what_is_written_says_its_language(case: Case) -> None:
    ada = case.pages.person("ada", "duty_officer")
    page = ada.get(f"/dossiers/{case.dossier}/say/inform")
    assert page.form.fields["lang"] == ["en"]
    assert '<option value="zh-Hans">' in page.text
    page = ada.fill(page, {"text": "Les grues.", "lang": "FR-ch", "_tlp": "amber"}, button="check")
    assert "French (fr-CH)" in page.text
    page = sign(ada, page)
    assert '<div class="words prose" dir="auto" lang="fr-CH">' in page.text
    assert "Written in: French (fr-CH)" in page.text
    assert "Written in: German" in entry(page, case.act)


def test_a_language_that_is_none_is_said_beside_its_field(case: Case) -> None:
    ada = case.pages.person("ada", "duty_officer")
    page = ada.get(f"/dossiers/{case.dossier}/say/inform")
    page = ada.fill(page, {"text": "x", "lang": "French", "_tlp": "amber"}, button="check")
    assert 'id="id_lang_error"' in page.text
    assert "Language of the text: write the tag of a language" in page.text
    assert page.form.fields["lang"] == ["French"]


def test_a_draft_keeps_its_language_and_begins_with_the_readers(case: Case) -> None:
    ada = case.pages.person("ada", "duty_officer")
    ada.language = "zh-hans"
    page = ada.get(f"/dossiers/{case.dossier}/say/inform")
    assert page.form.fields["lang"] == ["zh-Hans"]
    page = ada.fill(page, {"text": "x", "lang": "pt-BR", "_tlp": "amber"}, button="later")
    assert page.form.fields["lang"] == ["pt-BR"]


def test_a_message_is_translated_beside_its_words(case: Case) -> None:
    ada = case.pages.person("ada", "duty_officer")
    page = ada.get(f"/dossiers/{case.dossier}")
    assert case.form in page.read.links
    page = ada.get(case.form)
    assert f'<div class="words" dir="auto" lang="de">{TEXT}</div>' in page.text
    assert page.form.fields["_tlp"] == ["green"]
    assert re.findall(r'name="_tlp" value="([a-z_]+)"', page.text) == ["green", "amber"]
    given = {"as": "official", "text": "The cranes stand still."}
    page = sign(ada, ada.fill(page, given, button="check"))
    shown = entry(page, case.act)
    assert "Official translation by orvanda" in shown
    assert 'lang="en"><p>The cranes stand still.</p>' in shown
    assert "The original · German" in shown
    assert TEXT in shown
    (done,) = list(acts.acts_of(case.orvanda.db, case.dossier))[2:]
    header = read_header(done.header)
    assert (header.kind, header.tlp) == ("translation", TLP.GREEN)
    assert header.body["by"] == {"role": "duty_officer"}
    own = entry(page, Id(done.id))
    assert f"orvanda translated {case.act[:4]} into English" in own
    assert "official: by the party that wrote the original" in own
    assert "say/translation" not in own


def test_its_words_are_found_as_those_of_the_original_are(case: Case) -> None:
    ada = case.pages.person("ada", "duty_officer")
    wanted = "/dossiers?text=motionless"
    assert case.dossier not in ada.get(wanted).text
    translate(case.orvanda, case.act, "Motionless cranes.", "en", "official")
    assert case.dossier in ada.get(wanted).text
    opening = {"title": "Motionless", "text": "Since 02:40.", "act": case.dossier}
    kind = translations.kind_of(case.orvanda, case.dossier, case.dossier)
    filled = compose.read(case.orvanda, kind, {**opening, "lang": "fr", "as": "machine"})
    draft = Draft(kind.kind, filled.body)
    compose.send(case.orvanda, case.dossier, draft, filled, Attached((), ()))
    # A translation finds the dossier, and does not name it.
    assert "Cranes stop" in ada.get(wanted).text


def test_what_was_typed_is_kept_and_what_is_wrong_said(case: Case) -> None:
    ada = case.pages.person("ada", "duty_officer")
    page = ada.get(case.form)
    given = {"as": "machine", "lang": "de", "text": "Cranes.", "_tlp": "clear"}
    page = ada.fill(page, given, button="check")
    assert 'id="id__tlp_error"' in page.text
    assert "Choose a label that is offered." in page.text
    assert page.form.fields["text"] == ["\nCranes."]
    page = ada.fill(page, {**given, "_tlp": "green"}, button="check")
    assert 'id="id_lang_error"' in page.text
    assert "choose another" in page.text
    page = ada.fill(page, {"lang": "fr", "text": "", "_tlp": "green"}, button="check")
    assert 'id="id_text_error"' in page.text
    assert TEXT in page.text
    assert drafts.drafts(case.orvanda.db)


def test_a_second_person_signs_a_translation_too(case: Case) -> None:
    ada = case.pages.person("ada", "analyst")
    page = ada.fill(ada.get(case.form), {"as": "machine", "text": "Cranes."}, button="check")
    form = next(form for form in page.read.forms if ("do", "prepare") in form.buttons)
    ada.fill(page, {}, form=form, button="do")
    (row,) = drafts.drafts(case.orvanda.db)
    bea = case.pages.person("bea", "duty_officer")
    page = bea.get(f"/drafts/{row.id}/check")
    assert "Cranes." in page.text
    form = next(form for form in page.read.forms if ("do", "approve") in form.buttons)
    page = bea.fill(page, {}, form=form, button="do")
    assert "Machine translation, checked by nobody, given by orvanda" in page.text


def test_what_is_hidden_is_translated_as_what_is_absent(case: Case) -> None:
    elsewhere = content.prepare_fields(case.orvanda, {"text": "Elsewhere."})
    other = issue.issue(
        case.orvanda, dossier_id=open_tally(case.orvanda), draft=Draft("note", {}, elsewhere)
    )
    ada = case.pages.person("ada", "duty_officer")
    form = f"/dossiers/{case.dossier}/say/translation"
    absent = ada.get(f"{form}?act={'0' * 64}")
    assert absent.status == 404
    hidden = ada.get(f"{form}?act={other}")
    assert hidden.status == 404
    assert plain(hidden, other) == plain(absent, "0" * 64)
    stranger = case.pages.person("eva", "programme_officer")
    assert stranger.get(case.form).status == 404


def plain(page: Page, act: str) -> str:
    """Return a page without what is its own each time."""
    return re.sub('name="csrfmiddlewaretoken" value="[^"]*"', "", page.text.replace(act, ""))


def test_who_may_say_nothing_is_offered_no_translating(case: Case) -> None:
    page = case.pages.person("hal", "head").get(f"/dossiers/{case.dossier}")
    assert "say/translation" not in page.text


def test_the_reader_is_shown_what_helps_and_never_less(case: Case) -> None:
    pass_on(case.orvanda, case.tolmere)
    translate(case.tolmere, case.act, "Les grues ne bougent pas.", "fr", "unofficial")
    translate(case.tolmere, case.act, "Cranes no move.", "en", "machine")
    pass_on(case.tolmere, case.orvanda)
    ada = case.pages.person("ada", "duty_officer")
    shown = entry(ada.get(f"/dossiers/{case.dossier}"), case.act)
    first, _, rest = shown.partition("<details>")
    assert "Machine translation, checked by nobody, given by tolmere" in first
    assert "Cranes no move." in first
    assert TEXT in rest
    assert "Unofficial translation by tolmere" in rest
    assert "Les grues ne bougent pas." in rest
    sheet = ada.get(f"/dossiers/{case.dossier}/print").text
    for text in (TEXT, "Cranes no move.", "given by tolmere", "Written in: German"):
        assert text in sheet
    ada.language = "fr"
    first, _, rest = entry(ada.get(f"/dossiers/{case.dossier}"), case.act).partition("<details>")
    assert "Les grues ne bougent pas." in first
    assert "Cranes no move." in rest


def test_a_letter_gives_both_where_the_label_lets_it(case: Case) -> None:
    translate(case.orvanda, case.act, "The cranes stand still.", "en", "official")
    translate(case.orvanda, case.act, "Les grues.", "fr", "official", tlp=TLP.AMBER)
    to = Addressee("P. Finder", "finder@home.example", ("en", "fr"), 7)
    row = letter_service.draft(case.orvanda, None, case.act, to)
    letter = letters.of_guest(case.orvanda, row)
    assert letter.footing is Footing.TECHNICAL
    english, french = lettertext.letter_page(case.orvanda, letter, "").split("* * *")
    assert TEXT in english
    assert "Official translation by orvanda\n\nThe cranes stand still." in english
    assert TEXT in french
    assert "Les grues." not in french


def letter_of(case: Case) -> str:
    to = Addressee("P. Finder", "finder@home.example", ("en", "fr"), 7)
    row = letter_service.draft(case.orvanda, None, case.act, to)
    return lettertext.letter_page(case.orvanda, letters.of_guest(case.orvanda, row), "")


def test_no_letter_tells_what_others_gave_or_is_given_after_it(case: Case) -> None:
    pass_on(case.orvanda, case.tolmere)
    translate(case.tolmere, case.act, "Cranes, says tolmere.", "en", "unofficial")
    pass_on(case.tolmere, case.orvanda)
    told = letter_of(case)
    assert TEXT in told
    assert "Unofficial translation" not in told
    assert "Cranes, says" not in told
    to = Addressee("P. Finder", "finder@home.example", ("en", "fr"), 7)
    row = letter_service.draft(case.orvanda, None, case.act, to)
    clock = case.orvanda.ports.clock
    assert isinstance(clock, FakeClock)
    clock.advance(1_000)
    translate(case.orvanda, case.act, "Given later.", "en", "official")
    before = lettertext.letter_page(case.orvanda, letters.of_guest(case.orvanda, row), "")
    assert "Given later." not in before
    assert "Given later." in letter_of(case)


def test_a_stricter_translation_shows_its_own_label(case: Case) -> None:
    ada = case.pages.person("ada", "duty_officer")
    translate(case.orvanda, case.act, "The cranes.", "en", "official")
    shown = entry(ada.get(f"/dossiers/{case.dossier}"), case.act)
    assert "TLP:AMBER" not in shown.partition('class="translated"')[2]
    translate(case.orvanda, case.act, "The cranes.", "en", "official", tlp=TLP.AMBER)
    shown = entry(ada.get(f"/dossiers/{case.dossier}"), case.act)
    assert "TLP:AMBER" in shown.partition('class="translated"')[2].partition("The cranes.")[0]


def test_a_draft_whose_original_was_erased_says_so_and_can_be_let_go(case: Case) -> None:
    ada = case.pages.person("ada", "duty_officer")
    form = ada.get(case.form)
    given = {"text": "The cranes.", "lang": "en", "as": "official"}
    ada.fill(form, given, button="later")
    (row,) = drafts.drafts(case.orvanda.db)
    with writing(case.orvanda.db):
        query(case.orvanda.db, "DELETE FROM store_part WHERE act = %s", (case.act,))
    page = ada.get(f"/drafts/{row.id}")
    assert page.status == 409
    assert "It has no words here that could be translated." in page.text
    assert "Thrown away." in ada.fill(page, {}, button="drop").text


def test_a_draft_that_went_with_its_original_says_so(case: Case) -> None:
    ada = case.pages.person("ada", "duty_officer")
    page = ada.fill(ada.get(case.form), {"as": "official", "text": "The cranes."}, button="check")
    erasure.carry_out(case.orvanda, erasure.wish(case.orvanda, case.act, reason="law"))
    for path in (page.path, page.path.removesuffix("/check")):
        thrown = ada.get(path)
        assert thrown.status == 410
        assert "The message that it translates was erased" in thrown.text
        assert f'href="/dossiers/{case.dossier}"' in thrown.text


def test_who_is_second_returns_a_translation_whose_original_was_erased(case: Case) -> None:
    ada = case.pages.person("ada", "analyst")
    page = ada.fill(ada.get(case.form), {"as": "machine", "text": "Cranes."}, button="check")
    form = next(form for form in page.read.forms if ("do", "prepare") in form.buttons)
    ada.fill(page, {}, form=form, button="do")
    (row,) = drafts.drafts(case.orvanda.db)
    with writing(case.orvanda.db):
        query(case.orvanda.db, "DELETE FROM store_part WHERE act = %s", (case.act,))
    bea = case.pages.person("bea", "duty_officer")
    page = bea.get(f"/drafts/{row.id}/check")
    assert page.status == 409
    assert "Returned" in bea.fill(page, {"reason": "Erased."}, button="do").text


@pytest.mark.parametrize("as_", ["official", "unofficial"])
def test_what_takes_two_to_be_said_takes_two_to_be_translated_officially(
    case: Case, as_: str
) -> None:
    ada = case.pages.person("ada", "duty_officer")
    given = {"text": "The cranes.", "lang": "en", "as": as_}
    ada.fill(ada.get(case.form), given, button="later")
    (row,) = drafts.drafts(case.orvanda.db)
    actor = Mock()
    for inform_ in (Hand.ALONE, Hand.SECOND):
        hands = {"translation": Hand.ALONE, "inform": inform_}
        actor.under.side_effect = lambda _lane, _rules, kind, hands=hands: (Mock(), hands[kind])
        _, hand = drafts_service.hand_of(case.orvanda, actor, row)
        assert hand is (inform_ if as_ == "official" else Hand.ALONE)
