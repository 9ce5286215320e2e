from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.stix import patterns
from comity.bridges.stix.normal import KINDS, VALUE_LIMIT, normal
from comity.bridges.stix.record import Observable
from comity.kernel.errors import Refusal
from tests.bridges.stix.samples import (
    CREATED,
    LATER,
    UUID,
    Json,
    indicator,
    read,
    refused,
    sco,
    sdo,
)

PIECES = st.sampled_from(
    [
        *("http://", "HXXPS://", "a.example", "Ａ．example", "bücher.example", "[.]", ".", "@"),
        *("198.51.100.3", "2001:db8::1", "::ffff:198.51.100.3", "/0", "%eth0", ":80", "[", "]"),
        *("CVE-2026-12345", "T1059.001", "AS64500", "a" * 32, "00-11-22-33-44-FF", "\\"),
        *("İ", "ẞ", "Σ", "…", "\x00", " ", "x" * 300, "٣", "xn--bcher-kva", "*.", "_dmarc"),
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=5).map("".join)


@given(st.sampled_from(sorted(KINDS)), TEXTS)
def test_a_spelling_is_its_own_spelling(kind: str, text: str) -> None:
    once = normal(kind, text)
    if once is not None:
        assert 0 < len(once) <= VALUE_LIMIT
        assert normal(kind, once) == once
        assert "\x00" not in once


@pytest.mark.parametrize(
    ("kind", "text", "spelt"),
    [
        ("ip", "192.0.2.7", "192.0.2.7/32"),
        ("ip", "192.0.2.7/24", "192.0.2.0/24"),
        ("ip", "192[.]0[.]2[.]7", "192.0.2.7/32"),
        ("ip", "2001:DB8::/32", "2001:db8::/32"),
        ("ip", "2001:db8:0:0::1", "2001:db8::1/128"),
        ("ip", "fe80::1%eth0/64", "fe80::/64"),
        ("ip", "::ffff:192.0.2.7", "192.0.2.7/32"),
        ("ip", "::ffff:192.0.2.7/120", "192.0.2.0/24"),
        ("ip", "192.0.2.07", None),
        ("ip", "7", None),
        ("ip", "harbour.example", None),
        ("domain", "Harbour.Example.", "harbour.example"),
        ("domain", "bücher.example", "xn--bcher-kva.example"),
        ("domain", "harbour[.]example", "harbour.example"),
        ("domain", "_dmarc.harbour.example", "_dmarc.harbour.example"),
        ("domain", "*.harbour.example", "*.harbour.example"),
        ("domain", "harbour example", None),
        ("domain", "ü" * 300, None),
        ("domain", ".", None),
        ("url", "HTTP://User@Harbour.Example:80/A?b#C", "http://User@harbour.example:80/A?b#C"),
        ("url", "hxxps://harbour[.]example/", "https://harbour.example/"),
        ("url", "https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443/"),
        ("url", "harbour.example/a", None),
        ("mail", "Desk@Harbour.Example", "Desk@harbour.example"),
        ("mail", "desk[@]harbour[.]example", "desk@harbour.example"),
        ("mail", "harbour.example", None),
        ("hash", "ABCDEF" + "0" * 26, "abcdef" + "0" * 26),
        ("hash", "abc", None),
        ("hash", "g" * 32, None),
        ("cve", "cve-2026-12345", "CVE-2026-12345"),
        ("cve", "CVE-26-1", None),
        ("attack", "t1059.001", "T1059.001"),
        ("attack", "1059", None),
        ("asn", "64500", "AS64500"),
        ("asn", "as064500", "AS64500"),
        ("asn", "AS", None),
        ("mac", "00-11-22-33-44-FF", "00:11:22:33:44:ff"),
        ("mac", "00:11", None),
        ("file", "Harbour.EXE", "harbour.exe"),
        ("mutex", "Global\\Harbour", "Global\\Harbour"),
        ("registry", "HKEY_LOCAL_MACHINE\\Run\\", "hkey_local_machine\\run"),
        ("registry", "\\", None),
        ("mutex", "a\x00b", None),
        ("mutex", "  ", None),
        ("url", "http://a.example/" + "x" * 70_000, None),
    ],
)
def test_each_kind_has_one_spelling(kind: str, text: str, spelt: str | None) -> None:
    assert normal(kind, text) == spelt


def test_a_long_value_is_known_by_its_beginning_and_a_hash() -> None:
    first, second = (normal("url", "http://a.example/" + "x" * 300 + end) for end in "ab")
    assert first
    assert second
    assert first != second
    assert len(first) == VALUE_LIMIT
    assert first[:135] == second[:135] == ("http://a.example/" + "x" * 300)[:135]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (sco("ipv4-addr", value="198.51.100.0/24"), [("ip", "198.51.100.0/24")]),
        (sco("ipv6-addr", value="2001:DB8::1"), [("ip", "2001:db8::1/128")]),
        (sco("domain-name", value="Harbour.example"), [("domain", "harbour.example")]),
        (sco("url", value="HTTPS://harbour.example/A"), [("url", "https://harbour.example/A")]),
        (sco("email-addr", value="desk@harbour.example"), [("mail", "desk@harbour.example")]),
        (sco("autonomous-system", number=64500), [("asn", "AS64500")]),
        (sco("mac-addr", value="00:11:22:33:44:ff"), [("mac", "00:11:22:33:44:ff")]),
        (sco("mutex", name="Harbour"), [("mutex", "Harbour")]),
        (sco("windows-registry-key", key="HKEY_USERS\\A"), [("registry", "hkey_users\\a")]),
        (sco("file", name="A.exe", hashes={"MD5": "A" * 32, "SHA-256": "b" * 64, "SSDEEP": "3"}),
         [("file", "a.exe"), ("hash", "a" * 32), ("hash", "b" * 64)]),
        (sco("artifact", url="https://a.example/", hashes={"MD5": "c" * 32}),
         [("hash", "c" * 32)]),
        (sco("x509-certificate", hashes={"SHA-1": "c" * 40}), [("hash", "c" * 40)]),
        (sdo("vulnerability", name="cve-2026-0001"), [("cve", "CVE-2026-0001")]),
        (sdo("vulnerability", name="A hole"), []),
        (sdo("vulnerability", name="A hole",
             external_references=[{"source_name": "CVE", "external_id": "CVE-2026-0001"}]),
         [("cve", "CVE-2026-0001")]),
        (sdo("attack-pattern", name="Scripts", external_references=[
            {"source_name": "mitre-attack", "external_id": "T1059.001"},
            {"source_name": "capec", "external_id": "CAPEC-1"},
            {"source_name": "a", "description": "b"}]),
         [("attack", "T1059.001")]),
        (sdo("observed-data", first_observed=CREATED, last_observed=LATER, number_observed=1,
             objects={"0": sco("ipv4-addr", value="198.51.100.3"), "1": sco("x-own", value="a")}),
         [("ip", "198.51.100.3/32")]),
        (indicator("alert tcp any any", pattern_type="snort"), []),
        (sco("x-own-kind", value="198.51.100.3"), []),
    ],
)  # fmt: skip
def test_observables_are_found(value: Json, found: list[tuple[str, str]]) -> None:
    assert list(read(value).observables) == [Observable(*one) for one in found]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("[domain-name:value = 'Harbour.example']", [("domain", "harbour.example")]),
        ("[ipv4-addr:value='198.51.100.3']", [("ip", "198.51.100.3/32")]),
        ("[ipv4-addr:value ISSUBSET '198.51.100.0/24']", [("ip", "198.51.100.0/24")]),
        ("[file:hashes.'SHA-256' = '" + "A" * 64 + "']", [("hash", "a" * 64)]),
        ("[file:hashes.MD5 = '" + "a" * 32 + "' AND file:name = 'It\\'s.exe']",
         [("hash", "a" * 32), ("file", "it's.exe")]),
        ("([url:value = 'http://a.example'] OR [url:value IN ('ftp://b.example')]) REPEATS 2 TIMES",
         [("url", "http://a.example"), ("url", "ftp://b.example")]),
        ("[network-traffic:dst_ref.value = 'harbour.example' AND network-traffic:dst_port = 443]",
         [("domain", "harbour.example")]),
        ("[network-traffic:dst_ref.value = '198.51.100.3']", [("ip", "198.51.100.3/32")]),
        ("[autonomous-system:number = 64500]", [("asn", "AS64500")]),
        ("[domain-name:value NOT = 'harbour.example']", []),
        ("[domain-name:value != 'harbour.example']", []),
        ("[domain-name:value MATCHES '^(a+)+$']", []),
        ("[x-own:value = 'harbour.example']", []),
        ("[app:id='org.harbour']", []),
        ("[file:name = 'a'] FOLLOWEDBY [file:name = 'b'] WITHIN 300.5 SECONDS // and a remark",
         [("file", "a"), ("file", "b")]),
        ("[file:name = 'a'] START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'",
         [("file", "a")]),
        ("[file:content_ref.payload_bin = b'aGFyYm91cg==' AND EXISTS file:name]", []),
        ("[process:arguments[*] LIKE '-a%' OR process:x[0].a = h'f' OR process:b = true]", []),
    ],
)  # fmt: skip
def test_what_a_pattern_looks_for_is_found(pattern: str, found: list[tuple[str, str]]) -> None:
    assert list(read(indicator(pattern)).observables) == [Observable(*one) for one in found]


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "domain-name:value = 'a'",
        "[domain-name:value = 'a'",
        "[domain-name:value = 'a'))",
        "([domain-name:value = 'a'])]",
        "[domain-name:value = 'a]",
        '[domain-name:value = "a"]',
        "[domain-name:value IS 'a']",
        "[domain-name:value = 'a\\']",
        "[" + "a" * patterns.PATTERN_LIMIT + ":b = 'c']",
        "[" * 30_000,
        "[file:name = '" + "\\" * 60_000,
        "[file:name MATCHES '(a+)+$'" + "(" * 60_000,
        "[" + "1-" * 30_000,
        "[file:" + "a." * 30_000 + " = 'a'",
    ],
)
def test_a_pattern_that_does_not_fit_is_refused(pattern: str) -> None:
    refusal = refused(indicator(pattern))
    assert (refusal.rule, refusal.subject) == ("X9", "pattern")
    with pytest.raises(Refusal, match="X9"):
        patterns.compared(pattern)


WORDS = ["[", "]", "a:b", "=", "'", "\\", "''", "NOT", " ", "1", "(", ")", "IN", "/*", "*/"]


@given(st.lists(st.sampled_from(WORDS)).map("".join))
def test_what_a_pattern_looks_for_is_found_or_the_pattern_refused(pattern: str) -> None:
    with contextlib.suppress(Refusal):
        patterns.require(pattern)
        assert all(one.path == "a:b" for one in patterns.compared(pattern))


def test_an_object_names_so_many_observables_at_most() -> None:
    names = ", ".join(f"'a{number}'" for number in range(12_000))[:60_000].rpartition(",")[0]
    one = read(indicator(f"[file:name IN ({names})]"))
    assert 1_000 < len(one.observables) <= 10_000
    assert one.refs == ()
    assert f"indicator--{UUID}" == one.id
