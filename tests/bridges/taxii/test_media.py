"""Media types and packed bodies, for any header and any bytes."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.taxii import media, packing
from comity.kernel.errors import Refusal

LIMIT = 1000
PIECES = st.lists(
    st.sampled_from(
        ["application/taxii+json", "*/*", ";", ",", "q", "=", '"', "version", "2.1", " ", "0", "\\"]
    )
).map("".join)


def rule(act: Callable[[], object]) -> str:
    """Return the rule that refuses what is done, or "" for none."""
    try:
        act()
    except Refusal as refusal:
        return refusal.rule
    return ""


@given(PIECES)
def test_any_header_is_read_or_refused(text: str) -> None:
    assert rule(lambda: media.require_acceptable(text)) in {"", "X30"}
    assert rule(lambda: media.require_sent(text)) in {"", "X31"}


def test_the_range_that_fits_best_decides() -> None:
    for accept in (
        "application/*;q=0, application/taxii+json",
        "application/taxii+json;q=0, application/taxii+json;version=2.1",
        "*/*;q=0.1",
        'text/x;a=",;application/taxii+json;q=0", application/taxii+json;q=0.001',
    ):
        media.require_acceptable(accept)
    for accept in (
        "application/taxii+json;q=0.000, application/*, */*",
        "application/taxii+json, application/taxii+json;version=2.1;q=0",
        "application/taxii+json;q=2",
        "application/taxii+json;q=0.0001",
        'text/x;a=", application/taxii+json"',
    ):
        with pytest.raises(Refusal, match="X30"):
            media.require_acceptable(accept)


def test_a_refusal_repeats_one_short_line() -> None:
    with pytest.raises(Refusal) as refused:
        media.require_acceptable("text/html\x00\xff" + "x" * 1000)
    assert refused.value.subject.startswith("text/html??x")
    assert len(refused.value.subject) == 80


@pytest.mark.parametrize("encoding", ["gzip", " GZIP ", "x-gzip"])
def test_a_packed_body_is_unpacked(encoding: str) -> None:
    packing.require_known(encoding)
    assert packing.unpacked(gzip.compress(b"a" * LIMIT), encoding, LIMIT) == b"a" * LIMIT


@pytest.mark.parametrize("encoding", ["", "identity"])
def test_a_plain_body_is_left_as_it_is(encoding: str) -> None:
    packing.require_known(encoding)
    assert packing.unpacked(b"\x1f\x8b", encoding, LIMIT) == b"\x1f\x8b"


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd", "gzip;q=1"])
def test_no_other_packing_is_taken(encoding: str) -> None:
    with pytest.raises(Refusal, match="X31"):
        packing.require_known(encoding)


def test_no_more_is_unpacked_than_the_limit() -> None:
    bomb = gzip.compress(bytes(20_000 * LIMIT))
    tracemalloc.start()
    with pytest.raises(Refusal, match="X36"):
        packing.unpacked(bomb, "gzip", LIMIT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1000 * LIMIT
    with pytest.raises(Refusal, match="X36"):
        packing.unpacked(gzip.compress(bytes(LIMIT + 1)), "gzip", LIMIT)


def test_what_is_no_whole_gzip_is_refused() -> None:
    whole = gzip.compress(b"abc")
    damaged = whole[:-6] + bytes([whole[-6] ^ 1]) + whole[-5:]
    for body in (b"", b"abc", whole[:-1], whole + b"x", whole + whole, damaged, zlib.compress(b"")):
        with pytest.raises(Refusal, match="X37"):
            packing.unpacked(body, "gzip", LIMIT)


@given(st.binary(max_size=60))
def test_any_bytes_are_unpacked_or_refused(data: bytes) -> None:
    for body in (data, gzip.compress(b"abc")[:10] + data):
        assert rule(partial(packing.unpacked, body, "gzip", LIMIT)) in {"", "X36", "X37"}
