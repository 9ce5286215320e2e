"""STIX patterns, as far as they are looked at: their words, and what they compare for equality.

A pattern is never run here. It is cut into words by one expression that goes over each character
once; a regular expression inside it is a text like any other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.errors import Phrase, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

PATTERN_LIMIT = 64 * 1024
"""The most characters of a pattern."""

_STEP = r"(?:[A-Za-z0-9_-]+|'(?:[^'\\]|\\.)*+')"
# A type has 250 characters at most; so much is read again and again at worst.
_PATH = rf"[A-Za-z0-9_-]{{1,250}}+:{_STEP}(?:\.{_STEP}|\[(?:\*|-?\d+)\])*+"
_WORD = re.compile(
    rf"""
    (?P<blank> \s++ | /\*.*?\*/ | //[^\n]*+ )
    | (?P<text> [thb]?'(?:[^'\\]|\\.)*+' )
    | (?P<path> {_PATH} )
    | (?P<number> [+-]?(?:\d+(?:\.\d*)?|\.\d+)(?![A-Za-z_]) )
    | (?P<name> [A-Za-z_][A-Za-z0-9_]*+ )
    | (?P<open> [(\[] ) | (?P<close> [)\]] )
    | (?P<sign> ==|=|!=|<>|<=|>=|<|>|, )
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_SIMPLE = re.compile(rf"\[\s*({_PATH})\s*=\s*'([^'\\]*+)'\s*\]", re.ASCII)
_NAMES = frozenset(
    [
        *("AND", "OR", "NOT", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET", "EXISTS"),
        *("FOLLOWEDBY", "WITHIN", "REPEATS", "TIMES", "START", "STOP", "SECONDS", "TRUE", "FALSE"),
    ]
)
_PAIRS = {")": "(", "]": "["}
_EQUAL = ("=", "==", "ISSUBSET")


class Compared(NamedTuple):
    """An equality that a pattern looks for: ``path`` (``file:hashes.MD5``) and ``value``."""

    path: str
    value: str


class _Token(NamedTuple):
    kind: str
    word: str


def require(pattern: str) -> None:
    """Raise Refusal X9 unless a pattern is made of the words of the language and its brackets fit.

    The order of the words is not checked: no use is made of a pattern that depends on it.
    """
    if not (len(pattern) <= PATTERN_LIMIT and _SIMPLE.fullmatch(pattern)):
        _checked(pattern)


def compared(pattern: str) -> list[Compared]:
    """Return what a pattern compares for equality, in its order, and each thing once.

    Raises Refusal X9, as ``require`` does.
    """
    simple = _SIMPLE.fullmatch(pattern) if len(pattern) <= PATTERN_LIMIT else None
    if simple:
        return [Compared(_plain(simple[1]), simple[2])]
    return list(dict.fromkeys(_compared(_checked(pattern))))


def _checked(pattern: str) -> list[_Token]:
    words = list(_words(pattern))
    if not words or words[0].word not in {"[", "("}:
        raise _refused(Phrase("A pattern begins with a bracket."))
    _require_pairs(words)
    return words


def _words(pattern: str) -> Iterator[_Token]:
    if len(pattern) > PATTERN_LIMIT:
        raise _refused(
            Phrase("The pattern is longer than {limit} characters.", limit=PATTERN_LIMIT)
        )
    at = 0
    while at < len(pattern):
        found = _WORD.match(pattern, at)
        kind = found.lastgroup if found else None
        if found is None or kind is None or not _is_word(kind, found[0]):
            rest = pattern[at : at + 40]
            raise _refused(Phrase("This is no word of a STIX pattern: {rest}", rest=rest))
        at = found.end()
        if kind != "blank":
            yield _Token(kind, found[0])


def _is_word(kind: str, word: str) -> bool:
    return kind != "name" or word.upper() in _NAMES


def _require_pairs(words: list[_Token]) -> None:
    opened: list[str] = []
    for kind, word in words:
        if kind == "open":
            opened.append(word)
        elif kind == "close" and (not opened or opened.pop() != _PAIRS[word]):
            raise _refused(Phrase("The pattern closes a bracket that is not open."))
    if opened:
        raise _refused(Phrase("The pattern leaves a bracket open."))


def _refused(reason: Phrase) -> Refusal:
    return Refusal("X9", reason, "pattern")


def _compared(words: list[_Token]) -> Iterator[Compared]:
    for number, (kind, word) in enumerate(words[:-2]):
        if kind != "path":
            continue
        sign = words[number + 1].word.upper()
        if sign in _EQUAL and words[number + 2].kind in {"text", "number"}:
            yield Compared(_plain(word), _unquoted(words[number + 2].word))
        elif sign == "IN":
            yield from (Compared(_plain(word), item) for item in _items(words[number + 2 :]))


def _items(words: list[_Token]) -> Iterator[str]:
    for kind, word in words:
        if kind == "close":
            return
        if kind in {"text", "number"}:
            yield _unquoted(word)


def _plain(path: str) -> str:
    return path.replace("'", "")


def _unquoted(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word[1:-1], flags=re.DOTALL) if word[:1] == "'" else word
