"""Translations: who may call them what, which of them stands, and that they let nothing out."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.act import Act
from comity.kernel.dossier import Dossier
from comity.kernel.ids import Id
from comity.kernel.kinds import AS, MACHINE, OFFICIAL, UNOFFICIAL
from comity.kernel.label import PAP, TLP, Footing
from tests.kernel.histories import shuffled
from tests.kernel.world import Party, charter, digest, documents_of, refused, replica

ORVANDA, TOLMERE, SARIVANE = Party("orvanda"), Party("tolmere"), Party("sarivane")
DOCS = documents_of(ORVANDA, TOLMERE)
OPENING = charter(ORVANDA, [TOLMERE], ceiling=TLP.RED, readers=((ORVANDA.id, "p1"),))


def opened() -> Dossier:
    return replica(OPENING, DOCS)


def say(dossier: Dossier, by: Party, kind: str = "note", **header: Any) -> Act:
    act = by.say(dossier, kind, **header)
    dossier.admit(act, DOCS)
    return act


def translate(
    dossier: Dossier, by: Party, of: Id, as_: str = UNOFFICIAL, lang: str = "fr", **header: Any
) -> Act:
    body = {"act": of, "lang": lang, "as": as_}
    return say(dossier, by, "translation", body=body, **header)


def standing(dossier: Dossier, of: Id, lang: str = "fr") -> set[tuple[str, Id, object]]:
    return {(e.author, e.act, e.value) for e in dossier.state.entries("translated", of, lang)}


def test_what_a_translation_is_called_is_frozen() -> None:
    assert AS == ("official", "unofficial", "machine")


@pytest.mark.parametrize("as_", AS)
def test_only_the_party_that_wrote_it_calls_a_translation_official(as_: str) -> None:
    dossier = opened()
    note = say(dossier, ORVANDA)
    own = translate(dossier, ORVANDA, note.id, as_)
    assert standing(dossier, note.id) == {(ORVANDA.id, own.id, as_)}
    if as_ == OFFICIAL:
        with refused("K14", "Only the party that wrote it"):
            translate(dossier, TOLMERE, note.id, as_)
    else:
        other = translate(dossier, TOLMERE, note.id, as_)
        assert (TOLMERE.id, other.id, as_) in standing(dossier, note.id)


def test_nobody_vouches_for_a_translation_of_what_a_guest_said() -> None:
    dossier = opened()
    note = say(dossier, ORVANDA)
    body = {"letter": note.id, "guest": "port", "kind": "claim", "body": {"status": "open"}}
    record = say(dossier, ORVANDA, "record", body=body)
    with refused("K14", "Only the party that wrote it"):
        translate(dossier, ORVANDA, record.id, OFFICIAL)
    translate(dossier, ORVANDA, record.id, UNOFFICIAL)


def test_a_later_one_by_the_same_party_into_the_same_language_takes_its_place() -> None:
    dossier = opened()
    note = say(dossier, ORVANDA)
    translate(dossier, TOLMERE, note.id, MACHINE)
    others = translate(dossier, ORVANDA, note.id, MACHINE)
    arabic = translate(dossier, TOLMERE, note.id, MACHINE, "ar")
    later = translate(dossier, TOLMERE, note.id, UNOFFICIAL)
    assert standing(dossier, note.id) == {
        (ORVANDA.id, others.id, MACHINE),
        (TOLMERE.id, later.id, UNOFFICIAL),
    }
    assert standing(dossier, note.id, "ar") == {(TOLMERE.id, arabic.id, MACHINE)}


def test_two_that_did_not_know_of_each_other_both_stand() -> None:
    here, there = opened(), opened()
    note = say(here, ORVANDA)
    there.admit(note, DOCS)
    left, right = translate(here, TOLMERE, note.id), translate(there, TOLMERE, note.id, MACHINE)
    here.admit(right, DOCS)
    there.admit(left, DOCS)
    assert standing(here, note.id) == standing(there, note.id)
    assert len(standing(here, note.id)) == 2


def test_it_is_of_an_act_that_its_author_had_seen_and_that_is_no_translation() -> None:
    dossier, unaware = opened(), opened()
    note = say(dossier, ORVANDA)
    for of in (digest("nothing"), note.id):
        with refused("K14", "its author had seen"):
            translate(unaware, TOLMERE, of)
    first = translate(dossier, TOLMERE, note.id)
    with refused("K14", "made of the original"):
        translate(dossier, TOLMERE, first.id, lang="ar")
    translate(dossier, TOLMERE, dossier.id, lang="ar")  # What opened the dossier has words, too.


LEVELS = st.tuples(st.sampled_from(TLP), st.none() | st.sampled_from(PAP))


@given(LEVELS, LEVELS)
def test_its_label_is_no_wider_than_that_of_the_original(
    first: tuple[TLP, PAP | None], then: tuple[TLP, PAP | None]
) -> None:
    dossier = opened()
    note = say(dossier, ORVANDA, tlp=first[0], pap=first[1])
    label: dict[str, Any] = {"tlp": then[0], "pap": then[1]}
    if then[0] >= first[0] and (then[1] or PAP.CLEAR) >= (first[1] or PAP.CLEAR):
        translate(dossier, TOLMERE, note.id, **label)
    else:
        with refused("K14", "label of a translation"):
            translate(dossier, TOLMERE, note.id, **label)


FOOTINGS = st.none() | st.sampled_from([Footing.WITHOUT_PREJUDICE, Footing.TECHNICAL])


@given(FOOTINGS, FOOTINGS)
def test_it_counts_for_no_more_than_the_original(
    first: Footing | None, then: Footing | None
) -> None:
    dossier = opened()
    note = say(dossier, ORVANDA, footing=first)
    # The charter is technical, and so is what says nothing.
    if then is Footing.WITHOUT_PREJUDICE or first is not Footing.WITHOUT_PREJUDICE:
        translate(dossier, TOLMERE, note.id, footing=then)
    else:
        with refused("K14", "no higher footing"):
            translate(dossier, TOLMERE, note.id, footing=then)


def to(*parties: Party) -> list[str]:
    return sorted(party.id for party in parties)


@pytest.mark.parametrize(
    ("original", "translation", "taken"),
    [
        (None, None, True),
        (None, "members", True),
        (None, "public", False),
        (None, to(TOLMERE), True),
        ("public", "public", True),
        ("members", "author", True),
        (to(TOLMERE), None, False),
        (to(TOLMERE), "public", False),
        (to(TOLMERE), to(ORVANDA, TOLMERE), True),
        (to(TOLMERE), to(SARIVANE), False),
        ("author", "members", False),
        ("author", to(ORVANDA), True),
        ("author", "author", True),
    ],
)
def test_it_goes_to_nobody_whom_the_words_are_not_for(
    original: Any, translation: Any, *, taken: bool
) -> None:
    dossier = opened()
    audiences: list[dict[str, Any]] = [
        {} if each is None else {"audience": [{"first": 0, "last": 0, "to": each}]}
        for each in (original, translation)
    ]
    note = say(dossier, ORVANDA, body=audiences[0])
    body = {"act": note.id, "lang": "fr", "as": MACHINE, **audiences[1]}
    if taken:
        say(dossier, TOLMERE, "translation", body=body)
    else:
        with refused("K14", "goes to nobody"):
            say(dossier, TOLMERE, "translation", body=body)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(AS)), max_size=8), st.randoms())
def test_which_stand_does_not_depend_on_the_order_of_arrival(
    steps: list[tuple[bool, str]], chance: random.Random
) -> None:
    here, there = opened(), opened()
    note = say(here, ORVANDA)
    there.admit(note, DOCS)
    said = [note]
    for is_here, as_ in steps:
        replica_, by = (here, ORVANDA) if is_here else (there, TOLMERE)
        said.append(translate(replica_, by, note.id, as_ if is_here else MACHINE))
    one, other = (replica(OPENING, DOCS, shuffled(said, chance)) for _ in range(2))
    assert one.digest() == other.digest()
    assert len(standing(one, note.id)) == len({by for by, _ in steps})
