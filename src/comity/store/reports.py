"""The tables of reports: what people without a node reported of vulnerabilities, and was answered.

A report never leaves the node by itself. ``models`` brings these in, so that they are tables of the
store like the others.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Report(models.Model):
    """A report of a vulnerability, as its finder wrote it.

    ``hash`` is of the secret in the finder's address, which is not kept. ``language`` (code) is
    that of the page that was filled in. ``public`` and ``exploited`` are yes, no or unknown;
    ``planned`` is when the finder means to publish. ``size`` counts the bytes of words and files.
    ``state`` is new, open or closed, with the code of a ``reason``; ``unread`` says that nobody
    here has looked at what the finder said last. ``draft`` is what was begun of it here, and
    ``dossier`` where it is dealt with, "" before.

    Nothing is kept of who sent it, from where or with what, nor of when its finder looked at it.
    """

    id = models.CharField(max_length=32, primary_key=True)
    hash = models.CharField(max_length=64, unique=True)
    made_at = models.BigIntegerField()
    changed_at = models.BigIntegerField()
    unread = models.BooleanField(default=True)
    size = models.BigIntegerField()
    name = models.CharField(max_length=120, default="")
    mail = models.CharField(max_length=254, default="")
    language = models.CharField(max_length=16, default="")
    affected = models.TextField()
    versions = models.TextField(default="")
    description = models.TextField()
    reproduce = models.TextField(default="")
    impact = models.TextField(default="")
    public = models.CharField(max_length=8)
    exploited = models.CharField(max_length=8)
    credit = models.BooleanField(default=False)
    planned = models.BigIntegerField(null=True)
    state = models.CharField(max_length=8)
    reason = models.CharField(max_length=20, default="")
    draft = models.CharField(max_length=24, default="")
    dossier = models.CharField(max_length=64, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unread"], name="report_unread"),
            models.Index(fields=["made_at", "id"], name="report_made"),
        ]


class ReportNote(models.Model):
    """A further word on a report: of its finder, or of somebody here, who is called ``name``."""

    report = models.CharField(max_length=32, db_index=True)
    ours = models.BooleanField()
    name = models.CharField(max_length=120, default="")
    text = models.TextField()
    at = models.BigIntegerField()


class ReportFile(models.Model):
    """A file that a finder handed over."""

    report = models.CharField(max_length=32, db_index=True)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    data = models.BinaryField()
    at = models.BigIntegerField()
