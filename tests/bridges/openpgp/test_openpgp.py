"""Fingerprints and what keys say of themselves, and where domains publish them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.openpgp import armor, keys, wkd
from comity.bridges.openpgp.packets import MOST, Packet, packets

# Made by GnuPG 2.2.40, which also says what its fingerprint is.
TEAM = "CEA18911869A7BAD8F667B010794C217F37F5414"
ARMORED = """-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEZZN9JRYJKwYBBAHaRw8BAQdAfc6V9UuRRNJnb9sD67NZzykDq+2Xs6L57jWC
5PrPFP+0L1Jlc3BvbnNlIFRlYW0gb2YgT3J2YW5kYSA8dGVhbUBvcnZhbmRhLmV4
YW1wbGU+iJYEExYIAD4WIQTOoYkRhpp7rY9mewEHlMIX839UFAUCZZN9JQIbAwUJ
A8JnAAULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRAHlMIX839UFC/9APoDU3aE
GjgHvk9Y52SlxP0fZ43uuUsfNHP38F2Xb6FJggEAxe48Ihfi0TvTILLs8cMsK8Nt
8/Psv90y6Lishw4BEAg=
=Dr0r
-----END PGP PUBLIC KEY BLOCK-----
"""
# RFC 9580, appendix A.3; its fingerprint is given there.
SIX = "CB186C4F0609A697E4D52DFA6C722B0C1F1E27C18A56708F6525EC27BAD9ACC9"
ARMORED_6 = """-----BEGIN PGP PUBLIC KEY BLOCK-----

