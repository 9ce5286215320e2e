"""Tables of what the summaries of dossiers say: what is owed in them, and what they are about.

Both are *derived*, as ``models`` explains, and written in the append transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    Characters = models.CharField[str, str]
else:
    Characters = models.CharField


class Duty(models.Model):
    """Derived: what a party owes in a dossier, to a party or a guest, from the summary."""

    dossier = models.CharField(max_length=64, db_index=True)
    who = models.CharField(max_length=64, db_index=True)
    what = models.CharField(max_length=80)
    due = models.BigIntegerField(null=True)
    act = models.CharField(max_length=64)
    to = models.CharField(max_length=140, default="")


class Spelled(Characters):
    """Text that is compared by code points, so that what begins alike stands together.

    SQLite compares all text so; PostgreSQL as the language of the database sorts words.
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, str | None]:
        """Return what the column is made with."""
        collation = "C" if connection.vendor == "postgresql" else None
        return {**super().db_parameters(connection), "collation": collation}


class Subject(models.Model):
    """Derived: something coded that a dossier is about, by which it is found, from the summary.

    ``value`` is of a ``kind``, as its protocol spells it; it holds from ``begins`` to ``ends`` (ms,
    NULL without such a bound), as ``act`` says.
    """

    dossier = models.CharField(max_length=64, db_index=True)
    kind = models.CharField(max_length=40)
    value = Spelled(max_length=200)
    begins = models.BigIntegerField(null=True)
    ends = models.BigIntegerField(null=True)
    act = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "value"], name="subject_value")]
