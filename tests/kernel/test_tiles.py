"""C2SP tlog-tiles: paths, widths, entries, and proofs made by who follows a log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel import merkle, tiles
from comity.kernel.errors import Refusal
from comity.kernel.merkle import TreeHead
from comity.kernel.tiles import Tile, TileReader

DATA = [i.to_bytes(32, "big") for i in range(70_000)]
LEAVES = [merkle.leaf_hash(each) for each in DATA]


class Log:
    """A log as its keeper has it: leaves and complete subtrees; it serves tiles."""

    def __init__(self) -> None:
        self.size = len(LEAVES)
        _, subtrees = merkle.Frontier().extend(LEAVES)
        self.rows = {(each.level, each.index): each.hash for each in subtrees}
        self.served: list[Tile] = []

    def hashes(self, level: int, start: int, stop: int) -> list[bytes]:
        if level == 0:
            return LEAVES[start:stop]
        return [self.rows[level, index] for index in range(start, stop)]

    def tile(self, tile: Tile) -> bytes:
        tiles.require_held(tile, self.size)
        self.served.append(tile)
        return tiles.tile_bytes(self, tile)


LOG = Log()


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(1, 1_234_067), "tile/1/x001/x234/067"),
        (Tile(63, 999), "tile/63/999"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(None, 1000), "tile/entries/x001/000"),
        (Tile(None, 0, 1), "tile/entries/000.p/1"),
        (Tile(2, 10**18, 255), "tile/2/x001/x000/x000/x000/x000/x000/000.p/255"),
    ],
)
def test_paths(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert tiles.parse_path(path) == tile


@given(st.none() | st.integers(0, 63), st.integers(0, 2**55), st.integers(1, 256))
def test_a_path_names_one_tile(level: int | None, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert tiles.parse_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/0000",
        "/tile/0/000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/data/000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/0/000.p/",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "tile/0/x001/x001/x001/x001/x001/x001/x001/001",
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(Refusal) as caught:
        tiles.parse_path(path)
    assert caught.value.rule == "S3"


def test_widths_are_those_of_the_standards_example() -> None:
    assert tiles.partial_tiles(70_000) == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert tiles.width_at(0, 272, 70_000) == tiles.width_at(1, 0, 70_000) == 256
    assert tiles.width_at(0, 274, 70_000) == tiles.width_at(3, 0, 70_000) == 0
    assert tiles.width_at(None, 273, 70_000) == 112
    assert tiles.partial_tiles(256) == [Tile(1, 0, 1)]
    assert tiles.partial_tiles(0) == []


@given(st.integers(0, 2**30))
def test_partial_tiles_have_the_width_the_standard_gives(size: int) -> None:
    expected = {level: (size // 256**level) % 256 for level in range(5)}
    found = {tile.level: tile.width for tile in tiles.partial_tiles(size)}
    assert found == {level: width for level, width in expected.items() if width}
    for tile in tiles.partial_tiles(size):
        assert tiles.width_at(tile.level, tile.index, size) == tile.width


def test_tiles_reach_as_far_as_the_log_and_not_beyond() -> None:
    for tile in (Tile(0, 273, 112), Tile(0, 273, 16), Tile(0, 0), Tile(2, 0, 1), Tile(None, 272)):
        tiles.require_held(tile, 70_000)
    for tile in (Tile(0, 273, 113), Tile(0, 273), Tile(2, 0, 2), Tile(3, 0, 1), Tile(None, 274, 1)):
        with pytest.raises(Refusal) as caught:
            tiles.require_held(tile, 70_000)
        assert caught.value.rule == "T9"


def test_the_bytes_of_tiles() -> None:
    tile = Tile(0, 273, 112)
    assert tiles.tile_bytes(LOG, tile) == b"".join(LEAVES[69_888:])
    assert tiles.split_tile(tile, tiles.tile_bytes(LOG, tile)) == LEAVES[69_888:]
    above = tiles.split_tile(Tile(1, 1, 17), tiles.tile_bytes(LOG, Tile(1, 1, 17)))
    assert above[0] == merkle.root(LEAVES[65_536:65_792])
    assert tiles.tile_bytes(LOG, Tile(2, 0, 1)) == merkle.root(LEAVES[:65_536])


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_tile_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(Refusal, match="W3"):
        tiles.split_tile(Tile(0, 0, 1), bytes(size))


# Entries.


def test_a_bundle_of_ids() -> None:
    bundle = tiles.encode_entries(DATA[:256])
    assert len(bundle) == 8704
    assert bundle[:34] == b"\x00\x20" + DATA[0]
    entries = tiles.decode_entries(Tile(None, 0), bundle)
    assert entries == DATA[:256]
    tiles.require_entries(entries, LEAVES[:256])


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5))
def test_entries_of_any_length(entries: list[bytes]) -> None:
    tile = Tile(None, 0, len(entries))
    assert tiles.decode_entries(tile, tiles.encode_entries(entries)) == entries


def test_the_longest_entry() -> None:
    longest = bytes(65_535)
    assert tiles.encode_entries([longest]) == b"\xff\xff" + longest
    with pytest.raises(Refusal, match="W3"):
        tiles.encode_entries([longest + b"x"])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x00\x01",
        b"\x00\x01a",
        b"\x00\x01a\x00\x02b",
        b"\x00\x01a\x00\x01b\x00",
        b"\x00\x01a\x00\x01b\x00\x01c",
    ],
)
def test_a_bundle_that_does_not_hold_its_width_is_refused(data: bytes) -> None:
    assert tiles.decode_entries(Tile(None, 0, 2), b"\x00\x01a\x00\x01b") == [b"a", b"b"]
    with pytest.raises(Refusal, match="W3"):
        tiles.decode_entries(Tile(None, 0, 2), data)


def test_entries_that_are_not_the_leaves_are_refused() -> None:
    for entries in (DATA[1:3], DATA[:1], DATA[:3]):
        with pytest.raises(Refusal, match="W3"):
            tiles.require_entries(entries, LEAVES[:2])


# Following a log by its tiles.


@given(st.integers(1, 70_000), st.data())
def test_who_follows_a_log_proves_what_its_keeper_proves(size: int, data: st.DataObject) -> None:
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    reader = TileReader(LOG, size)
    head, was = merkle.head_at(reader, size), merkle.head_at(LOG, old)
    assert head == merkle.head_at(LOG, size)
    path = merkle.prove_inclusion(reader, index, size)
    merkle.verify_inclusion(LEAVES[index], index, size, path, head.root)
    merkle.verify_consistency(was, head, merkle.prove_consistency(reader, old, size))


def test_a_tile_is_fetched_once_and_none_is_that_is_not_needed() -> None:
    LOG.served.clear()
    reader = TileReader(LOG, 70_000)
    for _ in range(2):
        merkle.prove_inclusion(reader, 69_999, 70_000)
    assert set(LOG.served) == set(tiles.partial_tiles(70_000))
    assert len(LOG.served) == 3


def test_hashes_across_a_border_of_tiles() -> None:
    assert TileReader(LOG, 70_000).hashes(0, 250, 520) == LEAVES[250:520]


def test_a_lying_source_proves_nothing() -> None:
    class Liar(Log):
        def tile(self, tile: Tile) -> bytes:
            return bytes(tile.width * 32)

    head = merkle.head_at(LOG, 300)
    path = merkle.prove_consistency(TileReader(Liar(), 300), 256, 300)
    with pytest.raises(Refusal, match="W3"):
        merkle.verify_consistency(TreeHead(256, merkle.root(LEAVES[:256])), head, path)