xioGY4d/4xsAAAAg+U2nu0jWCmHlZ3BqZYfQMxmZu52JGggkLq2EVD34laPCsQYf
GwoAAABCBYJjh3/jAwsJBwUVCg4IDAIWAAKbAwIeCSIhBssYbE8GCaaX5NUt+mxy
KwwfHifBilZwj2Ul7Ce62azJBScJAgcCAAAAAK0oIBA+LX0ifsDm185Ecds2v8lw
gyU2kCcUmKfvBXbAf6rhRYWzuQOwEn7E/aLwIwRaLsdry0+VcallHhSu4RN6HWaE
QsiPlR4zxP/TP7mhfVEe7XWPxtnMUMtf15OyA51YBM4qBmOHf+MZAAAAIIaTJINn
+eUBXbki+PSAld2nhJh/LVmFsS+60WyvXkQ1wpsGGBsKAAAALAWCY4d/4wKbDCIh
BssYbE8GCaaX5NUt+mxyKwwfHifBilZwj2Ul7Ce62azJAAAAAAQBIKbpGG2dWTX8
j+VjFM21J0hqWlEg+bdiojWnKfA5AQpWUWtnNwDEM0g12vYxoWM8Y81W+bHBw805
I8kWVkXU6vFOi+HWvv/ira7ofJu16NnoUkhclkUrk0mXubZvyl4GBg==
-----END PGP PUBLIC KEY BLOCK-----
"""
BINARY = armor.keys(ARMORED)[0]
MADE, ENDS = 1_704_164_645_000, 1_767_236_645_000


def test_a_key_of_version_4_says_what_gnupg_reads_of_it() -> None:
    user = "Response Team of Orvanda <team@orvanda.example>"
    assert keys.read(ARMORED) == [keys.Key(4, TEAM, MADE, ENDS, (user,))]


def test_a_key_of_version_6_has_the_fingerprint_of_the_rfc() -> None:
    assert keys.read(ARMORED_6) == [keys.Key(6, SIX, 1_669_824_483_000, None, ())]


def test_binary_and_armored_files_are_the_same() -> None:
    assert keys.read(BINARY) == keys.read(ARMORED.encode()) == keys.read(ARMORED)
    crlf = ARMORED.replace("\n", "\r\n").replace(
        "BLOCK-----\r\n\r\n", "BLOCK-----\r\nComment: x\r\n\r\n"
    )
    assert keys.read(crlf) == keys.read(ARMORED)


def test_a_checksum_may_be_absent_or_wrong() -> None:
    assert keys.read(ARMORED.replace("=Dr0r\n", "")) == keys.read(ARMORED)
    assert keys.read(ARMORED.replace("=Dr0r", "=AAAA")) == keys.read(ARMORED)


def test_a_file_may_hold_several_keys_and_words_between_them() -> None:
    found = keys.read(f"Ours:\n{ARMORED}\nand the new one:\n{ARMORED_6}")
    assert [key.fingerprint for key in found] == [TEAM, SIX]
    assert [key.fingerprint for key in keys.read(BINARY * 2)] == [TEAM, TEAM]
    assert armor.without_keys(f"a\n{ARMORED}b").split() == ["a", "b"]


def test_what_others_sign_says_nothing_of_expiry() -> None:
    # The issuer's fingerprint in the signature is no longer that of the key.
    other = BINARY.replace(bytes.fromhex(TEAM), bytes(20))
    assert keys.read(other)[0].expires is None


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no OpenPGP public key"),
        ("plain words", "no OpenPGP public key"),
        (BINARY[:20], "end too early"),
        (ARMORED.replace("mDME", "mD*E"), "cut off or changed"),
        (b"\xc6\xea", "comes in parts"),
        (b"\x9b\x00", "begins with the byte 155"),
        (b"\xc6\x05\x03AAAA", "this one has 3"),
        (bytes(keys.LIMIT + 1), "at most"),
        (b"\xcd\x00" * (MOST + 1), "more than 5000 packets"),
    ],
)
def test_what_is_no_key_is_refused_in_words(data: bytes | str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        keys.read(data)


@given(st.binary(max_size=80), st.integers(0, len(BINARY)))
def test_any_bytes_are_read_or_refused(junk: bytes, at: int) -> None:
    for data in (junk, BINARY[:at] + junk, BINARY[:at] + junk + BINARY[at:]):
        try:
            found = keys.read(data)
        except ValueError:
            continue
        assert all(keys.FINGERPRINT.fullmatch(key.fingerprint) for key in found)


@pytest.mark.parametrize("size", [0, 191, 192, 8383, 8384, 70_000])
def test_every_way_to_write_a_length_is_read(size: int) -> None:
    body = bytes(size)
    ways = [b"\xcd\xff" + size.to_bytes(4, "big"), b"\xb6" + size.to_bytes(4, "big")]
    ways += [b"\xcd" + bytes([size])] if size < 192 else []
    if 192 <= size < 8384:
        ways.append(b"\xcd" + bytes([(size - 192 >> 8) + 192, size - 192 & 255]))
    for way in ways:
        assert list(packets(way + body)) == [Packet(13, body)]


def test_what_a_cleartext_signature_covers_is_told_from_the_rest() -> None:
    signed = (
        "Not signed.\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\n\nContact: a\n- -----\n"
        "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\nNor this.\n"
    )
    assert armor.cleartext(signed) == ("Contact: a\n-----\n", True)
    assert armor.cleartext("Contact: a\n") == ("Contact: a\n", False)


def test_the_place_of_a_key_is_that_of_the_draft() -> None:
    # The example of the draft, section 3.1.
    name = "hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe"
    assert wkd.places("Joe.Doe@Example.ORG")[:2] == (
        f"https://openpgpkey.example.org/.well-known/openpgpkey/example.org/{name}",
        f"https://example.org/.well-known/openpgpkey/{name}",
    )


def test_only_letters_of_ascii_are_lowered() -> None:
    assert wkd.hashed("ÄB") == wkd.hashed("Äb") != wkd.hashed("äb")


def test_a_part_before_the_at_sign_cannot_change_the_address() -> None:
    assert wkd.places("a&b=/?#c@example.org").direct.endswith("?l=a%26b%3D%2F%3F%23c")
    assert wkd.places("desk@bücher.example").direct.startswith("https://xn--bcher-kva.example/")


@pytest.mark.parametrize(
    "address",
    ["", "desk", "\ud800@c.example", "a@b@c.example", "a@localhost", "a b@c.example",
     "a@c.example/x", "a@-c.example", "a@c..example", "a@" + "x" * 64 + ".example"],
)  # fmt: skip
def test_what_is_no_mail_address_has_no_place(address: str) -> None:
    with pytest.raises(ValueError, match="write a mail address"):
        wkd.places(address)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=64))
def test_every_name_hashes_to_32_characters(local: str) -> None:
    assert re.fullmatch("[ybndrfg8ejkmcpqxot1uwisza345h769]{32}", wkd.hashed(local))


def packet(tag: int, body: bytes) -> bytes:
    return bytes([0xC0 | tag, 255]) + len(body).to_bytes(4, "big") + body


def test_what_no_key_has_is_refused_or_left_out() -> None:
    with pytest.raises(ValueError, match="at most 65535 bytes"):
        keys.read(packet(6, b"\x04" + bytes(70_000)))
    own = packet(6, b"\x04" + bytes(40))
    mark = bytes.fromhex(keys.read(own)[0].fingerprint)
    # An expiry of a thousand bytes would be a number that nothing can write.
    told = b"\xc3\x29\x09" + b"\xff" * 1000 + bytes([22, 33, 4]) + mark
    area = len(told).to_bytes(2, "big") + told
    (key,) = keys.read(own + packet(2, b"\x04\x13\x00\x00" + area + bytes(2)))
    assert key.expires is None
