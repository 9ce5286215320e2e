"""Write the examples of the format's specification, byte for byte.

The files lie in ``docs/reference/examples``; in ``docs/reference/format-v1.md`` a generated part
stands between ``<!-- generated: NAME -->`` and ``<!-- end -->``. All keys are public: the seed of
a key is the SHA-256 of its name. One file is not made again while it is right, ``sealed.json``,
because sealing draws a key that nobody chooses.

Run as ``python -m tools.examples [--check]``; with ``--check`` it writes nothing and fails when a
file or the page is not current.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from comity.kernel import (
    blob,
    canon,
    checkpoint,
    content,
    cover,
    dsse,
    evidence,
    exhibit,
    kinds,
    manifest,
    merkle,
    policy,
    proof,
    provenance,
    seal,
    statement,
)
from comity.kernel.approvals import APPROVAL, approval_message
from comity.kernel.bundle import Bundle, Carried
from comity.kernel.documents import Closing
from comity.kernel.dossier import Dossier, kernel_facts
from comity.kernel.errors import RULES, Refusal
from comity.kernel.evidence import Shown
from comity.kernel.graph import Node
from comity.kernel.ids import fingerprint
from comity.kernel.keys import key_id
from comity.kernel.label import TLP, Footing
from tests.kernel.world import Party, digest, documents_of
from tools import freeze

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from comity.kernel.act import Act
    from comity.kernel.checkpoint import CosignedCheckpoint
    from comity.kernel.content import Part

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "format-v1.md"
FOLDER = PAGE.parent / "examples"
PART = re.compile(r"(<!-- generated: ([a-z0-9-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
COSIGNED = 1_700_000_100
INSTANT = 1_700_000_000_000
WIDTH = 92
OBJECTS: tuple[dict[str, str], ...] = (
    {
        "type": "indicator",
        "spec_version": "2.1",
        "id": "indicator--0f3a9b3e-5c1d-4e8a-9a51-2f6d0c7b8e01",
        "created": "2026-05-03T08:00:00.000Z",
        "modified": "2026-05-03T08:00:00.000Z",
        "pattern": "[ipv4-addr:value = '192.0.2.7']",
        "pattern_type": "stix",
        "valid_from": "2026-05-03T08:00:00Z",
    },
    {
        "type": "identity",
        "spec_version": "2.1",
        "id": "identity--7d4c2a10-8b6f-4b57-8f0e-3a1c5d9e6f02",
        "created": "2026-05-03T08:00:00.000Z",
        "modified": "2026-05-03T08:00:00.000Z",
        "name": "\u0645\u0646\u0627\u0631\u0629 \u00b7 \u706f\u5854",
        "identity_class": "organization",
    },
)


@dataclass
class Examples:
    """One small story: Orvanda warns Tolmere, and the Lantern Sea Council witnesses."""

    def __post_init__(self) -> None:
        self.orvanda, self.tolmere = Party("Orvanda"), Party("Tolmere")
        self.council = Party("Lantern Sea Council")

    @cached_property
    def node(self) -> dsse.Envelope:
        """Orvanda's node document, leaf 0 of its log."""
        document = statement.NodeDocument(
            head=self.orvanda.head(),
            version=1,
            name="Orvanda",
            endpoints=("https://comity.orvanda.example",),
            hpke=(self.opener.key,),
            wire=(1,),
            protocols={"response/incident": (1,)},
            witnesses=(self.council.id,),
            quorum=1,
            mailbox=None,
            limits={},
        )
        envelope = dsse.sign(
            dsse.NODE, statement.node_payload(document), [self.orvanda.signer("act")]
        )
        self.orvanda.leaves[1].append(bytes.fromhex(envelope.id))
        return envelope

    @cached_property
    def opener(self) -> seal.SecretOpener:
        """Orvanda's sealing key."""
        return seal.SecretOpener(hashlib.sha256(b"Orvanda hpke 1").digest())

    @cached_property
    def charter(self) -> Act:
        """The charter of an incident, signed after the node document."""
        _ = self.node
        body = kinds.Charter(
            protocol="response/incident",
            version=1,
            members=tuple(sorted([self.orvanda.id, self.tolmere.id])),
            growth=kinds.Growth.CLOSED,
            ceiling=TLP.AMBER,
            chair=None,
            readers=(),
            succeeds=None,
            time=kinds.TimePolicy((self.council.id,), 1, 600_000),
            terms={},
        )
        return self.orvanda.say(
            None, "charter", body.to_body(), footing=Footing.TECHNICAL, tlp=TLP.AMBER
        )

    @cached_property
    def parts(self) -> list[Part]:
        """What the act says: a manifest with one field, and a file of one part."""
        file = b"10.20.30.40\n"
        fields: canon.Object = {"text": "A flaw in a port controller is being used."}
        words = manifest.build(fields, [("addresses.txt", "text/plain", len(file))]).to_bytes()
        return [
            content.Part(index, hashlib.sha256(b"salt %d" % index).digest(), data)
            for index, data in enumerate([words, file])
        ]

    @cached_property
    def act(self) -> Act:
        """A note in the dossier, approved by a mandate of Orvanda, without prejudice."""
        commitment = content.commit(content.DOCUMENT, self.parts)
        body: canon.Object = {"by": {"role": "duty_officer"}}
        message = approval_message(
            {
                "party": self.orvanda.id,
                "dossier": self.charter.id,
                "kind": "note",
                "tlp": TLP.GREEN.value,
                "footing": Footing.WITHOUT_PREJUDICE.value,
                "body": body,
                "content": commitment.to_object(),
                "refs": [],
            }
        )
        signature = base64.b64encode(self.orvanda.mandate.sign(message)).decode()
        body["approvals"] = [{"key": self.orvanda.mandate.key, "sig": signature}]
        return self.orvanda.say(
            Dossier(self.charter, documents_of(self.orvanda, self.tolmere), None),
            "note",
            body,
            parts=self.parts,
            tlp=TLP.GREEN,
            footing=Footing.WITHOUT_PREJUDICE,
        )

    @cached_property
    def cosigned(self) -> CosignedCheckpoint:
        """Orvanda's checkpoint over all of that, cosigned by the council."""
        _ = self.act
        head = self.orvanda.checkpoint()
        return head.add([self.council.cosign(head, COSIGNED)])

    @cached_property
    def proof(self) -> bytes:
        """The tlog-proof of the act."""
        return self.orvanda.prove(self.act, self.cosigned)

    @cached_property
    def receipt(self) -> dsse.Envelope:
        """Tolmere's receipt for both acts, with all parts of the second."""
        held = [self.charter.id, self.act.id]
        payload = statement.receipt_payload(
            self.tolmere.head(), self.orvanda.id, [*held], [self.act.id]
        )
        return dsse.sign(dsse.RECEIPT, payload, [self.tolmere.signer("act")])

    def succession(self) -> dsse.Envelope:
        """Return the document by which Orvanda's first log ends and its second begins."""
        kept = ((19, digest("an act recovered beyond the checkpoint")),)
        root = self.cosigned.checkpoint
        other = Party("Orvanda")
        other.succeed(Closing(root.size, root.root.hex(), kept))
        return other.envelopes[-1]

    def evidence(self) -> bytes:
        """Return the evidence file about the act, with the file it carries shown."""
        leaves = [part.leaf for part in self.parts]
        shown = Shown(
            self.act.envelope, proof.parse(self.proof), (content.show(leaves, self.parts[1]),)
        )
        parties = (self.orvanda, self.tolmere, self.council)
        return evidence.build(
            self.act.id,
            [envelope for party in parties for envelope in party.envelopes],
            [Shown(self.charter.envelope), shown, Shown(self.receipt), Shown(self.node)],
        ).to_bytes()

    def circle(self, author: Party) -> Dossier:
        """Return a circle of both parties, opened by one of them."""
        body = kinds.Charter(
            protocol="sharing/circle",
            version=1,
            members=tuple(sorted([self.orvanda.id, self.tolmere.id])),
            growth=kinds.Growth.CLOSED,
            ceiling=TLP.AMBER,
            chair=None,
            readers=(),
            succeeds=None,
            time=None,
            terms={},
        ).to_body()
        opened = author.say(None, "charter", body, footing=Footing.TECHNICAL)
        return Dossier(opened, documents_of(self.orvanda, self.tolmere), None)

    @cached_property
    def objects(self) -> list[Part]:
        """Two objects of STIX, the second with a name in another script."""
        return [
            content.Part(i, hashlib.sha256(b"salt of object %d" % i).digest(), data)
            for i, data in enumerate(
                json.dumps(each, ensure_ascii=False).encode() for each in OBJECTS
            )
        ]

    @cached_property
    def exhibit(self) -> bytes:
        """The second object, which Orvanda published and Tolmere carried on, for anybody."""
        _ = self.proof, self.receipt
        batch, leaves = self.objects, [part.leaf for part in self.objects]
        from_, to = self.circle(self.orvanda), self.circle(self.tolmere)
        first = self.orvanda.say(from_, "publish", content=content.commit(content.STIX, batch))
        told = provenance.build(
            self.orvanda.envelopes, [provenance.show(first.envelope, leaves, {0: 1})]
        )
        moved = content.Part(0, batch[1].salt, batch[1].data)
        tail = content.Part(1, hashlib.sha256(b"salt of the way").digest(), told.to_bytes())
        second = self.tolmere.say(
            to,
            "forward",
            {"origins": [from_.id], "proofs": 1, "hops": 1},
            content=content.commit(content.STIX, [moved, tail]),
        )
        hop = provenance.show(second.envelope, [moved.leaf, tail.leaf], {0: 0})
        documents = (*told.documents, *self.tolmere.envelopes)
        return exhibit.Exhibit(moved, provenance.build(documents, [*told.came, hop])).to_bytes()

    def policy(self) -> bytes:
        """Return the C2SP policy that asks for the council."""
        log = checkpoint.log_key(self.orvanda.id, 1, self.orvanda.keys(1).checkpoint)
        witness = checkpoint.witness_key(self.council.id, 1, self.council.keys(1).witness)
        return policy.write([log], [witness], 1)

    def blob(self) -> tuple[blob.BlobRef, bytes]:
        """Return the parts of the act as a blob, under a key that is no secret."""
        key = hashlib.sha256(b"blob key").digest()
        return blob.encrypt(key, self.parts, self.act.id)

    def bundle(self) -> bytes:
        """Return what Orvanda sends Tolmere before it is sealed."""
        carried = (Carried(self.charter), Carried(self.act, tuple(self.parts)))
        return Bundle(
            documents=tuple(self.orvanda.envelopes), nodes=(self.node,), acts=carried
        ).to_bytes()

    def cover(self) -> bytes:
        """Return the line and the body of a message that asks for a tile."""
        asks = cover.Cover(
            sender=self.tolmere.id,
            recipient=self.orvanda.id,
            created=INSTANT,
            nonce=hashlib.sha256(b"nonce").hexdigest(),
            kind=cover.CoverKind.TILE,
            doc=self.tolmere.view.id,
            log=1,
            args={"path": "tile/0/000.p/16"},
        )
        return cover.frame(cover.build(asks, self.tolmere.signer("act")))

    def sealed(self) -> bytes:
        """Return a sealed message with what opens it: the one kept, while it opens."""
        path = FOLDER / "sealed.json"
        if path.exists():
            kept = path.read_bytes()
            if self.opened(json.loads(kept)) == b"Nothing to report.":
                return kept
        ciphertext = seal.seal(
            b"Nothing to report.", self.opener.key, self.tolmere.id, self.orvanda.id
        )
        value = {
            "sender": self.tolmere.id,
            "recipient": self.orvanda.id,
            "key": self.opener.key,
            "secret": self.opener.secret.hex(),
            "plaintext": "Nothing to report.",
            "ciphertext": base64.b64encode(ciphertext).decode(),
        }
        return pretty(value)

    def opened(self, kept: dict[str, str]) -> bytes:
        """Return what a sealed example says, or nothing when it does not open."""
        openers = {seal.hpke_key_id(self.opener.key): self.opener}
        try:
            return seal.open_sealed(
                base64.b64decode(kept["ciphertext"]),
                seal.hpke_key_id(self.opener.key),
                openers,
                sender=self.tolmere.id,
                recipient=self.orvanda.id,
            )
        except (KeyError, Refusal):
            return b""


