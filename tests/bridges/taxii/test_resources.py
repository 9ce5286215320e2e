"""What is answered is written as the standard has it."""

from __future__ import annotations

import pytest

from comity.bridges.taxii import resources

ONE, TWO, THREE = b'{"a": 1}', b'{ "b":2.0}', b'{"c":[]}'


@pytest.mark.parametrize(
    ("objects", "more", "written"),
    [
        ([], "", b"{}"),
        ([ONE], "", b'{"objects":[{"a": 1}]}'),
        ([ONE], "on", b'{"more":true,"next":"on","objects":[{"a": 1}]}'),
        ([ONE, TWO, THREE], "", b'{"objects":[{"a": 1},{ "b":2.0},{"c":[]}]}'),
    ],
)
def test_an_envelope_holds_objects_byte_for_byte_and_leaves_the_list(
    objects: list[bytes], more: str, written: bytes
) -> None:
    given = [*objects]
    assert resources.envelope(given, more) == written
    assert given == objects
