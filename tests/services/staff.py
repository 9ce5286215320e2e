"""People of a node, let in without pages, and what makes something await them."""

from __future__ import annotations

from comity.kernel.canon import Object
from comity.kernel.ids import Id
from comity.services.casework import issue
from comity.services.casework.issue import Draft
from comity.services.node import Node
from comity.services.people import actors, persons
from comity.services.people.actors import Actor
from comity.services.people.hours import Hours

HOUR = 3600 * 1000


def hire(node: Node, name: str, *codes: str, hours: Hours | None = None) -> Actor:
    """Let a person in with these mandates; ``hours`` say when mail may come."""
    secret = persons.invite(node, None, codes=codes)
    email = f"{name.lower()}@orvanda.example"
    person = persons.join(node, secret, email=email, name=name, password="unimportant here")
    if hours is not None:
        persons.set_hours(node, person.id, hours)
    return actors.of_person(node, person.id)


def ask(node: Node, other: Node, dossier: str, due: int | None = None) -> Id:
    """Let ``node`` ask the other for something in an incident, to be answered by ``due`` (ms)."""
    body: Object = {"to": [other.me], "verb": "investigate"}
    if due is not None:
        body["due"] = body["whether_by"] = due
    return issue.issue(node, dossier_id=dossier, draft=Draft("ask", body))
