"""One frozen type per act kind: what is declared is what is read, written and required."""

from __future__ import annotations

import dataclasses

import pytest

from comity.kernel.act import Header
from comity.kernel.canon import Object
from comity.kernel.declare import Coded, coded, declare, reader
from comity.kernel.errors import Void
from comity.kernel.fieldtypes import Code, Flag, Party, Text, Whole
from comity.kernel.ids import PartyId
from comity.kernel.protocol import ActKind, Field, Files, Refs, When
from tests.kernel.world import Party as Someone
from tests.kernel.world import charter, open_dossier

TEXT = Field("text", Text(), "Text", search=True)
CITES = Refs(("charter",), "Opened with", most=1)


@declare(
    "offer",
    label="Offer",
    caption="{by:party} offered {count}",
    help="Offer some.",
    content=(TEXT,),
    refs=CITES,
    timed=True,
    files=Files.MAY,
    batch=True,
)
class Offer(Coded):
    """An offer."""

    to: PartyId = coded(Party(), "To", "Whom it goes to.")
    count: int = coded(Whole(1, 9), "How many")
    as_: str | None = coded(Code({"gift": "gift", "loan": "loan"}), "As", default=None)
    until: int | None = coded(Whole(), "Until", default=None, when=("as", ("loan",)))
    urgent: bool | None = coded(Flag(), "Urgent", default=None)


@declare("charter", label="Open", caption="Opened")
class Open(Coded):
    """The opening; its fields are the charter's terms."""

    count: int | None = coded(Whole(), "How many", default=None)


orvanda, tolmere = Someone("orvanda"), Someone("tolmere")


def header(body: Object, kind: str = "offer") -> Header:
    return orvanda.say(open_dossier(orvanda), kind, body).header


def test_the_declaration_is_made_from_the_type() -> None:
    loan = Code({"gift": "gift", "loan": "loan"})
    assert (
        ActKind(
            kind="offer",
            label="Offer",
            caption="{by:party} offered {count}",
            body=(
                Field("to", Party(), "To", "Whom it goes to."),
                Field("count", Whole(1, 9), "How many"),
                Field("as", loan, "As", required=False),
                Field("until", Whole(), "Until", required=False, when=When("as", ("loan",))),
                Field("urgent", Flag(), "Urgent", required=False),
            ),
            content=(TEXT,),
            refs=CITES,
            timed=True,
            files=Files.MAY,
            batch=True,
            help="Offer some.",
        )
        == Offer.KIND
    )


def test_a_body_is_read_into_the_type_and_written_back() -> None:
    body: Object = {"to": tolmere.id, "count": 2, "as": "loan", "until": 7}
    offer = Offer.of(header(body))
    assert offer == Offer(to=tolmere.id, count=2, as_="loan", until=7)
    assert offer.to_body() == body
    assert offer.urgent is None


def test_common_fields_are_passed_over() -> None:
    body: Object = {"to": tolmere.id, "count": 2, "by": {"role": "duty_officer"}}
    assert Offer.of(header(body)) == Offer(to=tolmere.id, count=2)


def test_of_a_charter_the_terms_are_read() -> None:
    assert Open.of(charter(orvanda, terms={"count": 3}).header) == Open(count=3)


def test_an_act_does_not_change() -> None:
    offer = Offer(to=tolmere.id, count=2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        offer.count = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"count": "left out"}, "lacks the field 'count'"),
        ({"count": 10}, "The field 'count' is wrong: write a whole number from 1 to 9."),
        ({"colour": "red"}, "unknown fields: ['colour']"),
        ({"as": "loan"}, "lacks the field 'until'"),
        ({"as": "gift", "until": 7}, "unknown fields: ['until']"),
        ({"until": 7}, "unknown fields: ['until']"),
        ({"as_": "gift"}, "unknown fields: ['as_']"),
        ({"urgent": False}, "The field 'urgent' is wrong: write yes, or leave it out."),
    ],
)
def test_a_body_not_as_declared_is_void(change: Object, says: str) -> None:
    whole: Object = {"to": tolmere.id, "count": 2}
    body = {name: value for name, value in (whole | change).items() if value != "left out"}
    with pytest.raises(Void) as caught:
        Offer.of(header(body))
    assert caught.value.rule == "D0"
    assert says in caught.value.reason


def test_a_reader_reads_by_kind_and_leaves_other_kinds() -> None:
    read = reader(Open, Offer)
    assert read(header({"to": tolmere.id, "count": 2})) == Offer(to=tolmere.id, count=2)
    assert read(charter(orvanda).header) == Open()
    assert read(header({}, "note")) is None