def files() -> dict[str, bytes]:
    """Return every file of the folder by its name."""
    story = Examples()
    ref, ciphertext = story.blob()
    return {
        "root.json": story.orvanda.envelopes[0].to_bytes(),
        "succession.json": story.succession().to_bytes(),
        "node.json": story.node.to_bytes(),
        "charter.json": story.charter.envelope.to_bytes(),
        "act.json": story.act.envelope.to_bytes(),
        "receipt.json": story.receipt.to_bytes(),
        "parts.json": pretty([part_object(part) for part in story.parts]),
        "checkpoint.txt": story.cosigned.to_bytes(),
        "proof.txt": story.proof,
        "policy.txt": story.policy(),
        "bundle.json": story.bundle(),
        "blob.json": pretty(
            {"ref": ref.to_object(), "ciphertext": base64.b64encode(ciphertext).decode()}
        ),
        "cover.txt": story.cover(),
        "sealed.json": story.sealed(),
        "evidence.json": story.evidence(),
        "object.json": story.exhibit,
        "profile.json": pretty(profile()),
    }


def pretty(value: object) -> bytes:
    """Return JSON to look at."""
    return (json.dumps(value, indent=2, ensure_ascii=True) + "\n").encode()


def part_object(part: Part) -> dict[str, object]:
    """Return a part and its leaf, for a reader to compute again."""
    return {
        "index": part.index,
        "salt": part.salt.hex(),
        "data": part.data.decode(),
        "leaf": part.leaf.hex(),
    }


