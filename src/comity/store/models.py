"""The node's tables. No protocol has one of its own (DESIGN section 3).

``append`` is the only module that writes here, ``access`` the only one that reads; both take the
database alias as an argument, so that a network of nodes runs in one test process. Ids are 64
lower-case hexadecimal digits; times are milliseconds since the epoch, UTC; a ``seq``, ``n`` or
``idx`` is dense and assigned under a row lock in the inserting transaction.

Tables marked *derived* can be dropped and rebuilt from the others.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


def _id() -> models.CharField[str, str]:
    return models.CharField(max_length=64)


def _key() -> models.CharField[str, str]:
    return models.CharField(max_length=64, primary_key=True)


class Counter(models.Model):
    """A dense number: ``UPDATE … RETURNING`` on its row is the lock that allocates the next."""

    name = models.CharField(max_length=120, primary_key=True)
    value = models.BigIntegerField(default=0)


class Party(models.Model):
    """A party this node knows.

    ``name`` is what the party's node document says, ``doc`` the newest root document or succession
    held, ``node_doc`` the newest node document. ``accredited_at`` is set when a person compared
    the fingerprint; ``introduced_by`` says who brought the documents; ``frozen`` why nothing of
    this party is taken further until a person decides. ``zone`` (IANA) is where people here say
    that it is, "" until they do.
    """

    id = _key()
    name = models.CharField(max_length=120, default="")
    doc = _id()
    node_doc = models.CharField(max_length=64, default="")
    node_version = models.BigIntegerField(default=0)
    is_self = models.BooleanField(default=False)
    accredited_at = models.BigIntegerField(null=True)
    introduced_by = models.CharField(max_length=64, default="")
    hosted = models.BooleanField(default=False)
    frozen = models.TextField(default="")
    seen_at = models.BigIntegerField(default=0)
    zone = models.CharField(max_length=64, default="")


class Document(models.Model):
    """A root document or succession, as received. ``root_version`` and ``step`` order a chain."""

    id = _key()
    party = models.CharField(max_length=64, db_index=True)
    root_version = models.BigIntegerField()
    step = models.BigIntegerField()
    envelope = models.BinaryField()


class Statement(models.Model):
    """A receipt or node document, of this party or another. ``to`` is a receipt's addressee."""

    id = _key()
    kind = models.CharField(max_length=8)
    party = _id()
    log = models.BigIntegerField()
    seq = models.BigIntegerField()
    to = models.CharField(max_length=64, default="")
    envelope = models.BinaryField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["party", "log", "seq"], name="statement_place")]


class Dossier(models.Model):
    """A dossier: what its charter fixed, and, derived, what its acts add up to.

    ``state`` is this node's: active, joining, opaque, declined or left. ``acts`` counts the acts
    held and allocates ``Act.idx``. ``n`` is the dense cursor of the last change.
    """

    id = _key()
    protocol = models.CharField(max_length=80)
    version = models.BigIntegerField()
    realm = models.CharField(max_length=32, default="")
    ceiling = models.CharField(max_length=16)
    footing = models.CharField(max_length=20)
    opened_by = _id()
    opened_at = models.BigIntegerField()
    state = models.CharField(max_length=12, default="active")
    acts = models.BigIntegerField(default=0)
    n = models.BigIntegerField(default=0, db_index=True)
    status = models.CharField(max_length=40, default="")
    caption = models.CharField(max_length=80, default="")
    params = models.JSONField(default=dict)
    title = models.CharField(max_length=300, default="")
    digest = models.CharField(max_length=64, default="")


class Member(models.Model):
    """Derived: a party's place in a dossier: member, invited, left or declined."""

    dossier = models.CharField(max_length=64, db_index=True)
    party = models.CharField(max_length=64, db_index=True)
    state = models.CharField(max_length=10)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dossier", "party"], name="one_place_per_party")
        ]


class Act(models.Model):
    """An admitted act. ``n`` is dense over the node, ``idx`` dense over its dossier.

    ``header`` is the payload as signed and ``sig`` the act key's signature. The verdict
    (``void_rule``, ``void_reason``) is derived.
    """

    n = models.BigIntegerField(primary_key=True)
    id = models.CharField(max_length=64, unique=True)
    dossier = _id()
    idx = models.BigIntegerField()
    party = _id()
    log = models.BigIntegerField()
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=32)
    time = models.BigIntegerField()
    header = models.BinaryField()
    sig = models.BinaryField()
    received_at = models.BigIntegerField()
    via = models.CharField(max_length=64, default="")
    void_rule = models.CharField(max_length=12, default="")
    void_reason = models.CharField(max_length=500, default="")
    whole = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dossier", "idx"], name="dense_in_dossier")
        ]
        indexes: ClassVar = [
            models.Index(fields=["party", "log", "seq"], name="act_place"),
            models.Index(fields=["n"], name="act_lacking", condition=models.Q(whole=False)),
        ]


