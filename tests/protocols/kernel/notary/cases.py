"""The cases of notarised files: each function is written as the vector of its name."""

from __future__ import annotations

from comity.protocols.kernel.notary.acts import Notarise, Renew
from tests.kernel.world import digest
from tests.protocols.table import Table

FILE = Notarise(sha256=digest("a file"), size=1024)


def accepted_stated(table: Table) -> None:
    """One party states that it holds a file."""
    table.open(FILE, members=["orvanda"])


def accepted_renewed(table: Table) -> None:
    """It states so again, years later, under the keys of then."""
    opening = table.open(FILE, members=["orvanda"])
    table.say("orvanda", Renew(), [opening])


def accepted_left(table: Table) -> None:
    """It leaves the dossier; what it stated stays as it was said."""
    table.open(FILE, members=["orvanda"])
    table.say("orvanda", "leave")


def refused_d0_no_hash(table: Table) -> None:
    """A notarisation names the hash of the file."""
    table.open({"size": 1024}, members=["orvanda"])


def refused_d1_two_members(table: Table) -> None:
    """Nobody states with another that it holds a file; each states so for itself."""
    table.open(FILE, members=["orvanda", "tolmere"])
