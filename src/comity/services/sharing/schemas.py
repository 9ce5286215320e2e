"""The schemas of STIX 2.1, as OASIS wrote them, compiled once in a process.

They come with the package stix2-validator and are read out of it; none of its code runs (ADR 0028).
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import files
from pathlib import PurePosixPath

from comity.bridges.stix.schemas import Schemas
from comity.kernel.errors import Phrase, Refusal

_PACKAGE = "stix2-validator"
_FOLDER = PurePosixPath("stix2validator/schemas-2.1/schemas")


@cache
def stix_schemas() -> Schemas:
    """Return the compiled schemas; compiling takes a fifth of a second, once.

    Raises Refusal X11 when the package is not whole.
    """
    found = [file for file in files(_PACKAGE) or () if file.is_relative_to(_FOLDER)]
    if not found:
        raise Refusal(
            "X11", Phrase("{package} holds no schemas; install it anew.", package=_PACKAGE)
        )
    return Schemas(
        {
            file.relative_to(_FOLDER).as_posix(): file.read_binary()
            for file in found
            if file.suffix == ".json"
        }
    )
