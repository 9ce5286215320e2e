"""Private keys in the node's folder, and the spare-key kit that is printed.

Files are mode 600 in a folder of mode 700. A log's three keys are derived from one 32-byte seed by
HKDF-SHA256 (RFC 5869) with a label each, so that a person types one code to restore a node.

The kit holds two codes. The first is the seed of the next log's keys, which is kept nowhere here.
The second is the soft root key of an evaluation node, which is here too, and in no backup: with it
a node on a new machine confirms its next log at once.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.kernel.documents import LogKeys
from comity.kernel.errors import Refusal
from comity.kernel.keys import SeedSigner
from comity.services.identity import codes

SEED = 32
"""Bytes of every seed."""


@dataclass(frozen=True, slots=True)
class LogSigners:
    """The three signers of one log."""

    act: SeedSigner
    checkpoint: SeedSigner
    witness: SeedSigner

    @property
    def public(self) -> LogKeys:
        """Their public keys."""
        return LogKeys(self.act.key, self.checkpoint.key, self.witness.key)


def signers_of(seed: bytes) -> LogSigners:
    """Return the signers that a log's 32-byte ``seed`` gives. Labels are frozen."""
    return LogSigners(*(SeedSigner(_derive(seed, n)) for n in ("act", "checkpoint", "witness")))


def _derive(seed: bytes, label: str) -> bytes:
    return HKDF(SHA256(), 32, None, f"comity/log-key/v1/{label}".encode()).derive(seed)


def kit_code(seed: bytes) -> str:
    """Return the printed form of a spare seed: base32 in groups of five, ending in a check."""
    return codes.write(codes.KIT, seed)


def root_code(root: SeedSigner | None) -> str:
    """Return the printed form of a soft root key, "" when there is none here."""
    return "" if root is None else codes.write(codes.ROOT, root.seed)


def read_kit(code: str) -> bytes:
    """Return the seed a printed kit code holds. Raises Refusal S4 when it was mistyped."""
    return codes.read(codes.KIT, code, SEED)


def read_root(code: str) -> SeedSigner:
    """Return the root key a printed code holds. Raises Refusal S4 when it was mistyped."""
    return SeedSigner(codes.read(codes.ROOT, code, SEED))


def read_codes(text: str) -> tuple[str, str]:
    """Return (spare-key code, root code) of a kit's file: a line each, in any order, or ""."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    roots = [line for line in lines if codes.kind(line.upper()) == codes.ROOT]
    spares = [line for line in lines if line not in roots]
    return "".join(spares[:1]), "".join(roots[:1])


class Keyring:
    """The private keys in ``folder``: one file per log, the HPKE keys, and a soft root key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._logs: dict[int, LogSigners] = {}

    def log(self, number: int) -> LogSigners:
        """Return the signers of log ``number``. Raises Refusal S5 when its key file is missing."""
        if number not in self._logs:
            self._logs[number] = signers_of(self._read(f"log-{number}"))
        return self._logs[number]

    def has_log(self, number: int) -> bool:
        """Say whether the private keys of log ``number`` are here."""
        return (self._folder / f"log-{number}").exists()

    def save_log(self, number: int, seed: bytes) -> None:
        """Keep the seed of log ``number``."""
        self._write(f"log-{number}", seed)

    def pages_secret(self, fresh: bytes) -> str:
        """Return the secret by which the pages sign their cookies; ``fresh`` becomes it the first
        time. It is in no backup: who signs in to a restored node does so anew.
        """
        path = self._folder / "pages"
        if not path.exists():
            self._write("pages", fresh)
        return self._read("pages").hex()

    def save_password(self, peer: str, password: str) -> None:
        """Keep the password that this node shows to another TAXII server."""
        self._write(f"peer-{peer}", password.encode())

    def root(self) -> SeedSigner | None:
        """Return the root key of an evaluation node, or None when it is kept offline."""
        path = self._folder / "root"
        return SeedSigner(self._read("root")) if path.exists() else None

    def save_root(self, seed: bytes) -> None:
        """Keep a soft root key here; only an evaluation node does."""
        self._write("root", seed)

    def remove_root(self) -> None:
        """Remove the root key from this machine, when it is kept offline from now on."""
        (self._folder / "root").unlink(missing_ok=True)

    def hpke(self) -> list[bytes]:
        """Return the private X25519 keys, newest first; old ones stay for mail under way."""
        return [bytes.fromhex(item) for item in orjson.loads(self._read("hpke"))]

    def add_hpke(self, private: bytes) -> None:
        """Put a new private sealing key before the others."""
        have = self.hpke() if (self._folder / "hpke").exists() else []
        self._write("hpke", orjson.dumps([key.hex() for key in [private, *have]]))

    def _read(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError as error:
            raise Refusal(
                "S5",
                f"The key file {self._folder / name} is missing. Keys are never in a backup: "
                "run `comity restore` with the spare-key kit to go on with the next log.",
            ) from error

    def _write(self, name: str, data: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._folder / f"{name}.new"
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._folder / name)
