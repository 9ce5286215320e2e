"""Identifiers and their spoken form."""

from __future__ import annotations

import hashlib

import pytest

from comity.kernel.ids import PartyId, fingerprint, is_hex


@pytest.mark.parametrize("value", ["", "a" * 63, "a" * 65, "A" * 64, "g" * 64, "a" * 64 + "\n", 5])
def test_what_is_not_64_lower_case_digits_is_no_id(value: object) -> None:
    assert not is_hex(value)


def test_an_id_is_64_lower_case_digits() -> None:
    assert is_hex("0123456789abcdef" * 4)


def test_a_fingerprint_is_twelve_groups_of_five_digits() -> None:
    party = PartyId("ab" * 32)
    spoken = fingerprint(party)
    digest = hashlib.sha512(b"comity fingerprint v1\n" + bytes.fromhex(party)).digest()
    wanted = [int(digest[i : i + 5].hex(), 16) % 10**5 for i in range(0, 60, 5)]
    assert spoken == " ".join(str(number).zfill(5) for number in wanted)
    # Frozen: people compare it over the telephone.
    assert spoken == ("69687 74912 31739 58690 88798 56130 26625 80670 21642 74343 51881 81448")
