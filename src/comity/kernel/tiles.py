"""Tiles: C2SP tlog-tiles. How a log is read by those who follow it.

::

    tile/<level>/<index>[.p/<width>]      hashes: 256 in a full tile, `width` in a partial one
    tile/entries/<index>[.p/<width>]      the leaves of the level 0 tile of that index
    an index is written in groups of three digits, all but the last with an x: x001/x234/067

A hash in a tile of level L is the root over 256^L leaves. An entry is a big-endian uint16 length
and the leaf's bytes. A leaf of a Comity log is a statement's id as 32 raw bytes, so that an entry
is 0x0020 and those 32 bytes, and a full bundle has 8 704 bytes; what the statements say is
nowhere in it. Tiles reach as far as the last checkpoint and not beyond.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from comity.kernel.errors import Refusal
from comity.kernel.merkle import HASH_SIZE, TILE_HEIGHT, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from comity.kernel.merkle import Reader

TILE_WIDTH = 256
MAX_LEVEL = 63
ENTRY_LIMIT = 2**16 - 1
"""The most bytes of one entry."""
_LENGTH_SIZE = 2
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile: its ``level`` (None: a bundle of entries), ``index`` in the level, ``width``."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """The path below the log's prefix, without a leading slash."""
        groups = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            groups.append(f"x{rest % 1000:03d}")
            rest //= 1000
        level = "entries" if self.level is None else self.level
        partial = f".p/{self.width}" if self.width < TILE_WIDTH else ""
        return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"

    @property
    def start(self) -> int:
        """The index, within the level, of the tile's first hash or entry."""
        return self.index * TILE_WIDTH

    @property
    def stop(self) -> int:
        """The index after its last."""
        return self.start + self.width


def parse_path(path: str) -> Tile:
    """Return the tile that ``path`` names.

    Raises Refusal S3: not a path in its one spelling, so that nothing can be there.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise Refusal("S3", "This is not the path of a tile.", path[:80])
    level = None if match["level"] == "entries" else int(match["level"])
    index = int(match["index"].replace("x", "").replace("/", ""))
    tile = Tile(level, index, int(match["width"] or TILE_WIDTH))
    if tile.path != path or (level or 0) > MAX_LEVEL:
        raise Refusal("S3", "This is not the path of a tile.", path[:80])
    return tile


def width_at(level: int | None, index: int, size: int) -> int:
    """Return how many hashes or entries a tile has in a tree of ``size`` leaves: 0 to 256."""
    count = size >> TILE_HEIGHT * (level or 0)
    return min(max(count - index * TILE_WIDTH, 0), TILE_WIDTH)


def partial_tiles(size: int) -> list[Tile]:
    """Return the partial tiles of hashes of a tree of ``size`` leaves, the lowest level first."""
    tiles: list[Tile] = []
    level, count = 0, size
    while count:
        index, width = divmod(count, TILE_WIDTH)
        if width:
            tiles.append(Tile(level, index, width))
        level, count = level + 1, index
    return tiles


def require_held(tile: Tile, size: int) -> None:
    """Require that a log of ``size`` leaves, that of its last checkpoint, has this much of a tile.

    Raises Refusal T9, and later it may have. A narrower tile than the size asks for is that of an
    earlier size, and is served.
    """
    if width_at(tile.level, tile.index, size) < tile.width:
        raise Refusal("T9", "The log is not large enough for this tile.", tile.path)


def tile_bytes(reader: Reader, tile: Tile) -> bytes:
    """Return the content of a tile of hashes: ``width`` times 32 bytes."""
    return b"".join(reader.hashes(tile.level or 0, tile.start, tile.stop))


def split_tile(tile: Tile, data: bytes) -> list[bytes]:
    """Return the hashes of a tile. Raises Refusal W3 when they are not ``width`` hashes."""
    if len(data) != tile.width * HASH_SIZE:
        raise Refusal("W3", "A tile has not the size that its path says.", tile.path)
    return [data[i : i + HASH_SIZE] for i in range(0, len(data), HASH_SIZE)]


def encode_entries(entries: Iterable[bytes]) -> bytes:
    """Return the bundle of these leaves. Raises Refusal W3 for one beyond 65 535 bytes."""
    encoded: list[bytes] = []
    for entry in entries:
        if len(entry) > ENTRY_LIMIT:
            raise Refusal("W3", f"An entry of {len(entry)} bytes does not fit a bundle.")
        encoded += (len(entry).to_bytes(_LENGTH_SIZE, "big"), entry)
    return b"".join(encoded)


def decode_entries(tile: Tile, data: bytes) -> list[bytes]:
    """Return the leaves in a bundle, ``width`` of them. Raises Refusal W3."""
    entries: list[bytes] = []
    position = 0
    while position < len(data):
        start = position + _LENGTH_SIZE
        position = start + int.from_bytes(data[position:start], "big")
        entries.append(data[start:position])
    if position != len(data) or len(entries) != tile.width:
        raise Refusal("W3", "A bundle of entries does not end where its path says.", tile.path)
    return entries


def require_entries(entries: Sequence[bytes], hashes: Sequence[bytes]) -> None:
    """Require that entries are those of the level 0 tile with these hashes. Raises Refusal W3."""
    if [leaf_hash(entry) for entry in entries] != list(hashes):
        raise Refusal("W3", "The entries are not the leaves of their tile.")


class Source(Protocol):
    """A port: where tiles are fetched from."""

    def tile(self, tile: Tile) -> bytes:
        """Return the content of a tile of hashes."""


class TileReader:
    """Reads the hashes of a tree of ``size`` leaves through the tiles of someone's log.

    A ``merkle.Reader``: whoever follows a log proves inclusion and consistency with it, and asks
    nobody for a proof. What it returns is as the source gave it; only a proof checked against
    a checkpoint makes it true.
    """

    def __init__(self, source: Source, size: int) -> None:
        self._source = source
        self._size = size
        self._tiles: dict[Tile, list[bytes]] = {}

    def hashes(self, level: int, start: int, stop: int) -> list[bytes]:
        """Return the hashes ``start`` to before ``stop`` of ``level``. Raises Refusal W3."""
        found: list[bytes] = []
        for index in range(start // TILE_WIDTH, -(-stop // TILE_WIDTH)):
            tile = Tile(level, index, width_at(level, index, self._size))
            hashes = self._read(tile)
            found += hashes[max(start - tile.start, 0) : stop - tile.start]
        return found

    def _read(self, tile: Tile) -> list[bytes]:
        if tile not in self._tiles:
            self._tiles[tile] = split_tile(tile, self._source.tile(tile))
        return self._tiles[tile]