CASES: list[tuple[str, str]] = [
    ('{"a":1,"b":[true,"é"]}', "accepted"),
    ("{}", "accepted"),
    ('{"b":1,"a":2}', "keys not in order"),
    ('{"a": 1}', "white space"),
    ('{"a":1,"a":1}', "a key twice"),
    ('{"a":1.0}', "a number with a fraction"),
    ('{"a":-0}', "minus zero"),
    ('{"a":1e3}', "an exponent"),
    ('{"a":9007199254740992}', "beyond 2^53 - 1"),
    ('{"a":null}', "null"),
    ('{"A":1}', "a capital in a key"),
    ('{"a":"\\u0041"}', "an escape where none is needed"),
    ('{"a":"\\n"}', "a control character"),
    ('{"a":"\\ud800"}', "half a surrogate pair"),
    ('{"a":"x\u202ey"}', "a bidirectional control"),
    ("[]", "not an object"),
    ('{"a":[[[[[[[[]]]]]]]]}', "nine levels"),
]


def profile() -> list[dict[str, object]]:
    """Return payloads with the verdict of the profile; each verdict is the code's."""
    return [{"payload": text, "accepted": accepts(text), "why": why} for text, why in CASES]


def accepts(text: str) -> bool:
    """Say whether the profile takes a payload."""
    try:
        canon.parse(text.encode())
    except Refusal:
        return False
    return True


