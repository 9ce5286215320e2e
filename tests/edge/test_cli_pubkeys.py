"""Showing keys, verifying them, reading one aloud and revoking it, by the command line."""

from __future__ import annotations

from pathlib import Path

from tests.edge.desk import Desk

PRINT = "0F1E 2D3C 4B0F 1E2D 3C4B 0F1E 2D3C 4B0F 1E2D 3C4B"
KEY = (
    "--algorithm", "pgp4", "--fingerprint", PRINT, "--holder", "desk", "--uses", "email,files",
)  # fmt: skip


def opened(desk: Desk) -> str:
    """Let Orvanda show the key of its desk to Tolmere; return the dossier."""
    desk.make("orvanda", "tolmere")
    made = desk.json("orvanda", "open", "keys", "--with", "tolmere", "--title", "Keys", "--yes")
    dossier: str = made["dossier"]
    desk.ok("orvanda", "say", dossier, "show_key", *KEY, "--yes")
    desk.sync("orvanda", "tolmere")
    return dossier


def test_keys_are_listed_verified_and_revoked(desk: Desk, tmp_path: Path) -> None:
    dossier = opened(desk)
    told = desk.ok("tolmere", "pubkeys")
    assert told.startswith("Orvanda · desk · OpenPGP, version 4 · e-mail, documents and files\n")
    assert f"    {PRINT}\n    K0: shown by its party\n" in told
    assert desk.ok("tolmere", "pubkeys", "list", "--party", "Orvanda", "--holder", "desk") == told
    assert "There is no such key" in desk.ok("tolmere", "pubkeys", "list", "--party", "Tolmere")

    place = ("--level", "K1", "--seen", "dns,wkd", "--where", "orvanda.example", "--holder", "d1")
    assert (
        "Nothing was signed"
        in desk.refused("tolmere", "pubkeys", "verify", PRINT, *place)["reason"]
    )
    said = desk.ok("tolmere", "pubkeys", "verify", PRINT, *place, "--yes")
    assert "WHO WILL BE ABLE TO READ IT\n  Orvanda\n" in said
    one = desk.refused(
        "tolmere", "pubkeys", "verify", PRINT, "--level", "k1", "--seen", "dns", "--yes"
    )
    assert "--seen" in one["reason"]
    own = desk.refused(
        "orvanda", "pubkeys", "verify", PRINT, "--level", "k3", "--how", "qr", "--yes"
    )
    assert "The key is your own" in own["reason"]

    shown = desk.ok("tolmere", "pubkeys", "show", "2D3C4B0F1E2D3C4B", "--qr")
    assert "K1: the domain agrees: Tolmere (d1), 2026-" in shown
    assert ", DNS over TLS, Web Key Directory" in shown
    assert "██" in shown
    (each,) = desk.json("tolmere", "pubkeys", "show", PRINT)["key"]["evidence"]
    assert (each["level"], each["how"], each["own"]) == ("k1", ["dns", "wkd"], True)

    before = tmp_path / "revocation.asc"
    before.write_text("-----BEGIN PGP PUBLIC KEY BLOCK-----")
    refused = desk.refused("tolmere", "pubkeys", "revoke", PRINT, "--reason", "lost", "--yes")
    assert "The key is another party's" in refused["reason"]
    gone = ("pubkeys", "revoke", PRINT, "--reason", "stolen", "--attach", before, "--yes")
    assert "revocation.asc" in desk.ok("orvanda", *gone)
    desk.sync("orvanda", "tolmere")
    assert "REVOKED on 2026-" in desk.ok("tolmere", "pubkeys")
    assert "stolen, or used by another; 0 of 1 acknowledged it" in desk.ok("tolmere", "pubkeys")
    desk.ok("tolmere", "say", dossier, "acknowledge_revocation", "--yes")
    assert "1 of 1 acknowledged it" in desk.ok("tolmere", "pubkeys")


def test_a_key_is_read_aloud_by_the_same_command_again_and_again(desk: Desk) -> None:
    opened(desk)
    read = ("pubkeys", "read", PRINT)
    assert "Say with which party" in desk.refused("orvanda", *read)["reason"]
    assert "Nothing is being read aloud" in desk.ok("tolmere", *read, "--heard", "same")
    assert "Orvanda is next" in desk.ok("tolmere", *read)
    assert desk.json("tolmere", *read)["reading"]["step"] == "wait"
    desk.sync("tolmere", "orvanda")
    assert "Tolmere is next" in desk.ok("orvanda", *read, "--with", "Tolmere")
    desk.sync("orvanda", "tolmere")
    assert "Then say what you heard" in desk.ok("tolmere", *read)
    desk.sync("tolmere", "orvanda")
    mine = desk.json("tolmere", *read)["reading"]["digits"]
    assert desk.json("orvanda", *read)["reading"]["digits"] == mine
    assert f"by voice or video: {mine}." in desk.ok("tolmere", *read)
    desk.ok("tolmere", *read, "--heard", "same")
    desk.sync("tolmere", "orvanda")
    assert "Both heard the same" in desk.ok("orvanda", *read, "--heard", "same")
    desk.sync("orvanda", "tolmere")
    assert "K2: read aloud" in desk.ok("tolmere", "pubkeys")

    desk.ok("tolmere", *read, "--again")
    desk.sync("tolmere", "orvanda")
    desk.ok("orvanda", *read)
    desk.sync("orvanda", "tolmere")
    desk.ok("tolmere", *read)
    assert "Rely on nothing" in desk.ok("tolmere", *read, "--heard", "different")
    assert "DIFFERENT DIGITS were heard with Tolmere" in desk.ok("tolmere", "pubkeys")
