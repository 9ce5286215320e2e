"""Tables of STIX objects: their bytes, the shelves they stand on, how they are found, and what of
them other servers were given.

A label belongs to a holding, never to an object: one object may be AMBER on one shelf and GREEN on
another. Times of STIX and TAXII are microseconds since the epoch, UTC; others milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from comity.store.summaries import Spelled

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    Whole = models.BigIntegerField[int, int]
else:
    Whole = models.BigIntegerField


class Number(Whole):
    """A whole number that is the place of its row.

    SQLite looks up a row by its place; under the name of any other type it would keep an index of
    places beside the rows, and look twice.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """Return the type of the column."""
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


class ObjectVersion(models.Model):
    """One version of an object, in bytes as they came; kept once, whoever sent them.

    ``version`` is what ``modified`` says, else ``created``, else 0; ``created`` the latter. Two
    rows with one id and version are a clash: somebody changed a version after the fact. None have
    one ``hash``, SHA-256 of ``data``, too: who adds some holds a lock, which is less to write than
    an index of all three. ``half`` is the number by which ``stix_id`` is looked up, see ``halves``;
    ``tlp`` the rank of the strictest own marking, -1 when there is none. ``worded`` says that full
    text finds it. From ``mark_at`` to before ``mark_end`` its markings stand in ``data``, as
    ``bridges.stix.inject.place`` has it; both are 0 where that is not known.
    """

    n = Number(primary_key=True)
    stix_id = Spelled(max_length=300)
    half = models.BigIntegerField()
    version = models.BigIntegerField()
    created = models.BigIntegerField()
    type = models.CharField(max_length=250)
    hash = models.BinaryField(max_length=32)
    tlp = models.SmallIntegerField(default=-1)
    size = models.IntegerField()
    data = models.BinaryField()
    worded = models.BooleanField(default=False)
    mark_at = models.IntegerField(default=0)
    mark_end = models.IntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["half"], name="object_half"),
            models.Index(fields=["n"], name="object_wordless", condition=models.Q(worded=False)),
        ]


class Shelf(models.Model):
    """A collection of holdings: of a circle, or an intake, the record of one outside feed or file.

    ``id`` is what its address ends in, a UUID; a successor of a circle takes it over. ``source`` is
    the circle's dossier in force, or the intake's own id. ``label`` is the TLP of what comes
    without a marking, ``ceiling`` the strictest that comes at all. ``readers`` says who reads an
    intake: node (this party), constituents, or anyone.
    """

    number = models.IntegerField(primary_key=True)
    id = models.CharField(max_length=36, unique=True)
    kind = models.CharField(max_length=8)
    source = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=300)
    description = models.TextField(default="")
    alias = models.CharField(max_length=80, default="", db_index=True)
    label = models.CharField(max_length=16)
    ceiling = models.CharField(max_length=16)
    readers = models.CharField(max_length=16, default="node")
    made_at = models.BigIntegerField()


class Sources(models.Model):
    """A set of sources that a reader must pass, all of them: ids, sorted, one space between."""

    number = models.IntegerField(primary_key=True)
    names = models.TextField(unique=True)


class Holding(models.Model):
    """An object version on a shelf, with its label: ranks of ``tlp`` and ``pap``, and ``sources``.

    ``added`` (µs) orders what is shown and is what pages go on from: it is allocated under a row
    lock in the inserting transaction, grows strictly over the whole node, and so becomes visible
    in order. ``act`` is the number of the act that brought it and ``part`` its place there, NULL
    and 0 of an intake. ``newest`` and ``oldest`` are of its object's versions on the shelf.
    ``state`` is one of those that ``access.objects`` names.
    """

    added = Number(primary_key=True)
    shelf = models.IntegerField()
    object = models.BigIntegerField()
    type = models.CharField(max_length=250)
    act = models.BigIntegerField(null=True)
    part = models.IntegerField(default=0)
    sources = models.IntegerField()
    tlp = models.SmallIntegerField()
    pap = models.SmallIntegerField(default=0)
    newest = models.BooleanField(default=True)
    oldest = models.BooleanField(default=True)
    state = models.SmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["shelf", "type", "added"],
                name="holding_type",
                condition=models.Q(newest=True, state=0),
            ),
            models.Index(fields=["shelf", "added"], name="holding_page"),
            models.Index(fields=["object", "shelf"], name="holding_object"),
            models.Index(fields=["act", "part"], name="holding_part"),
        ]


class Observable(models.Model):
    """The inverted index: what objects are about, by normalised value; no pairs are ever stored.

    ``value`` of an address is its place (``kernel.prefix``), of everything else its one spelling.
    """

    kind = models.CharField(max_length=12)
    value = Spelled(max_length=200)
    object = models.BigIntegerField(db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["value", "kind"], name="observable_value")]


class Named(models.Model):
    """An object version names another object, as a relationship its ends."""

    object = models.BigIntegerField(db_index=True)
    named = Spelled(max_length=300, db_index=True)


class Flawed(models.Model):
    """Quarantine: what was refused of a batch, and why; or what is wrong about what was taken in.

    ``act`` is the number of the act that brought it, NULL of an intake; ``reason`` is as
    ``phrases.packed`` has it.
    """

    shelf = models.IntegerField(db_index=True)
    act = models.BigIntegerField(null=True)
    part = models.IntegerField(default=0)
    stix_id = models.CharField(max_length=300)
    path = models.CharField(max_length=300)
    rule = models.CharField(max_length=12)
    reason = models.TextField()
    at = models.BigIntegerField()


class Batch(models.Model):
    """An act's batch on its way to a shelf: parts before ``done`` of ``parts`` are there."""

    act = models.BigIntegerField(primary_key=True)
    dossier = models.CharField(max_length=64, db_index=True)
    parts = models.IntegerField()
    done = models.IntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["act"], name="batch_due", condition=models.Q(done__lt=models.F("parts"))
            )
        ]


class TaxiiStatus(models.Model):
    """What became of a request to add objects; kept for a day, for the ``token`` that made it."""

    id = models.CharField(max_length=36, primary_key=True)
    token = models.CharField(max_length=24)
    shelf = models.IntegerField()
    value = models.JSONField()
    at = models.BigIntegerField(db_index=True)


class Exchange(models.Model):
    """What goes on with another TAXII server; ``key`` stands for a peer as it is described.

    ``after`` (µs): what it added up to then has been taken. It was last turned to at ``ran_at``, is
    next from ``next_at`` on (ms), and failed ``failed`` times in a row, as ``told``.
    """

    key = models.CharField(max_length=32, primary_key=True)
    after = models.BigIntegerField(default=0)
    ran_at = models.BigIntegerField(default=0)
    next_at = models.BigIntegerField(default=0)
    failed = models.IntegerField(default=0)
    told = models.TextField(default="")


class Pushed(models.Model):
    """An object version that was given to another TAXII server, and what became of it there.

    ``hash`` is SHA-256 of what was given, its members sorted, by which it is known when it comes
    back. ``state`` is as ``access.exchanges`` names it, ``told`` why, or the status to ask for.
    """

    exchange = models.CharField(max_length=32)
    stix_id = Spelled(max_length=300)
    version = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)
    state = models.SmallIntegerField()
    told = models.TextField(default="")
    at = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["exchange", "stix_id", "version"], name="pushed_once")
        ]
        indexes: ClassVar = [models.Index(fields=["stix_id", "version"], name="pushed_object")]