# The parts of the page.


def generated(text: str) -> str:
    """Return the page with its generated parts as they should be.

    Raises KeyError when it names a part that nobody generates.
    """
    story, made = Examples(), files()
    parts: dict[str, Callable[[], str]] = {
        "profile": lambda: _table(
            ["payload", "verdict"],
            ([f"`{ascii_of(t)}`", "accepted" if accepts(t) else f"K2: {w}"] for t, w in CASES),
        ),
        "envelope": lambda: _envelope(story),
        "keys": lambda: _keys(story),
        "root": lambda: _payload(story.orvanda.envelopes[0]),
        "succession": lambda: _payload(dsse.parse(made["succession.json"], limit=2**18)),
        "node": lambda: _payload(story.node),
        "receipt": lambda: _payload(story.receipt),
        "charter": lambda: _payload(story.charter.envelope),
        "act": lambda: _payload(story.act.envelope),
        "approval": lambda: _approval(story),
        "content": lambda: _content(story),
        "checkpoint": lambda: _code(made["checkpoint.txt"].decode()),
        "cosignature": lambda: _cosignature(story),
        "proof": lambda: _code(made["proof.txt"].decode()),
        "policy": lambda: _code(made["policy.txt"].decode()),
        "digest": lambda: _digest(story),
        "cover": lambda: _code(made["cover.txt"].decode()),
        "blob": lambda: _blob(story),
        "evidence": lambda: _evidence(made["evidence.json"], story),
        "files": lambda: _table(
            ["file", "bytes", "SHA-256"],
            (
                [f"[{n}](examples/{n})", f"{len(d):,}", f"`{hashlib.sha256(d).hexdigest()}`"]
                for n, d in made.items()
            ),
        ),
        "rules": lambda: _table(
            ["rule", "what must hold", "retry"],
            ([name, r.title, r.retry.value] for name, r in RULES.items() if name[0] in "KWT"),
        ),
    }
    return PART.sub(lambda m: f"{m[1]}\n{parts[m[2]]()}\n\n{m[3]}", text)


