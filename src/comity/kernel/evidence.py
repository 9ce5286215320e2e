"""The evidence file: what a party shows to a stranger about an act (DESIGN section 4).

Frozen. One JSON object in the form of RFC 8785, at most 64 MiB, without a line end after it ::

    {"documents": [envelope, …], "statements": [shown, …], "subject": id, "v": 1}

    shown     {"closing"?: [hash, …], "envelope", "parts"?: [part, …], "proof"?: text}
    part      {"data", "index", "path": [hash, …], "salt"}
    envelope  {"payload", "payloadType", "signatures": [{"keyid", "sig"}, …]}

``documents`` are root documents and successions, each after the one it follows: the whole chains
of the authors, of those who gave receipts and of the witnesses whose lines are shown.
``statements`` are the charter of the dossier first (for footing, protocol and members); the act
with id ``subject``, which may be the charter itself; and, as wanted, further acts of the dossier,
receipts, each after an act that it is for, and node documents (for the names parties give
themselves).
``proof`` is a C2SP tlog-proof of the statement, without its ``extra`` line. ``closing``, where the
documents close the log behind the statement, is its path to the root that they give: so it is seen
to stand, and an early checkpoint goes on to prove its time. ``parts`` are parts of an act's content
by ascending index; data, hashes and salts are base64.

Nothing in the file is there that no check looks at: a statement has the one signature of its act
key, a document none by strangers, a checkpoint none by cosigners without documents here. So no
bit of it can be changed unnoticed. ``build`` leaves such things out, ``parse`` reads the form,
and ``evidence_check`` verifies.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import orjson

from comity.kernel import act as acts
from comity.kernel import checkpoint, dsse, note
from comity.kernel import proof as proofs
from comity.kernel.chain import Chain
from comity.kernel.content import MAX_PARTS, Part, ShownPart
from comity.kernel.errors import Refusal
from comity.kernel.fields import Fields
from comity.kernel.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comity.kernel.ids import Id
    from comity.kernel.proof import Proof

LIMIT = 64 * 1024 * 1024
"""The largest evidence file, in bytes: about 48 MiB of shown content."""
MAX_DOCUMENTS = 4096
MAX_STATEMENTS = 1024
MAX_SHOWN = 4096
"""The most parts shown of one act."""
RULE = "W7"

_PATH_LIMIT = 24


@dataclass(frozen=True, slots=True)
class Shown:
    """A statement in its ``envelope``, its ``proof`` of inclusion, ``parts`` of its content, and
    its path to the root with which its log was closed, ``closing``.
    """

    envelope: dsse.Envelope
    proof: Proof | None = None
    parts: tuple[ShownPart, ...] = ()
    closing: tuple[bytes, ...] | None = None

    def to_object(self) -> dict[str, object]:
        """Return {closing?, envelope, parts?, proof?}."""
        value: dict[str, object] = {"envelope": orjson.Fragment(self.envelope.to_bytes())}
        if self.parts:
            value["parts"] = [_part_object(shown) for shown in self.parts]
        if self.proof is not None:
            value["proof"] = self.proof.to_bytes().decode()
        if self.closing is not None:
            value["closing"] = [_text(each) for each in self.closing]
        return value


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a file holds, unverified: the ``subject``'s id, ``documents`` and ``statements``."""

    subject: Id
    documents: tuple[dsse.Envelope, ...]
    statements: tuple[Shown, ...]

    def to_bytes(self) -> bytes:
        """Return the file. Raises Refusal W7 when it is larger than a file may be."""
        value = {
            "documents": [orjson.Fragment(each.to_bytes()) for each in self.documents],
            "statements": [shown.to_object() for shown in self.statements],
            "subject": self.subject,
            "v": VERSION,
        }
        data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        if len(data) > LIMIT:
            raise Refusal(RULE, f"The evidence has {len(data)} bytes; at most {LIMIT} are allowed.")
        return data


