"""The table of advisories that wait for the end of an embargo: nothing else reads it, so that no
feed, index or file holds a word of one before it goes out.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Announcement(models.Model):
    """An advisory of this party, under the embargo of ``dossier``, by the SHA-256 of its ``data``.

    It goes out into ``circles`` (ids of dossiers) and, if ``provider``, into this party's folder of
    advisories. ``draft`` is what is signed with it, ``act`` what was where there was no draft.
    ``state`` is waiting or out, at ``out_at`` for the agreed ``due`` (None where nobody waited for
    one), to ``places``. ``told`` says what people are to be told of it, ``trouble`` why it could
    not go out, and before ``next_at`` nobody tries again.
    """

    id = models.CharField(max_length=24, primary_key=True)
    dossier = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    title = models.TextField()
    data = models.BinaryField()
    circles = models.JSONField(default=list)
    provider = models.BooleanField(default=False)
    draft = models.CharField(max_length=24, default="")
    act = models.CharField(max_length=64, default="")
    made_at = models.BigIntegerField()
    state = models.CharField(max_length=8)
    due = models.BigIntegerField(null=True)
    out_at = models.BigIntegerField(null=True)
    places = models.JSONField(default=list)
    told = models.CharField(max_length=8, default="")
    trouble = models.TextField(default="")
    next_at = models.BigIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "made_at"], name="announcement_state"),
            models.Index(fields=["dossier", "made_at"], name="announcement_dossier"),
            models.Index(fields=["draft"], name="announcement_draft"),
        ]
