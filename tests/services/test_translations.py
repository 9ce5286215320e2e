"""Translations at nodes: what is filled in for them, who is given them, what goes with them."""

from __future__ import annotations

from typing import Any

import pytest

from comity.kernel.act import read_header
from comity.kernel.canon import Object, Value
from comity.kernel.content import DOCUMENT
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.kinds import Growth
from comity.kernel.label import PAP, TLP, Footing
from comity.services.casework import (
    compose,
    content,
    dossiers,
    erasure,
    join,
    membership,
    missing,
    readers,
    translations,
    view,
)
from comity.services.casework.compose import Attached
from comity.services.casework.forms import FormErrors
from comity.services.casework.issue import Draft, issue
from comity.services.casework.missing import Content
from comity.services.node import Node
from comity.store.access import acts as access
from tests.kernel.world import refused
from tests.nodes import Nodes, introduce, open_tally, pass_on, say

TEXT = "The harbour crane answers to nobody."
FRENCH = "La grue du port ne répond à personne."


@pytest.fixture(name="pair")
def two(nodes: Nodes) -> tuple[Node, Node, Id]:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_tally(orvanda, tolmere)
    pass_on(orvanda, tolmere)
    return orvanda, tolmere, dossier


def note(node: Node, dossier: Id, lang: str = "en", **fields: Any) -> Id:
    prepared = content.prepare_fields(node, {"text": TEXT}, lang=lang)
    body = fields.pop("body", {})
    return issue(node, dossier_id=dossier, draft=Draft("note", body, prepared, **fields))


def translate(node: Node, act: Id, said: str = FRENCH, **more: Any) -> Id:
    """Translate as the pages and the command line do."""
    texts = {"act": act, "lang": "fr", "as": "unofficial", "text": said}
    texts |= {name: more.pop(name) for name in ("lang", "as") if name in more}
    original = translations.original(node, act)
    dossier = original.header.dossier or original.id
    kind = translations.kind_of(node, dossier, act)
    filled = compose.read(node, kind, texts)
    draft = Draft(kind.kind, filled.body, None, (), more.pop("tlp", None), **more)
    (sent,) = compose.send(node, dossier, draft, filled, Attached((), ()))
    return sent


def shown(node: Node, act: Id) -> list[tuple[str, str, object]]:
    """The translations of an act as they are shown: mark, language, words."""
    return [(t.mark, t.lang, t.fields.get("text")) for t in view.act(node, act).translations]


def test_a_translation_is_shown_with_the_words_it_gives(pair: tuple[Node, Node, Id]) -> None:
    orvanda, tolmere, dossier = pair
    act = note(orvanda, dossier)
    pass_on(orvanda, tolmere)
    translate(tolmere, act)
    translate(orvanda, act, "A crane.", lang="ar", **{"as": "machine"})
    pass_on(tolmere, orvanda)
    assert view.act(orvanda, act).lang == "en"
    assert shown(orvanda, act) == [
        ("Unofficial translation by tolmere", "fr", FRENCH),
        ("Machine translation, checked by nobody, given by orvanda", "ar", "A crane."),
    ]
    later = translate(orvanda, act, "Une grue.", lang="FR", **{"as": "official"})
    assert shown(orvanda, act)[0] == ("Official translation by orvanda", "fr", "Une grue.")
    its = view.act(orvanda, later)
    assert (its.lang, its.fields) == ("fr", {"text": "Une grue."})
    assert its.caption == f"orvanda translated {act[:4]} into French"
    translate(orvanda, act, "Une belle grue.")
    found = {words for _, _, words in shown(orvanda, act)}
    assert found == {"Une belle grue.", FRENCH, "A crane."}


def test_a_reader_is_shown_the_one_that_helps(pair: tuple[Node, Node, Id]) -> None:
    orvanda, _, dossier = pair
    act, unsaid = note(orvanda, dossier), note(orvanda, dossier, lang="")
    for each in (act, unsaid):
        translate(orvanda, each)
        translate(orvanda, each, "Une grue.", lang="fr-CH", **{"as": "official"})
        translate(orvanda, each, "A crane.", lang="en-GB")
    of = view.act(orvanda, act)
    best = of.translated("fr")
    assert best is not None
    assert best.fields == {"text": "Une grue."}
    assert of.translated("en") is None
    assert of.translated("ar") is None
    # Where an author did not say the language, nobody's words go before the author's.
    assert view.act(orvanda, unsaid).translated("fr") is None
    assert len(view.act(orvanda, unsaid).translations) == 3