class Part(models.Model):
    """One part of an act's content held here; after erasure the leaf alone is left.

    ``data`` holds small parts, ``path`` names the file of a larger one below the parts folder; of
    a part that is a STIX object, ``object`` is the number of the object version whose bytes it has.
    ``via`` is who announced the blob it came in, until all content is compared with the commitment;
    then it is "".
    """

    act = _id()
    idx = models.IntegerField()
    leaf = models.BinaryField()
    salt = models.BinaryField(null=True)
    data = models.BinaryField(null=True)
    path = models.CharField(max_length=80, default="")
    size = models.IntegerField()
    via = models.CharField(max_length=64, default="")
    object = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["act", "idx"], name="one_part_per_place")
        ]


class Text(models.Model):
    """Derived: a content field marked as title or search, filled when its part arrives."""

    act = models.CharField(max_length=64, db_index=True)
    part = models.IntegerField()
    dossier = models.CharField(max_length=64, db_index=True)
    field = models.CharField(max_length=64)
    is_title = models.BooleanField(default=False)
    text = models.TextField()


class Relation(models.Model):
    """Derived: an act of a dossier names something beyond it, an act or, by its charter, a dossier.

    ``how`` is succeeds, for a charter that replaces another, or cites.
    """

    dossier = models.CharField(max_length=64, db_index=True)
    act = _id()
    named = models.CharField(max_length=64, db_index=True)
    how = models.CharField(max_length=10)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["act", "named", "how"], name="one_relation")
        ]


class Pending(models.Model):
    """An act waiting for parents or documents; bounded per peer. ``item`` is it as it came."""

    id = _key()
    dossier = models.CharField(max_length=64, db_index=True)
    via = models.CharField(max_length=64, db_index=True)
    missing = models.JSONField(default=list)
    item = models.BinaryField()
    size = models.IntegerField()
    received_at = models.BigIntegerField()


class Log(models.Model):
    """One of this party's own logs: its head, and the last checkpoint cut from it.

    ``frontier`` are the roots of its complete subtrees, ``root`` the root hash at ``size``.
    ``last_time`` is the time of its last statement: the next is never before it.
    """

    log = models.BigIntegerField(primary_key=True)
    size = models.BigIntegerField(default=0)
    root = _id()
    frontier = models.BinaryField()
    checkpoint_size = models.BigIntegerField(default=0)
    checkpoint_at = models.BigIntegerField(default=0)
    last_time = models.BigIntegerField(default=0)
    closed = models.BooleanField(default=False)


class Leaf(models.Model):
    """A leaf of an own log: ``data`` is the 32-byte id of a statement, or padding."""

    pk = models.CompositePrimaryKey("log", "seq")
    log = models.BigIntegerField()
    seq = models.BigIntegerField()
    data = models.BinaryField()
    padding = models.BooleanField(default=False)


class Subtree(models.Model):
    """The root hash of a complete subtree of 256^level leaves; what a tile holds."""

    pk = models.CompositePrimaryKey("log", "level", "idx")
    log = models.BigIntegerField()
    level = models.IntegerField()
    idx = models.BigIntegerField()
    hash = models.BinaryField()


class Checkpoint(models.Model):
    """A signed checkpoint, of an own log or of a peer's; ``note`` is the signed note's text."""

    origin = models.CharField(max_length=120)
    size = models.BigIntegerField()
    root = _id()
    note = models.TextField()
    at = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["origin", "size", "root"], name="one_note_per_tree")
        ]


class Cosignature(models.Model):
    """A witness's cosignature on an own checkpoint; ``line`` is the note's signature line."""

    origin = models.CharField(max_length=120)
    size = models.BigIntegerField()
    witness = _id()
    line = models.TextField()
    at = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["origin", "size", "witness"], name="one_cosignature")
        ]


class Witnessed(models.Model):
    """The newest tree of another party's log that this node has cosigned."""

    origin = models.CharField(max_length=120, primary_key=True)
    size = models.BigIntegerField()
    root = _id()
    note = models.TextField()
    at = models.BigIntegerField()


class Delivery(models.Model):
    """The outbox: one row per item and recipient, written with the item.

    ``what`` is act or receipt; ``state`` goes queued → sent → received → whole, or undeliverable.
    """

    what = models.CharField(max_length=8)
    item = _id()
    recipient = _id()
    state = models.CharField(max_length=14, default="queued")
    queued_at = models.BigIntegerField()
    sent_at = models.BigIntegerField(null=True)
    received_at = models.BigIntegerField(null=True)
    receipt = models.CharField(max_length=64, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["what", "item", "recipient"], name="one_delivery")
        ]
        indexes: ClassVar = [models.Index(fields=["recipient", "state"], name="delivery_queue")]


