"""Names of files (section 5.1 of CSAF 2.0 and 2.1), and the hashes that stand beside them."""

from __future__ import annotations

import hashlib
import re
from hmac import compare_digest

from comity.kernel.errors import Phrase, Refusal

HASHES = {"sha512": 128, "sha256": 64}
"""Algorithms of hash files, which are the ends of their names, and the digits of a hash."""
LONGEST = 200
"""The longest name of a file without what is put behind it, in characters."""
_OTHER = re.compile(r"[^+\-a-z0-9]+")
_DIGITS = re.compile(r"([0-9A-Fa-f]+)(?:[ \t\r\n].*)?", re.DOTALL)


def file_name(tracking_id: str) -> str:
    """Return the one name of the file of an advisory, which never leads out of a folder.

    Raises Refusal X43 for an id of which nothing would be left, or too long for a file system.
    """
    # Capitals of other alphabets may become ASCII letters: the rule is to lower first.
    plain = _OTHER.sub("_", tracking_id.lower())
    if not plain.strip("_"):
        raise Refusal("X43", Phrase("The tracking id gives no name of a file."), tracking_id)
    if len(plain) > LONGEST:
        raise Refusal("X43", Phrase("The tracking id is too long for the name of a file."))
    return f"{plain}.json"


def require_name(name: str, tracking_id: str) -> None:
    """Raise Refusal X43 unless a file of an advisory bears its one name."""
    wanted = file_name(tracking_id)
    if name != wanted:
        told = Phrase(
            "The file is named {name}; its tracking id gives {wanted}.", name=name, wanted=wanted
        )
        raise Refusal("X43", told, name)


def hash_file(algorithm: str, data: bytes, name: str) -> bytes:
    """Return the content of a hash file: the hash, two blanks, and the name of what it is of."""
    return f"{hashlib.new(algorithm, data).hexdigest()}  {name}\n".encode()


def require_hash(algorithm: str, data: bytes, said: bytes, name: str) -> None:
    """Raise Refusal X44 unless ``data`` has the hash that a hash file says, and its name."""
    found = _DIGITS.fullmatch(said.decode("ascii", "replace"))
    if found is None or len(found[1]) != HASHES[algorithm]:
        told = Phrase("The file beside it holds no hash of {algorithm}.", algorithm=algorithm)
        raise Refusal("X44", told, name)
    if not compare_digest(hashlib.new(algorithm, data).hexdigest(), found[1].lower()):
        raise Refusal(
            "X44", Phrase("The {algorithm} of the file is another one.", algorithm=algorithm), name
        )
    _require_same_name(said, name)


def _require_same_name(said: bytes, name: str) -> None:
    words = said.decode("utf-8", "replace").split(maxsplit=1)[1:]
    # A path may stand before the name; a star says that the file was read as bytes.
    if words and re.split(r"[/\\]", words[0].strip().lstrip("*"))[-1] != name:
        raise Refusal("X44", Phrase("The hash beside it is that of another file."), name)