def part_names(text: str) -> list[str]:
    """Return the names of the generated parts of a page."""
    return [match[2] for match in PART.finditer(text)]


def ascii_of(text: str) -> str:
    """Return a payload with what cannot be seen written out."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _code(text: str) -> str:
    return f"```\n{text.rstrip(chr(10))}\n```"


def _wrapped(text: str) -> str:
    """Break a long line; where it goes on, the line begins with two spaces."""
    first, rest = text[:WIDTH], text[WIDTH:]
    step = WIDTH - 2
    return "\n".join([first, *(f"  {rest[i : i + step]}" for i in range(0, len(rest), step))])


def _payload(envelope: dsse.Envelope) -> str:
    lines = [
        f"type       {envelope.payload_type}",
        f"payload    {len(envelope.payload)} bytes",
        *_wrapped(envelope.payload.decode()).split("\n"),
        f"id         {envelope.id}",
    ]
    for signature in envelope.signatures:
        lines += [
            f"keyid      {signature.keyid}",
            *_wrapped(f"sig        {_b64(signature.sig)}").split("\n"),
        ]
    return _code("\n".join(lines))


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _envelope(story: Examples) -> str:
    envelope = story.receipt
    begin = envelope.pae[: envelope.pae.index(b"{") + 8]
    return _code(
        "\n".join(
            [
                *_wrapped(envelope.to_bytes().decode()).split("\n"),
                "",
                f"PAE begins {begin.decode()}…",
                f"  in hex   {begin[:24].hex()}…",
                f"id         {envelope.id}",
            ]
        )
    )


def _keys(story: Examples) -> str:
    signer = story.orvanda.signer("act")
    return _code(
        "\n".join(
            [
                f'seed         SHA-256("Orvanda act 1") = {signer.seed.hex()}',
                f"key          {signer.key}",
                f"key id       {key_id(signer.key)}",
                f"party id     {story.orvanda.id}",
                f"fingerprint  {fingerprint(story.orvanda.id)}",
            ]
        )
    )


def _approval(story: Examples) -> str:
    header = story.act.header
    message = approval_message(header.to_object())
    return _code(f"type {APPROVAL}\n" + _wrapped(message[message.index(b"{") :].decode()))


def _content(story: Examples) -> str:
    zero, one = story.parts
    shown = content.show([zero.leaf, one.leaf], one)
    return _code(
        "\n".join(
            [
                *_wrapped(f"part 0     {zero.data.decode()}").split("\n"),
                f"  salt     {zero.salt.hex()}",
                f"  leaf     {zero.leaf.hex()}",
                f"part 1     {one.data.decode()!r}",
                f"  salt     {one.salt.hex()}",
                f"  leaf     {one.leaf.hex()}",
                f"hash       {merkle.root([zero.leaf, one.leaf]).hex()}",
                f"path of 1  {shown.path[0].hex()}",
            ]
        )
    )


def _cosignature(story: Examples) -> str:
    line = story.cosigned.signatures[1]
    text = story.cosigned.checkpoint.text
    signed = f"cosignature/v1\ntime {COSIGNED}\n{text}"
    lines = [
        f"key id     {line.key_id.hex()}",
        f"time       {line.signature[:8].hex()} = {COSIGNED}",
        *_wrapped(f"signed     {json.dumps(signed)}").split("\n"),
        *_wrapped(f"signature  {line.signature[8:].hex()}").split("\n"),
    ]
    return _code("\n".join(lines))


def _digest(story: Examples) -> str:
    rows = sorted(
        json.dumps(
            [f.how.value, f.cell, [*f.key], story.orvanda.id, story.charter.id, f.value],
            separators=(",", ":"),
        )
        for f in kernel_facts(Node(story.charter, 0, (1, 0)))
    )
    total = sum(int.from_bytes(hashlib.sha256(r.encode()).digest(), "big") for r in rows)
    sum_ = str(total % 2**256)
    lines = [line for row in rows for line in _wrapped(f"row     {row}").split("\n")]
    return _code(
        "\n".join(
            [*lines, f"sum     {sum_}", f"digest  {hashlib.sha256(sum_.encode()).hexdigest()}"]
        )
    )


def _blob(story: Examples) -> str:
    ref, ciphertext = story.blob()
    return _code(
        "\n".join(
            [
                f"key         {ref.key.hex()}",
                f"plaintext   {len(ciphertext) - blob.TAG_SIZE} bytes",
                f"ciphertext  {len(ciphertext)} bytes, {ciphertext[:24].hex()}…",
                f"hash        {ref.hash}",
            ]
        )
    )


def _evidence(data: bytes, story: Examples) -> str:
    lines = json.dumps(_short(json.loads(data)), indent=1, ensure_ascii=False)
    known = f"--party {story.orvanda.id} \\\n    --party {story.tolmere.id} \\\n"
    command = (
        "tools/verify_evidence.py docs/reference/examples/evidence.json \\\n    "
        f"{known}    --witness {story.council.id}"
    )
    return f"{_code(lines)}\n\n{_code(command)}"


def _short(item: object) -> object:
    if isinstance(item, dict):
        return {name: _short(each) for name, each in item.items()}
    if isinstance(item, list):
        return [_short(each) for each in item]
    return f"{item[:40]}…" if isinstance(item, str) and len(item) > 64 else item


def stale() -> list[str]:
    """Return what is not as it would be written: files by name, and the page."""
    made, page = files(), PAGE.read_text(encoding="utf-8")
    found = [
        n for n, d in made.items() if not (FOLDER / n).exists() or (FOLDER / n).read_bytes() != d
    ]
    found += sorted(path.name for path in FOLDER.iterdir() if path.name not in made)
    return found + [PAGE.name] * (generated(page) != page)


def main() -> int:
    """Write the examples and the page, or with ``--check`` say what is not current.

    What is frozen is never written anew with other bytes.
    """
    if "--check" in sys.argv[1:]:
        for name in (found := stale()):
            print(f"{name} is not current; run python -m tools.examples")
        return int(bool(found))
    made = files()
    for name in (frozen := freeze.broken_files(made)):
        print(f"{name} is frozen, and would be another now; nothing is written (ADR 0034)")
    if frozen:
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        (FOLDER / name).write_bytes(data)
    PAGE.write_text(generated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
