"""The tables of people: who may sign in, what each may do, and what was done.

A person is known in one node alone and never leaves it. ``models`` brings these in, so that they
are tables of the store like the others.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Person(AbstractBaseUser):
    """A human of this party. ``mandates`` are codes of ``Mandate``; ``hours`` says when mail may
    come, as ``services.people.hours`` reads it.

    ``handle`` is the opaque name by which other parties list this person among the readers of what
    is TLP:RED. ``language`` (BCP 47) and ``zone`` (IANA) are "" until the person chose them. Who
    left is not ``is_active``: what that person did stays told.
    """

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    handle = models.CharField(max_length=32, unique=True)
    language = models.CharField(max_length=16, default="")
    zone = models.CharField(max_length=64, default="")
    hours = models.JSONField(default=dict)
    mandates = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    created_at = models.BigIntegerField()

    objects = BaseUserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name", "created_at"]

    def get_full_name(self) -> str:
        """Return the person's name, as the framework asks for it."""
        return self.name


class Mandate(models.Model):
    """What a role may do, as this node decided; ``rules`` as ``services.people.mandates`` reads."""

    code = models.CharField(max_length=32, primary_key=True)
    rules = models.JSONField()
    changed_at = models.BigIntegerField()


class Link(models.Model):
    """A link that works once, until ``expires``. Only the hash of its secret is kept.

    ``purpose`` is person (set up an account) or secret (a new password and second factor).
    """

    hash = models.CharField(max_length=64, primary_key=True)
    purpose = models.CharField(max_length=12)
    value = models.JSONField()
    made_at = models.BigIntegerField()
    expires = models.BigIntegerField()
    used_at = models.BigIntegerField(null=True)


class Guest(models.Model):
    """A link by which somebody without a node answers one act of this party, once.

    ``hash`` is of the link's secret, which is not kept. ``letter`` is the act, ``handle`` the code
    under which other parties hear of the guest, ``languages`` (BCP 47) those of the letter.
    ``made_by`` and ``made_name`` are who made it, None and "" at the machine itself.
    While it is ``waiting`` for a second person it has no secret and ``hash`` is ""; ``second`` and
    ``second_name`` are who let it go.
    ``acknowledged`` and ``answered`` are the acts that record what the guest did, "" before.
    Nothing is kept of who opened it, or when.
    """

    id = models.CharField(max_length=32, primary_key=True)
    hash = models.CharField(max_length=64, db_index=True)
    dossier = models.CharField(max_length=64, db_index=True)
    letter = models.CharField(max_length=64)
    handle = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    mail = models.EmailField(max_length=254)
    languages = models.JSONField()
    made_by = models.BigIntegerField(null=True)
    made_name = models.CharField(max_length=120, default="")
    made_at = models.BigIntegerField()
    waiting = models.BooleanField(default=False)
    second = models.BigIntegerField(null=True)
    second_name = models.CharField(max_length=120, default="")
    expires = models.BigIntegerField()
    revoked_at = models.BigIntegerField(null=True)
    acknowledged = models.CharField(max_length=64, default="")
    answered = models.CharField(max_length=64, default="")


class Token(models.Model):
    """What a program shows to act here: for its maker, the ``person``, or as a ``machine`` under a
    ``name`` of its own. Only the hash of its secret is kept.

    ``mandates`` are codes, and ``lanes`` and ``ceiling`` what is left of them: at most what the
    person holds at the moment of use. ``scopes`` are what it may do besides, as ``taxii:read``;
    ``shelf`` the one shelf it reaches by them, "" for all. ``constituent`` says that whoever uses
    it is of this party's constituency and no member. ``used_at`` is known to the minute.
    """

    id = models.CharField(max_length=24, primary_key=True)
    hash = models.CharField(max_length=64, unique=True)
    person = models.BigIntegerField(db_index=True)
    name = models.CharField(max_length=120)
    machine = models.BooleanField(default=False)
    mandates = models.JSONField()
    lanes = models.JSONField()
    ceiling = models.CharField(max_length=16)
    made_at = models.BigIntegerField()
    expires = models.BigIntegerField()
    used_at = models.BigIntegerField(null=True)
    revoked_at = models.BigIntegerField(null=True)
    scopes = models.JSONField(default=list)
    shelf = models.CharField(max_length=36, default="")
    constituent = models.BooleanField(default=False)


class Answer(models.Model):
    """What was answered to a request that a program may send again: by its ``token`` and the
    ``key`` it chose. ``request`` is the hash of what was asked; ``value`` the answer, ``sealed``.
    """

    pk = models.CompositePrimaryKey("token", "key")
    token = models.CharField(max_length=24)
    key = models.CharField(max_length=64)
    request = models.CharField(max_length=64)
    value = models.JSONField()
    at = models.BigIntegerField(db_index=True)


