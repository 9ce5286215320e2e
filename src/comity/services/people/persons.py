"""People and the links by which they come in.

Nobody signs up: somebody who manages people makes a link that works once, and hands it over. The
first one is printed by ``comity init`` and by ``comity people invite`` at the machine itself.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from comity.kernel.errors import Phrase, Refusal
from comity.services.people import audit, mandates
from comity.services.people.hours import require_zone
from comity.store.access import people as access
from comity.store.append import people as append
from comity.store.append import tokens as append_tokens
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


Done: TypeAlias = "Callable[[str], None]"
"""Called with a link's secret in the transaction that keeps it; what it raises undoes the link."""


def invite(
    node: Node,
    actor: Actor | None,
    *,
    codes: Iterable[str],
    email: str = "",
    name: str = "",
    then: Done | None = None,
) -> str:
    """Return the secret of a new link by which one person sets up an account with mandates.

    ``actor`` None is who commands the machine itself. ``email`` and ``name`` are filled in for the
    person, who may correct them; ``then`` is called as the link is kept. Raises Refusal S10, or S4
    for what is no address, or not a mandate here.
    """
    require_keeper(actor)
    email = _address(email) if email.strip() else ""
    value = {"mandates": _known(node, codes), "email": email, "name": name.strip()}
    return _link(node, actor, JOIN, value, email or name, then)


def renew(node: Node, actor: Actor | None, email: str) -> str:
    """Return the secret of a new link by which a person who lost the way in sets a new password.

    Second factors are taken away when it is used. Raises Refusal S10, or S3 for nobody.
    """
    require_keeper(actor)
    person = require_person(node, email)
    return _link(node, actor, SECRET, {"person": person.id}, person.email)


def require_keeper(actor: Actor | None) -> None:
    """Raise Refusal S10 unless ``actor`` manages people; None is who commands the machine."""
    if actor is not None:
        actor.require_manage("people")


def _link(
    node: Node,
    actor: Actor | None,
    purpose: str,
    value: dict[str, Any],
    subject: str,
    then: Done | None = None,
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
        if then is not None:
            then(secret)
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
        close_ways(node, person.id)
    return person


def close_ways(node: Node, person: int) -> None:
    """Revoke what else lets in as a person whose password is changed, within that transaction: the
    tokens of programs, and links for a lost password. Sessions hold only for the password by which
    they began.
    """
    row = _require(node, person)
    for link in access.open_links(node.db, node.now()):
        if link.purpose == SECRET and link.value["person"] == person:
            append.drop_link(node.db, link.id, node.now())
    revoked = append_tokens.revoke_all(node.db, person, node.now())
    audit.note(node, None, "changed", row.email, detail={"password": True, "tokens": revoked})


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
    require_keeper(actor)
    return access.people(node.db)


def one(node: Node, actor: Actor | None, person: int) -> PersonRow:
    """Return a person of this party. Raises Refusal S10, or S3 for nobody."""
    require_keeper(actor)
    return _require(node, person)


def own(node: Node, actor: Actor) -> PersonRow:
    """Return the person that an actor is. Raises Refusal S10 for a machine."""
    actor.require_person()
    return _require(node, actor.id)


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
    require_keeper(actor)
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
    """Keep what a person chose for the pages: language and time zone, "" for none.

    Raises Refusal S4, with the field as its subject, for one that is not to be had here.
    """
    if language and language not in dict(settings.LANGUAGES):
        raise Refusal("S4", "The pages are not to be had in this language.", "language")
    require_zone(zone)
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
