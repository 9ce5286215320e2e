"""The cases of the protocol to copy: each function is written as the vector of its name."""

from __future__ import annotations

from comity.protocols._template.acts import Open, Say
from tests.protocols.table import Table


def accepted_put(table: Table) -> None:
    """A question, and nobody has said a word."""
    table.open(Open())


def accepted_agreed(table: Table) -> None:
    """Everyone agrees; one of them without having seen the others."""
    question = table.open()
    table.say("orvanda", Say(word="agree"), [question])
    table.say("sarivane", Say(word="agree"), [question])
    table.say("tolmere", Say(word="agree"), [question], apart=True)


def accepted_objected(table: Table) -> None:
    """One objects, after it had agreed."""
    question = table.open()
    table.say("tolmere", Say(word="agree"), [question])
    table.say("tolmere", Say(word="object"), [question])


def refused_d0_unknown_word(table: Table) -> None:
    """A word is one of the codes."""
    question = table.open()
    table.say("tolmere", "say", [question], {"word": "perhaps"})


def refused_d1_agreed_after_objecting(table: Table) -> None:
    """An objection stands."""
    question = table.open()
    table.say("tolmere", Say(word="object"), [question])
    table.say("tolmere", Say(word="agree"), [question])
