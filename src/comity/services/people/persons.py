"""People and the links by which they come in.

Nobody signs up: somebody who manages people makes a link that works once, and hands it over. The
first one is printed by ``comity init`` and by ``comity people invite`` at the machine itself.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from comity.kernel.errors import Phrase, Refusal
from comity.services.people import audit, mandates
from comity.store.access import people as access
from comity.store.append import people as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.services.people.hours import Hours
    from comity.store.access.people import LinkRow, PersonRow

DAY = 24 * 3600 * 1000
LINK_LASTS = 7 * DAY
FIRST = ("administrator", "duty_officer")
"""What the first person of a node may do: run it, and warn others from it."""
JOIN, SECRET = "person", "secret"
"""The purposes of links: to set up an account, and to set a new password in one that is lost."""
KEEPERS = "people"
"""What must always be managed by somebody who can sign in."""


def invite(
    node: Node, actor: Actor | None, *, codes: Iterable[str], email: str = "", name: str = ""
) -> str:
    """Return the secret of a new link by which one person sets up an account with mandates.

    ``actor`` None is who commands the machine itself. ``email`` and ``name`` are filled in for the
    person, who may correct them. Raises Refusal S10, or S4 for what is not a mandate here.
    """
    _require_keeper(actor)
    value = {"mandates": _known(node, codes), "email": _clean(email), "name": name.strip()}
    return _link(node, actor, JOIN, value, email or name)


def renew(node: Node, actor: Actor | None, email: str) -> str:
    """Return the secret of a new link by which a person who lost the way in sets a new password.

    Second factors are taken away when it is used. Raises Refusal S10, or S3 for nobody.
    """
    _require_keeper(actor)
    person = require_person(node, email)
    return _link(node, actor, SECRET, {"person": person.id}, person.email)


def _require_keeper(actor: Actor | None) -> None:
    if actor is not None:
        actor.require_manage("people")


def _link(
    node: Node, actor: Actor | None, purpose: str, value: dict[str, Any], subject: str
) -> str:
    secret = base64.urlsafe_b64encode(node.ports.random.bytes(24)).decode()
    now = node.now()
    with writing(node.db):
        append.insert_link(
            node.db,
            secret=secret,
            purpose=purpose,
            value=value,
            now=now,
            expires=now + LINK_LASTS,
        )
        audit.note(node, actor, "link", subject, detail={"purpose": purpose})
    return secret


def require_link(node: Node, secret: str) -> LinkRow:
    """Return what a link is for. Raises Refusal S11 when it was used, has expired or never was."""
    found = access.link(node.db, secret, node.now())
    if found is None:
        raise Refusal(
            "S11",
            "This link was used already, is too old, or is not whole. Ask whoever sent it to you "
            "for a new one.",
        )
    return found


def join(node: Node, secret: str, *, email: str, name: str, password: str) -> PersonRow:
    """Set up the account a link is for, and return the person.

    Raises Refusal S11 when the link cannot be used, S4 (subject email or name) for an address that
    is taken or is none.
    """
    link = require_link(node, secret)
    email, name = _address(email), name.strip()
    if not name:
        raise Refusal("S4", "Write your name, as colleagues know you.", "name")
    hashed = make_password(password)
    with writing(node.db):
        if access.person_by_email(node.db, email) is not None:
            raise Refusal("S4", "Somebody here has this address already.", "email")
        _use(node, secret, link, JOIN)
        id_ = append.insert_person(
            node.db,
            email=email,
            name=name,
            handle=f"p{node.ports.random.bytes(6).hex()}",
            password=hashed,
            mandates=link.value["mandates"],
            now=node.now(),
        )
        person = _require(node, id_)
        audit.note(node, None, "joined", person.email, detail={"person": id_})
    return person


def take_secret(node: Node, secret: str, password: str) -> PersonRow:
    """Set a new password for whom a link is for, and return the person. Raises Refusal S11."""
    link = require_link(node, secret)
    hashed = make_password(password)
    with writing(node.db):
        _use(node, secret, link, SECRET)
        person = _require(node, link.value["person"])
        append.set_password(node.db, person.id, hashed)
        audit.note(node, None, "changed", person.email, detail={"password": True})
    return person


def _use(node: Node, secret: str, link: LinkRow, purpose: str) -> None:
    if link.purpose != purpose or not append.use_link(node.db, secret, node.now()):
        raise Refusal("S11", "This link was used already. Ask for a new one.")


def _require(node: Node, id_: int) -> PersonRow:
    person = access.person(node.db, id_)
    if person is None:
        raise Refusal("S3", "There is no such person here.")
    return person


def require_person(node: Node, email: str) -> PersonRow:
    """Return the person with an address. Raises Refusal S3."""
    person = access.person_by_email(node.db, email)
    if person is None:
        raise Refusal("S3", "Nobody here has this address.", email)
    return person


def people(node: Node, actor: Actor | None) -> list[PersonRow]:
    """Return everybody of this party, those that left last. Raises Refusal S10."""
    _require_keeper(actor)
    return access.people(node.db)


def change(
    node: Node,
    actor: Actor | None,
    person: int,
    *,
    codes: Iterable[str] | None = None,
    active: bool | None = None,
) -> None:
    """Give a person other mandates, or close or open the account.

    Raises Refusal S10, S4 when nobody would be left who manages people.
    """
    _require_keeper(actor)
    with writing(node.db):
        row = _require(node, person)
        given: dict[str, Any] = {}
        if codes is not None:
            given["mandates"] = _known(node, codes)
            append.set_mandates(node.db, person, given["mandates"])
        if active is not None:
            given["active"] = active
            append.set_active(node.db, person, active=active)
        _require_somebody(node)
        audit.note(node, actor, "changed", row.email, detail=given)


def settle(node: Node, person: int, *, language: str, zone: str) -> None:
    """Keep what a person chose for the pages: language and time zone."""
    with writing(node.db):
        append.set_taste(node.db, person, language=language, zone=zone)


def set_hours(node: Node, person: int, hours: Hours) -> None:
    """Keep when mail may come to a person."""
    with writing(node.db):
        append.set_hours(node.db, person, hours.to_object())


def _require_somebody(node: Node) -> None:
    keepers = [code for code, m in mandates.of_node(node).items() if KEEPERS in m.manage]
    if not access.count_active(node.db, keepers):
        raise Refusal(
            "S4",
            "Somebody must be left who manages people. Give another person that mandate first.",
        )


def _known(node: Node, codes: Iterable[str]) -> list[str]:
    wanted, known = sorted(set(codes)), mandates.of_node(node)
    if not wanted or (wrong := [code for code in wanted if code not in known]):
        named = ", ".join(wrong) if wanted else Phrase("Nothing")
        told = Phrase(
            "{named}: the mandates here are {known}.", named=named, known=", ".join(known)
        )
        raise Refusal("S4", told, "mandates")
    return wanted


def _clean(email: str) -> str:
    return email.strip().lower()


def _address(email: str) -> str:
    try:
        validate_email(_clean(email))
    except ValidationError as error:
        raise Refusal("S4", "Write an address like name@example.org.", "email") from error
    return _clean(email)
