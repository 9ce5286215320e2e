"""The draft of an advisory from a disclosure is valid, and says what vendors said."""

from __future__ import annotations

from comity.bridges.csaf import ofcase, reading
from comity.bridges.csaf.ofcase import Case, SaidOf
from comity.kernel.label import TLP
from comity.services.sharing.advisories import known_lists

CASE = Case(
    id="a" * 64,
    title="Case aaaa",
    opened=1_777_000_000_000,
    now=1_777_900_000_000,
    tlp=TLP.AMBER_STRICT,
    names=("cve-2026-0417", "v2"),
    publisher="Lantern Sea Council",
    role="coordinator",
    namespace="https://council.example",
    words=(
        SaidOf("Fennick Controls", "gateway-3", "cve-2026-0417", "affected"),
        SaidOf("Fennick Controls", "gateway-3", "", "investigating"),
        SaidOf("Wicklight Lab", "", "", "not_affected"),
    ),
)


def statuses(case: Case) -> list[dict[str, list[str]]]:
    return [each.get("product_status", {}) for each in ofcase.draft(case)["vulnerabilities"]]


def test_a_draft_fails_no_mandatory_test() -> None:
    bare = CASE._replace(names=(), words=(), role="finder", now=0)
    for case in (CASE, bare, CASE._replace(tlp=TLP.CLEAR), CASE._replace(role="deployer")):
        assert reading.faults(ofcase.draft(case), known_lists()) == []


def test_what_names_a_vulnerability_goes_before_what_is_said_of_all() -> None:
    assert statuses(CASE) == [
        {"known_affected": ["CSAFPID-0001"], "known_not_affected": ["CSAFPID-0002"]},
        {"under_investigation": ["CSAFPID-0001"], "known_not_affected": ["CSAFPID-0002"]},
    ]


def test_products_are_called_by_vendor_and_code() -> None:
    names = ofcase.draft(CASE)["product_tree"]["full_product_names"]
    assert [each["name"] for each in names] == ["Fennick Controls gateway-3", "Wicklight Lab"]


def test_only_what_is_a_cve_is_called_one() -> None:
    found = ofcase.draft(CASE)["vulnerabilities"]
    assert [each.get("cve") for each in found] == ["CVE-2026-0417", None]


def test_what_was_told_in_two_ways_is_under_investigation() -> None:
    told = (SaidOf("Fennick Controls", "", "", word) for word in ("affected", "not_affected"))
    assert statuses(CASE._replace(names=(), words=tuple(told))) == [
        {"under_investigation": ["CSAFPID-0001"]}
    ]
