"""Coordinated disclosures: where the embargo stands, and who said what."""

from __future__ import annotations

import base64
from typing import Annotated

from ninja import Router, Schema
from pydantic import Field

from comity.edge.api.answers import answers, takes
from comity.edge.api.asking import Asked, desk_of
from comity.edge.api.shapes.kinds import Id, Line, Text
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import TLP
from comity.protocols.response.disclosure import PROTOCOL
from comity.services.people import audit
from comity.services.response import announcing, disclosures
from comity.services.response.announcing import Shown, Wish
from comity.services.response.caseview import (
    DisclosureParty,
    EmbargoEnding,
    OutClaim,
    TermsProposed,
)
from comity.services.response.placing import Places

router = Router(tags=["Responding"])


class LinkedCase(Schema):
    """How a `party` says that the case belongs with another `dossier`: a code of `relation`."""

    party: str
    dossier: str
    relation: str


class AnnouncedAdvisory(Schema):
    """An advisory of this party. `course` is waits, due or early: what became of the embargo it
    waits for; empty where a second person has to approve it, and when it is out. `end` is when it
    goes out by itself; `out_at` when it did, for the agreed end `due`, null where by hand, to
    `places`. `trouble` says why it could not go out, or why the case could not be told.
    """

    hash: str
    name: str
    title: str
    state: str
    course: str
    end: int | None
    out_at: int | None
    due: int | None
    places: list[str]
    circles: list[str]
    provider: bool
    trouble: str

    @classmethod
    def of(cls, shown: Shown) -> AnnouncedAdvisory:
        """Return one as it stands."""
        row, stands = shown
        return cls(
            **{name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)},
            course=stands.course.value if stands else "",
            end=stands.end if stands else None,
        )


class NewAdvisory(Schema):
    """An advisory of CSAF to go out at the agreed end: its `file` in base64, called `name`; into
    which `circles`, and whether into this party's own folder as a `provider`; a word to the others.
    """

    name: Line
    file: Annotated[str, Field(max_length=24_000_000)]
    circles: tuple[Id, ...] = ()
    provider: bool = False
    text: Text = ""


class Announcement(Schema):
    """The `act` that announces it, or the `draft` that waits for a second person, and the SHA-256
    of what will go out.
    """

    hash: str
    act: str
    draft: str


class Disclosure(Schema):
    """A coordinated disclosure.

    `names` are codes of vulnerabilities; `coordinator` is empty where nobody has the office. The
    embargo's `state` is none, proposed, active, revised, claimed or ended, the same at every node;
    `end` is the earliest that a party holds to, in milliseconds. `keeping` is this node's own view:
    none, keeps, out, withdrawn or past; where it is out, `because` says whose claims are believed:
    own, parties or coordinator. `end_for_us` is the earliest end that binds this party, of this and
    other cases of the same flaw (`with_us`). `spread` is how long after the first party the last
    one published for the same agreed end, in milliseconds; `advisories` are this party's own.
    """

    names: list[str]
    coordinator: str
    state: str
    end: int | None
    keeping: str
    because: str
    terms: list[TermsProposed]
    endings: list[EmbargoEnding]
    claims: list[OutClaim]
    parties: list[DisclosureParty]
    end_for_us: int | None
    with_us: list[str]
    links: list[LinkedCase]
    spread: int | None
    advisories: list[AnnouncedAdvisory]


@router.get("/dossiers/{dossier}/disclosure", response=answers(Disclosure))
def read_disclosure(request: Asked, dossier: Id) -> Disclosure:
    """Read a coordinated disclosure: its embargo, what was claimed, and who said what of it."""
    desk = desk_of(request)
    row = desk.dossier_of(PROTOCOL, dossier)
    audit.note_read(request.node, request.auth, row.id, TLP(row.ceiling))
    found = disclosures.case(request.node, row.id)
    return Disclosure(
        names=[*found.names],
        coordinator=found.coordinator,
        state=found.embargo.state,
        end=found.embargo.end,
        keeping=found.keeping.value,
        because=found.belief.because.value if found.belief.because else "",
        terms=[*found.terms],
        endings=[*found.endings],
        claims=[*found.claims],
        parties=[*found.parties],
        end_for_us=found.end,
        with_us=[each.dossier for each in found.with_us],
        links=[
            LinkedCase(party=each.author, dossier=each.dossier, relation=each.relation)
            for each in found.links
        ],
        spread=found.spread,
        advisories=[AnnouncedAdvisory.of(each) for each in announcing.shown(desk, row.id)],
    )


@router.post("/dossiers/{dossier}/disclosure/advisory", response=takes(Announcement))
def announce_advisory(request: Asked, dossier: Id, advisory: NewAdvisory) -> Announcement:
    """Announce an advisory, which goes out by itself at the agreed end; nobody has it before."""
    try:
        data = base64.b64decode(advisory.file, validate=True)
    except ValueError:
        raise Refusal("S4", Phrase("The file is no base64."), "file") from None
    places = Places(advisory.circles, advisory.provider)
    wish = Wish(advisory.name, data, places, advisory.text)
    done = announcing.announce(desk_of(request), dossier, wish)
    return Announcement(hash=done.hash, act=done.act, draft=done.draft)


@router.post("/dossiers/{dossier}/disclosure/advisory/publish", response=takes(AnnouncedAdvisory))
def publish_advisory(request: Asked, dossier: Id) -> AnnouncedAdvisory:
    """Publish at once what was announced, where the embargo did not come to its agreed end."""
    desk = desk_of(request)
    announcing.publish_now(desk, dossier)
    return AnnouncedAdvisory.of(announcing.shown(desk, dossier)[0])