def test_nobody_fills_a_page_with_translations(
    pair: tuple[Node, Node, Id], monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, _, dossier = pair
    act = note(orvanda, dossier)
    for lang in ("fr", "es", "ru"):
        translate(orvanda, act, lang=lang)
    monkeypatch.setattr(translations, "MOST", 2)
    assert [each.lang for each in view.act(orvanda, act).translations] == ["es", "fr"]


def reading(node: Node, dossier: Id, act: Id | None = None) -> set[PartyId]:
    """Who is said to read what is said now, or a translation of an act."""
    found = readers.of_translation(node, dossier, act) if act else readers.of_dossier(node, dossier)
    return {reader.party for reader in found}


def test_what_it_may_not_be_is_said_before_it_is_signed(pair: tuple[Node, Node, Id]) -> None:
    orvanda, tolmere, dossier = pair
    act = note(orvanda, dossier)
    pass_on(orvanda, tolmere)
    with pytest.raises(FormErrors) as wrong:
        translate(tolmere, act, **{"as": "official"})
    assert wrong.value.errors.keys() == {"as"}
    with pytest.raises(FormErrors) as wrong:
        translate(tolmere, act, lang="en")
    assert "choose another" in wrong.value.errors["lang"]
    with pytest.raises(FormErrors) as wrong:
        translate(tolmere, act, lang="French", said="")
    assert wrong.value.errors.keys() == {"lang", "text"}
    done = translate(tolmere, act)
    with refused("S4", "translate the original"):
        translate(tolmere, done)
    with refused("S4", "no words here"):
        translate(tolmere, say(tolmere, dossier, "note"))
    with refused("S3"):
        translations.kind_of(tolmere, open_tally(tolmere), act)
    with refused("S4", "which message"):
        translations.kind_of(tolmere, dossier, "")
    with refused("S3"):
        translations.original(tolmere, "0" * 64)


def test_what_a_stranger_wrote_need_not_have_words(pair: tuple[Node, Node, Id]) -> None:
    orvanda, _, dossier = pair
    for data in (b"not a manifest", b"{}"):
        cutter = content._Cutter(orvanda.parts, orvanda.ports.random)
        cutter.add(data)
        prepared = cutter.finish(DOCUMENT)
        act = issue(orvanda, dossier_id=dossier, draft=Draft("note", {}, prepared))
        with refused("S4", "no words here"):
            translations.original(orvanda, act)


def test_it_takes_over_the_marks_of_the_original(pair: tuple[Node, Node, Id]) -> None:
    orvanda, tolmere, dossier = pair
    alone = [{"first": 0, "last": 0, "to": [tolmere.me]}]
    act = note(
        orvanda, dossier, tlp=TLP.GREEN, pap=PAP.AMBER, footing=Footing.WITHOUT_PREJUDICE,
        body={"audience": alone},
    )  # fmt: skip
    pass_on(orvanda, tolmere)
    header = header_of(tolmere, translate(tolmere, act))
    assert (header.tlp, header.pap) == (TLP.GREEN, PAP.AMBER)
    assert header.footing is Footing.WITHOUT_PREJUDICE
    to = sorted([orvanda.me, tolmere.me])
    assert header.body["audience"] == [{"first": 0, "last": 0, "to": to}]
    stricter = header_of(tolmere, translate(tolmere, act, tlp=TLP.AMBER, pap=PAP.RED))
    assert (stricter.tlp, stricter.pap) == (TLP.AMBER, PAP.RED)
    with refused("K14", "label of a translation"):
        translate(tolmere, act, tlp=TLP.CLEAR)
    translations.require_label(tolmere, dossier, act, TLP.GREEN)
    with refused("S4", "no wider"):
        translations.require_label(tolmere, dossier, act, TLP.CLEAR)
    with refused("S3"):
        translations.require_label(tolmere, open_tally(tolmere), act, TLP.CLEAR)
    for to_, wanted in (("public", "public"), ("author", [orvanda.me])):
        each: Object = {"audience": [{"first": 0, "last": 0, "to": to_}]}
        own = translate(orvanda, note(orvanda, dossier, body=each))
        assert header_of(orvanda, own).body["audience"] == [{"first": 0, "last": 0, "to": wanted}]


def header_of(node: Node, act: Id) -> Any:
    row = access.act(node.db, act)
    assert row is not None
    return read_header(row.header)


def state_of(node: Node, dossier: Id, act: Id) -> Content:
    row = access.act(node.db, act)
    assert row is not None
    erased = bool(access.erased_among(node.db, [act]))
    return missing.state_of(node, dossiers.load(node, dossier), row, erased=erased)


def test_erasing_the_original_takes_every_translation_with_it(
    pair: tuple[Node, Node, Id],
) -> None:
    orvanda, tolmere, dossier = pair
    act, other = note(orvanda, dossier), note(orvanda, dossier)
    pass_on(orvanda, tolmere)
    first, second, kept = (translate(tolmere, each) for each in (act, act, other))
    pass_on(tolmere, orvanda)
    step = erasure.wish(orvanda, act, reason="law")
    erasure.carry_out(orvanda, step)
    for each in (act, first, second):
        assert state_of(orvanda, dossier, each) is Content.ERASED
    assert state_of(orvanda, dossier, kept) is Content.HERE
    pass_on(orvanda, tolmere)
    # It is asked for by the author of the words, and so of those of the translations.
    loaded = dossiers.load(tolmere, dossier)
    assert erasure.withdrawn(loaded, dossiers.shown(tolmere, loaded), first) == {0}
    erasure.carry_out(tolmere, erasure.wish(tolmere, act))
    for each in (act, first, second):
        assert state_of(tolmere, dossier, each) is Content.ERASED
    assert [mark for mark, _, words in shown(tolmere, act) if words] == []
    assert state_of(tolmere, dossier, kept) is Content.HERE


def test_erasing_a_file_of_the_original_leaves_the_translations(
    nodes: Nodes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    orvanda = nodes.make("orvanda")
    dossier, path = open_tally(orvanda), tmp_path_factory.mktemp("files") / "report.txt"
    path.write_bytes(b"seen at the lock gate")
    prepared = content.prepare_fields(
        orvanda, {"text": TEXT}, [("report.txt", "text/plain", path)], "en"
    )
    act = issue(orvanda, dossier_id=dossier, draft=Draft("note", {}, prepared))
    done = translate(orvanda, act)
    erasure.carry_out(orvanda, erasure.wish(orvanda, act, reason="law", parts=[1]))
    assert state_of(orvanda, dossier, done) is Content.HERE


def test_who_was_not_given_the_words_is_not_given_them_translated(nodes: Nodes) -> None:
    orvanda, tolmere, sarivane = (nodes.make(n) for n in ("orvanda", "tolmere", "sarivane"))
    introduce(orvanda, tolmere, sarivane)
    dossier = open_tally(orvanda, tolmere, growth=Growth.CHAIR, chair=orvanda.me)
    act = note(orvanda, dossier)
    early = translate(orvanda, act, "Avant.")
    invite = issue(orvanda, dossier_id=dossier, draft=Draft("invite", {"party": sarivane.me}))
    assert invite
    pass_on(orvanda, sarivane)
    join.join(sarivane, dossier_id=dossier)
    pass_on(sarivane, orvanda)
    done = translate(orvanda, act)
    for _ in range(2):
        pass_on(orvanda, sarivane)
        pass_on(sarivane, orvanda)
    for each in (act, done):
        assert state_of(sarivane, dossier, each) is Content.WITHHELD, each
    # Nobody is told that it reads what it is not given, though it reads what is said now.
    assert reading(orvanda, dossier) == {tolmere.me, sarivane.me}
    assert reading(orvanda, dossier, act) == {tolmere.me}
    with orvanda.lock:
        lacking = membership.lacking(orvanda, dossiers.load(orvanda, dossier))[sarivane.me]
    # What is given with the original is not given by itself.
    assert act in lacking
    assert early not in lacking
    release: Object = {"acts": [act], "to": sarivane.me}
    issue(orvanda, dossier_id=dossier, draft=Draft("release", release))
    assert reading(orvanda, dossier, act) == {tolmere.me, sarivane.me}
    again = translate(orvanda, act, "Une grue.")
    for _ in range(2):
        pass_on(orvanda, sarivane)
        pass_on(sarivane, orvanda)
    assert state_of(sarivane, dossier, act) is Content.HERE
    assert state_of(sarivane, dossier, again) is Content.HERE
    # An earlier one comes as all does that has not arrived: it is asked for.
    assert state_of(sarivane, dossier, early) is Content.MISSING
    nodes.clock.advance(3600_000)
    missing.ask_again(sarivane)
    assert early in sarivane.missed[orvanda.me][dossier]


def test_readers_of_a_translation_are_those_of_the_words(pair: tuple[Node, Node, Id]) -> None:
    orvanda, tolmere, dossier = pair
    theirs, alone = {tolmere.me}, list[Value]([tolmere.me])
    for to, wanted in (("author", set()), ("public", theirs), (alone, theirs)):
        ranges: Object = {"audience": [{"first": 0, "last": 0, "to": to}]}
        act = note(orvanda, dossier, body=ranges)
        assert reading(orvanda, dossier, act) == wanted


def test_a_command_of_its_own_says_it(pair: tuple[Node, Node, Id]) -> None:
    orvanda, _, dossier = pair
    with pytest.raises(Refusal, match="comity translate"):
        compose.kind_of(orvanda, dossier, "translation")