class Audit(models.Model):
    """What a person did or read that this party's auditor may ask about; it never leaves here.

    ``n`` is dense; ``what`` a code of ``services.people.audit``, ``subject`` what it was done to.
    """

    n = models.BigIntegerField(primary_key=True)
    at = models.BigIntegerField(db_index=True)
    person = models.BigIntegerField(null=True)
    name = models.CharField(max_length=120, default="")
    what = models.CharField(max_length=32)
    subject = models.CharField(max_length=140, default="")
    detail = models.JSONField(default=dict)


class Draft(models.Model):
    """What a person is about to say for the party; it never leaves the node.

    ``state`` is open, waiting (for a second person), returned, signed or dropped. ``dossier`` is ""
    for one that opens a dossier. ``machine`` is the token of the machine that wrote it, for which
    ``person`` answers. ``form`` is what was filled in, ``files`` [{name, size, path}]
    below the drafts folder. ``reason`` is why it was returned, or could not wait in an
    ``emergency``. ``second`` approved, returned or reviewed it; ``act`` is what became of it.
    """

    id = models.CharField(max_length=32, primary_key=True)
    person = models.BigIntegerField(db_index=True)
    name = models.CharField(max_length=120)
    machine = models.CharField(max_length=24, default="")
    protocol = models.CharField(max_length=80)
    version = models.BigIntegerField()
    dossier = models.CharField(max_length=64, default="", db_index=True)
    kind = models.CharField(max_length=32)
    lane = models.CharField(max_length=16)
    ceiling = models.CharField(max_length=16)
    form = models.JSONField(default=dict)
    files = models.JSONField(default=list)
    state = models.CharField(max_length=10, default="open", db_index=True)
    emergency = models.BooleanField(default=False)
    reason = models.TextField(default="")
    second = models.BigIntegerField(null=True)
    second_name = models.CharField(max_length=120, default="")
    act = models.CharField(max_length=64, default="")
    made_at = models.BigIntegerField()
    changed_at = models.BigIntegerField()


class Memo(models.Model):
    """What a person wrote down about an act, for this party's own people; it never leaves the node.

    ``readers`` is me (who wrote it alone), all (who reads the act here), or a lane of those who do.
    ``act`` is the opening for what is about the whole ``dossier``. ``person`` is 0 and ``name`` ""
    at the machine itself.
    """

    pk = models.CompositePrimaryKey("act", "person", "readers")
    act = models.CharField(max_length=64)
    person = models.BigIntegerField()
    readers = models.CharField(max_length=16)
    dossier = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=120)
    text = models.TextField()
    at = models.BigIntegerField()


class Notice(models.Model):
    """That something awaits a person; it is made once, and settled when it awaits nobody any more.

    ``key`` is the hash of what awaits. ``kind`` and ``stage`` are codes of
    ``services.people.notices``; ``subject`` is a draft, a party or an act, and ``dossier`` "" where
    there is none; ``due`` in ms or None. ``mail`` is due, taken (since ``mail_at``, by the worker
    that sends it), sent, refused (by the mail server, for good) or none.
    """

    person = models.BigIntegerField()
    key = models.CharField(max_length=64)
    kind = models.CharField(max_length=12)
    stage = models.CharField(max_length=8, default="")
    subject = models.CharField(max_length=64, default="")
    dossier = models.CharField(max_length=64, default="")
    due = models.BigIntegerField(null=True)
    made_at = models.BigIntegerField()
    read_at = models.BigIntegerField(null=True)
    settled_at = models.BigIntegerField(null=True)
    mail = models.CharField(max_length=8, default="due")
    mail_at = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "key"], name="one_notice_per_thing")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["person"], name="notice_open", condition=models.Q(settled_at=None)
            ),
            models.Index(fields=["mail"], name="notice_mail"),
        ]


class Follow(models.Model):
    """Whether a person follows a dossier, where the person has chosen.

    Without a row, who has acted in a dossier follows it.
    """

    pk = models.CompositePrimaryKey("person", "dossier")
    person = models.BigIntegerField()
    dossier = models.CharField(max_length=64, db_index=True)
    follows = models.BooleanField()


class Mailing(models.Model):
    """How sending by the node's mail server goes: one row, named mail; times in ms."""

    name = models.CharField(max_length=8, primary_key=True)
    failures = models.IntegerField(default=0)
    next_try = models.BigIntegerField(default=0)
    last_error = models.CharField(max_length=500, default="")
    failed_at = models.BigIntegerField(default=0)
    sent_at = models.BigIntegerField(default=0)