class Peer(models.Model):
    """The queue towards one party: when to try next, and what went wrong last."""

    party = _key()
    next_try = models.BigIntegerField(default=0)
    failures = models.IntegerField(default=0)
    last_error = models.CharField(max_length=500, default="")
    last_sent = models.BigIntegerField(default=0)
    last_heard = models.BigIntegerField(default=0)
    cursor = models.BigIntegerField(default=0)
    greeted = models.BooleanField(default=False)


class OutBlob(models.Model):
    """A large piece of content, encrypted once and waiting to be fetched.

    Behind a mailbox host: ``host`` is the party it was announced to, ``placed`` says that this one
    holds it whole. ``gone`` means that its file is removed and the host is still to be told.
    """

    hash = _key()
    act = models.CharField(max_length=64, db_index=True)
    first = models.IntegerField()
    last = models.IntegerField()
    size = models.BigIntegerField()
    key = models.BinaryField()
    made_at = models.BigIntegerField()
    host = models.CharField(max_length=64, default="")
    placed = models.BooleanField(default=False)
    gone = models.BooleanField(default=False)
    failures = models.IntegerField(default=0)
    next_try = models.BigIntegerField(default=0)


class InBlob(models.Model):
    """A blob announced to this node and not wholly fetched yet, once for each act it is said of:
    who says it of an act of its own must not get in the way of the act it belongs to.

    ``via`` announced it; ``sources`` are the parties to ask, before ``via`` itself.
    """

    pk = models.CompositePrimaryKey("act", "hash")
    act = _id()
    hash = _id()
    first = models.IntegerField()
    last = models.IntegerField()
    size = models.BigIntegerField()
    key = models.BinaryField()
    via = _id()
    sources = models.JSONField(default=list)
    done = models.BooleanField(default=False)
    failures = models.IntegerField(default=0)
    next_try = models.BigIntegerField(default=0)


class KeptBlob(models.Model):
    """A blob kept for a hosted party, its ``owner``. Host's side.

    The file in the spool says how much of it has come; ``whole`` that all has, and was compared
    with its hash.
    """

    hash = _id()
    owner = _id()
    size = models.BigIntegerField()
    whole = models.BooleanField(default=False)
    at = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "hash"], name="one_kept_blob")
        ]


class BlobReader(models.Model):
    """A party that may fetch a blob of ``owner``: of this party, or of one it keeps blobs for.

    ``told`` says, of an own blob, that the host knows.
    """

    hash = _id()
    owner = _id()
    recipient = _id()
    told = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hash", "owner", "recipient"], name="one_blob_reader")
        ]


class Mail(models.Model):
    """A sealed bundle kept for a hosted party; ``n`` is dense per recipient. Host's side."""

    recipient = models.CharField(max_length=64)
    n = models.BigIntegerField()
    sender = _id()
    hash = _id()
    cover = models.BinaryField()
    sealed = models.BinaryField()
    size = models.IntegerField()
    at = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recipient", "n"], name="dense_mail"),
            models.UniqueConstraint(fields=["recipient", "hash"], name="mail_once"),
        ]


class Seen(models.Model):
    """A cover already taken: replays within the window are refused by it."""

    nonce = _key()
    at = models.BigIntegerField(db_index=True)


class Equivocation(models.Model):
    """Two statements in one place, kept as evidence: "two versions exist"."""

    party = _id()
    place = models.CharField(max_length=160)
    first = _id()
    second = _id()
    evidence = models.BinaryField()
    at = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["first", "second"], name="one_row_per_pair")
        ]
        indexes: ClassVar = [models.Index(fields=["party", "place"], name="equivocation_place")]


class Refused(models.Model):
    """How often a rule refused something from a peer, and the last reason. Nothing is stored."""

    rule = models.CharField(max_length=12)
    peer = models.CharField(max_length=64)
    count = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=500, default="")
    at = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "peer"], name="one_count_per_rule_and_peer")
        ]


class Erasure(models.Model):
    """An erasure applied here; re-applied after a restore. ``parts`` are indices, empty for all."""

    act = _key()
    parts = models.JSONField(default=list)
    reason = models.CharField(max_length=20)
    at = models.BigIntegerField()


from comity.store import (  # noqa: E402, F401  their tables as well
    announcements,
    objects,
    people,
    reports,
    summaries,
)
