"""Package URLs (ECMA-427): whether one is well formed."""

from __future__ import annotations

import re
from urllib.parse import unquote

_TYPE = re.compile(r"[A-Za-z.+-][A-Za-z0-9.+-]*")
_KEY = re.compile("[A-Za-z.][A-Za-z0-9._-]*")
_ESCAPES = re.compile("%(?![0-9A-Fa-f]{2})")
# Types whose packages have, or have no, namespace, as the definitions of the types say.
_WITH = {"composer", "github", "gitlab", "bitbucket", "maven", "swift", "vscode-extension"}
_WITHOUT = {"bitnami", "cargo", "conda", "cran", "gem", "hackage", "mlflow", "nuget", "oci", "pypi"}


def fault(text: str) -> str:
    """Return the part that is wrong: ``type``, ``name``, ``namespace`` … or nothing."""
    rest, _, subpath = text.removeprefix("pkg:").partition("#")
    rest, _, qualifiers = rest.partition("?")
    kind, _, path = rest.strip("/").partition("/")
    base, name = namespace_and_name(path)
    checks = {
        "type": _TYPE.fullmatch(kind) is not None,
        "name": bool(unquote(name)),
        "escape": not _ESCAPES.search(text),
        "namespace": _placed(kind.lower(), base),
        "qualifier": all(_KEY.fullmatch(pair.partition("=")[0]) for pair in _pairs(qualifiers)),
        "subpath": not {".", ".."} & set(subpath.split("/")),
    }
    return next((part for part, holds in checks.items() if not holds), "")


def namespace_and_name(path: str) -> tuple[str, str]:
    """Return what stands before the name of a package, and the name without its version."""
    # A version begins at the last @ behind the last slash that is not part of it.
    base, _, last = path.partition("@")[0].rpartition("/")
    if not last and path.startswith("@"):
        base, _, last = path.rpartition("/")
        last = last.partition("@")[0]
    return base, last


def without_qualifiers(text: str) -> str:
    """Return a package URL without what stands behind its question mark, but its subpath."""
    rest, _, subpath = text.partition("#")
    return f"{rest.partition('?')[0]}#{subpath}"


def _pairs(qualifiers: str) -> list[str]:
    return qualifiers.split("&") if qualifiers else []


def _placed(kind: str, base: str) -> bool:
    return bool(base) if kind in _WITH else not (base and kind in _WITHOUT)
