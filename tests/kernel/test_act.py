"""Headers of acts: every field broken once."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from comity.kernel import act as acts
from comity.kernel import canon, dsse
from comity.kernel.errors import Refusal
from comity.kernel.label import PAP, TLP, Footing
from tests.kernel.world import (
    Party,
    charter,
    digest,
    documents_of,
    edited,
    open_dossier,
    refused,
    replica,
)

ORVANDA, TOLMERE = Party("orvanda"), Party("tolmere")
KEY = ORVANDA.signer("act")
CHARTER = charter(ORVANDA, [TOLMERE])
DOSSIER = replica(CHARTER, documents_of(ORVANDA))
SECOND = ORVANDA.say(DOSSIER, "note", {"by": {"role": "desk"}}, refs=(digest("r"),))
FIRST = TOLMERE.say(DOSSIER, "note")
A, B = sorted((digest("a"), digest("b")))


def test_an_act_is_read_as_it_was_written() -> None:
    act = ORVANDA.say(
        DOSSIER,
        "note",
        {"by": {"role": "desk"}},
        pap=PAP.GREEN,
        tlp=TLP.AMBER,
        footing=Footing.WITHOUT_PREJUDICE,
        realm="drill_7",
        refs=(B, A),
    )
    read = acts.parse(act.envelope.to_bytes())
    assert read == act
    assert read.header.to_payload() == act.envelope.payload
    assert read.header.refs == (B, A)  # Their order has meaning.
    assert read.id == act.envelope.id


def test_a_dossier_is_named_by_its_charter() -> None:
    assert CHARTER.dossier == CHARTER.id == DOSSIER.id == FIRST.dossier


def test_absent_fields_are_omitted() -> None:
    assert orjson.loads(CHARTER.envelope.payload).keys() == {
        *("v", "party", "doc", "log", "seq", "kind", "n", "parents", "time"),
        *("tlp", "body", "content", "refs", "footing"),
    }


@pytest.mark.parametrize(
    ("rule", "reason", "fields"),
    [
        ("K17", "format version", {"v": 2}),
        ("K17", "format version", {"v": 2, "new": 1}),
        ("K19", "Ask its sender", {"v": 0}),
        ("K19", "Ask its sender", {"v": 0, "new": 1}),
        ("K4", "version of this format", {"v": False}),
        ("K4", "version of this format", {"v": "0"}),
        ("K4", "version of this format", {"v": -1}),
        ("K4", "fields differ: ['v']", {"v": None}),
        ("K4", "fields differ: ['new']", {"new": 1}),
        ("K4", "fields differ: ['party', 'tlp']", {"party": None, "tlp": None}),
        ("K4", "'party'", {"party": "x"}),
        ("K4", "'doc'", {"doc": 5}),
        ("K4", "'log'", {"log": 0}),
        ("K4", "'log'", {"log": True}),
        ("K4", "'seq'", {"seq": -1}),
        ("K4", "'n'", {"n": 0}),
        ("K4", "'n'", {"n": "2"}),
        ("K4", "'time'", {"time": -1}),
        ("K4", "kind", {"kind": "Note"}),
        ("K4", "kind", {"kind": "a/b"}),
        ("K4", "kind", {"kind": "a" * 33}),
        ("K4", "kind", {"kind": 5}),
        ("K4", "'dossier'", {"dossier": "x"}),
        ("K4", "'prev'", {"prev": "x"}),
        ("K4", "'parents'", {"parents": {}}),
        ("K4", "'parents'", {"parents": ["x"]}),
        ("K4", "ascending order", {"parents": [B, A]}),
        ("K4", "ascending order", {"parents": [A, A]}),
        ("K4", "'refs'", {"refs": {}}),
        ("K4", "'refs'", {"refs": ["x"]}),
        ("K4", "named twice", {"refs": [B, A, B]}),
        ("K4", "'tlp'", {"tlp": "white"}),
        ("K4", "'tlp'", {"tlp": 5}),
        ("K4", "'pap'", {"pap": "amber_strict"}),
        ("K4", "'footing'", {"footing": "binding"}),
        ("K4", "realm", {"realm": "Drill"}),
        ("K4", "realm", {"realm": 5}),
        ("K4", "body", {"body": []}),
        ("K1", "body is larger", {"body": {"a": "x" * (8 * 1024 - 7)}}),
        ("K4", "content", {"content": []}),
        ("K4", "content", {"content": {}}),
        ("K10", "no prev", {"n": 1}),
        ("K10", "no prev", {"prev": None}),
        ("K11", "repeated", {"parents": [SECOND.header.prev]}),
        ("K4", "names no dossier", {"dossier": None}),
        ("K4", "names no dossier", {"kind": "charter"}),
    ],
)
def test_a_header_out_of_form_is_refused(rule: str, reason: str, fields: dict[str, Any]) -> None:
    with refused(rule, reason):
        acts.parse(edited(SECOND, KEY, **fields))


@pytest.mark.parametrize("act", [SECOND, FIRST, CHARTER])
def test_no_field_of_a_header_is_null(act: acts.Act) -> None:
    value = orjson.loads(act.envelope.payload)
    for name in (*value, "dossier", "prev", "pap", "footing", "realm"):
        data = orjson.dumps(value | {name: None}, option=orjson.OPT_SORT_KEYS)
        with pytest.raises(Refusal):
            acts.read_header(data)


def test_a_header_is_held_against_the_profile_to_its_last_value() -> None:
    value = orjson.loads(SECOND.envelope.payload)
    assert acts.read_header(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)) == SECOND.header
    wrong: list[Any] = [None, 1.5, "\u202e", 2**53, {"A": 1}, {"a": None}, [[[[[[[1]]]]]]]]
    for new in wrong:
        places = [{name: new} for name in value if name not in {"v", "body", "content"}]
        places += [{"body": {"x": new}}, {"body": {"by": {"role": new}}}]
        places += [{"content": value["content"] | {name: new}} for name in value["content"]]
        for change in places:
            data = orjson.dumps(value | change, option=orjson.OPT_SORT_KEYS)
            with pytest.raises(Refusal) as caught:
                acts.read_header(data)
            assert caught.value.rule in {"K2", "K4"}


def test_a_number_goes_up_to_what_every_reader_can_hold() -> None:
    assert acts.parse(edited(SECOND, KEY, time=canon.MAX_INT)).header.time == canon.MAX_INT


def test_a_body_has_at_most_eight_kibibytes() -> None:
    acts.parse(edited(SECOND, KEY, body={"a": "x" * (8 * 1024 - 8)}))


@pytest.mark.parametrize("fields", [{"parents": [A]}, {"n": 2, "prev": A}])
def test_a_charter_comes_first(fields: dict[str, Any]) -> None:
    with refused("K10", "A charter is the first act"):
        acts.parse(edited(CHARTER, KEY, **fields))


def test_the_first_act_of_a_feed_cites_what_it_has_seen() -> None:
    with refused("K11", "cites what it has seen"):
        acts.parse(edited(FIRST, KEY, parents=[]))


def test_a_header_has_at_most_sixteen_kibibytes() -> None:
    with refused("K1"):
        acts.read_header(b"x" * (canon.HEADER_LIMIT + 1))


def test_another_statement_is_not_an_act() -> None:
    with refused("K4", "does not hold an act"):
        acts.parse(dsse.sign(dsse.NODE, b"{}", [KEY]).to_bytes())


def test_an_act_is_verified_under_the_document_it_names() -> None:
    dossier = open_dossier(ORVANDA)
    act = ORVANDA.say(dossier, "note")
    acts.verify(act, ORVANDA.view)
    with refused("K6"):
        acts.verify(act, TOLMERE.view)
    with refused("K5"):
        acts.verify(ORVANDA.say(dossier, "note", key=TOLMERE.signer("act")), ORVANDA.view)
    with refused("K6", "does not list log 2"):
        log = ORVANDA.sign_act(act.header._replace(log=2))
        acts.verify(log, ORVANDA.view)