def build(subject: Id, documents: Iterable[dsse.Envelope], statements: Iterable[Shown]) -> Evidence:
    """Return the evidence about ``subject``, without what a verifier could not check.

    ``documents`` come in the order of their chains, each once; statements are put in theirs.
    Signatures by other keys, cosigners without documents and ``extra`` data are dropped. Raises
    Refusal K2, K4, K5, K6, K8, K9 or K17 for documents that do not verify, and as reading acts
    does; whether the rest verifies, ``evidence_check.verify`` says.
    """
    chain = Chain()
    clean = tuple(map(chain.bare, documents))
    shown = tuple(
        Shown(
            each.envelope._replace(signatures=each.envelope.signatures[:1]),
            each.proof and _clean_proof(each.proof, chain),
            each.parts,
            each.closing,
        )
        for each in sorted(statements, key=_rank)
    )
    return Evidence(subject, clean, shown)


def _rank(shown: Shown) -> int:
    """Return where a statement stands: the charter, acts, receipts, node documents."""
    if shown.envelope.payload_type == dsse.ACT:
        return int(acts.read(shown.envelope).header.kind != acts.CHARTER)
    return 2 if shown.envelope.payload_type == dsse.RECEIPT else 3


def _clean_proof(proof: Proof, chain: Chain) -> Proof:
    cosigned = proof.checkpoint
    keys = [
        key
        for view in chain.latest.values()
        for number, entry in view.logs.items()
        for key in (
            checkpoint.log_key(view.party, number, entry.keys.checkpoint),
            checkpoint.witness_key(view.party, number, entry.keys.witness),
        )
    ]
    lines = [line for line in cosigned.signatures if any(line.is_by(key) for key in keys)]
    clean = replace(cosigned, signatures=tuple(dict.fromkeys(lines)))
    return replace(proof, checkpoint=clean, extra=b"")


def parse(data: bytes) -> Evidence:
    """Return the evidence in ``data``, unverified.

    Raises Refusal W7 (not of the form), K3, K15, K17, W1 (an envelope, part or proof in it).
    """
    if len(data) > LIMIT:
        raise Refusal(RULE, f"The evidence has {len(data)} bytes; at most {LIMIT} are allowed.")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Refusal(RULE, f"The evidence is not JSON: {error}.") from error
    fields = Fields(value, "evidence file", RULE)
    fields.version()
    evidence = Evidence(
        subject=fields.id("subject"),
        documents=tuple(
            map(dsse.from_object, fields.array("documents", MAX_DOCUMENTS, 1)),
        ),
        statements=tuple(map(_shown, fields.each("statements", MAX_STATEMENTS, 1))),
    )
    fields.end()
    # One form: this refuses white space, repeated members and other spellings of base64 as well.
    if evidence.to_bytes() != data:
        raise Refusal(RULE, "The evidence is not in its one canonical form.")
    return evidence


def _shown(fields: Fields) -> Shown:
    shown = Shown(
        envelope=dsse.from_object(fields.take("envelope")),
        proof=proofs.parse(fields.text("proof", note.LIMIT).encode())
        if fields.has("proof")
        else None,
        parts=tuple(map(_part, fields.each("parts", MAX_SHOWN, 1))) if fields.has("parts") else (),
        closing=_hashes(fields, "closing", proofs.MAX_PATH) if fields.has("closing") else None,
    )
    fields.end()
    return shown


def _part(fields: Fields) -> ShownPart:
    index = fields.integer("index", 0, MAX_PARTS - 1)
    path = _hashes(fields, "path", _PATH_LIMIT)
    data, salt = _base64(fields.take("data")), _base64(fields.take("salt"))
    fields.end()
    return ShownPart(Part(index, salt, data), path)


def _hashes(fields: Fields, name: str, most: int) -> tuple[bytes, ...]:
    return tuple(_base64(each) for each in fields.array(name, most))


def _base64(value: object) -> bytes:
    try:
        # What is not a string fails here as what is not base64 does.
        return base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal(RULE, "Data, a hash or a salt of a part is not base64.") from error


def _part_object(shown: ShownPart) -> dict[str, object]:
    return {
        "data": _text(shown.part.data),
        "index": shown.part.index,
        "path": [_text(each) for each in shown.path],
        "salt": _text(shown.part.salt),
    }


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
