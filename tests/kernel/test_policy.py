"""C2SP tlog-policy: its example with keys, its rules, and the time of a quorum."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel import note, policy
from comity.kernel.checkpoint import Cosignature
from comity.kernel.errors import Refusal
from comity.kernel.keys import SeedSigner
from comity.kernel.note import VerifierKey

LOG = VerifierKey("log.example", note.ED25519, SeedSigner(b"\x01" * 32).key)
KEYS = [
    VerifierKey(f"w{i}.example", note.COSIGNATURE, SeedSigner(bytes([10 + i]) * 32).key)
    for i in range(6)
]
W = [key.vkey for key in KEYS]
# From the standard, section "Example policy", with keys, URLs, blanks and comments.
EXAMPLE = f"""\
log {LOG.vkey}

# Two organisations.
witness X1 {W[0]} https://x1.example/
witness X2 {W[1]}
\twitness\tX3  {W[2]}\t
group X-witnesses 2 X1 X2 X3
 # a comment
witness Y1 {W[3]}
witness Y2 {W[4]}
witness Y3 {W[5]}
group Y-witnesses any Y1 Y2 Y3
\t
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
""".encode()


def cosigned(**times: int) -> list[Cosignature]:
    """Cosignatures by w0 … w5 at these times."""
    return [Cosignature(KEYS[int(name[1:])], time) for name, time in times.items()]


def by(*indices: int) -> list[Cosignature]:
    return [Cosignature(KEYS[i], 1) for i in indices]


def refused(rules: policy.Policy, cosignatures: list[Cosignature]) -> None:
    with pytest.raises(Refusal) as caught:
        policy.require_policy(rules, cosignatures)
    assert caught.value.rule == "W5"


def test_the_example_of_the_standard() -> None:
    rules = policy.parse(EXAMPLE)
    assert rules.logs == (LOG,)
    assert list(rules.witnesses) == ["X1", "X2", "X3", "Y1", "Y2", "Y3"]
    assert rules.cosigners == tuple(KEYS)
    assert rules.quorum == "X-and-Y"
    for count in range(7):
        for chosen in combinations(range(6), count):
            enough = len({0, 1, 2} & {*chosen}) >= 2 and bool({3, 4, 5} & {*chosen})
            if enough:
                policy.require_policy(rules, by(*chosen))
            else:
                refused(rules, by(*chosen))


def test_a_single_witness_and_none() -> None:
    one = policy.parse(f"witness a {W[0]}\nwitness b {W[1]}\nquorum a\n".encode())
    policy.require_policy(one, by(0))
    refused(one, by(1))
    nobody = policy.parse(b"quorum none\n")
    policy.require_policy(nobody, [])
    assert (nobody.quorum, nobody.logs, nobody.cosigners) == (None, (), ())
    with pytest.raises(Refusal, match="W5"):
        policy.satisfied_time(nobody, by(0))


def test_two_cosignatures_of_one_key_are_one_cosigner() -> None:
    rules = policy.parse(policy.write([], KEYS[:2], 2))
    twin = VerifierKey("twin.example", note.COSIGNATURE, KEYS[0].key)
    refused(rules, [*by(0, 0), Cosignature(twin, 1)])


def test_names_are_octets() -> None:
    kelvin = "\u212a"
    text = f"witness K {W[0]}\nwitness {kelvin} {W[1]}\ngroup g all K {kelvin}\nquorum g\n"
    assert list(policy.parse(text.encode()).witnesses) == ["K", kelvin]
    odd = b"witness \xff %b\nwitness \xfe %b\nquorum \xfe\n" % (W[0].encode(), W[1].encode())
    rules = policy.parse(odd)
    policy.require_policy(rules, by(1))
    refused(rules, by(0))


def test_the_order_of_lines_other_than_definitions_is_free() -> None:
    policy.parse(f"witness a {W[0]}\nquorum a\nlog {LOG.vkey}\nwitness b {W[1]}\n".encode())


A = f"witness a {W[0]}"
B = f"witness b {W[1]}"


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [A],
        [A, "quorum a", "quorum a"],
        [A, "quorum a", "quorum none"],
        ["quorum a", A],
        [A, "quorum"],
        [A, "quorum a b"],
        [A, "Quorum a"],
        [A, "quorum a # why"],
        [A, A.replace(W[0], W[1]), "quorum a"],
        [A, f"witness b {W[0]}", "quorum a"],
        [A, f"witness b {VerifierKey('other', note.COSIGNATURE, KEYS[0].key).vkey}", "quorum a"],
        [f"witness none {W[0]}", "quorum none"],
        [f"witness a {LOG.vkey}", "quorum a"],
        ["witness a", "quorum none"],
        [f"{A} url more", "quorum a"],
        [f"log {LOG.vkey}", f"log {LOG.vkey}", "quorum none"],
        [f"log {VerifierKey('b', note.ED25519, LOG.key).vkey}", f"log {LOG.vkey}", "quorum none"],
        [f"log {W[0]}", "quorum none"],
        ["log", "quorum none"],
        [A, B, "group g 0 a b", "quorum g"],
        [A, B, "group g 3 a b", "quorum g"],
        [A, B, "group g 01 a b", "quorum g"],
        [A, B, "group g -1 a b", "quorum g"],
        [A, B, "group g some a b", "quorum g"],
        [A, B, "group g any", "quorum g"],
        [A, B, "group g any a a", "quorum g"],
        [A, B, "group g any a none", "quorum g"],
        [A, B, "group g any a c", "quorum g"],
        [A, B, "group g any a g", "quorum g"],
        [A, B, "group g any a", "group g any b", "quorum g"],
        [A, B, "group a any b", "quorum a"],
        [A, B, "group none any a b", "quorum none"],
        [A, B, "group g any a", "group h all g a", "quorum h"],
        [A, B, "group g any a", "group h any a b", "quorum h"],
        [A, "group h any g", "group g any a", "quorum h"],
    ],
)
def test_policies_without_meaning_are_refused(lines: list[str]) -> None:
    with pytest.raises(Refusal) as caught:
        policy.parse("".join(f"{line}\n" for line in lines).encode())
    assert caught.value.rule == "W5"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"quorum none",
        b"quorum none\r\n",
        b"quorum none\x7f\n",
        b"# \x00\nquorum none\n",
        b"#" * policy.LIMIT + b"\nquorum none\n",
    ],
)
def test_octets_that_no_policy_has_are_refused(data: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        policy.parse(data)
    assert caught.value.rule == "W5"


@pytest.mark.parametrize("vkey", ["x", W[0] + "x", W[0][:-1], "\udcff" + W[0]])
def test_a_wrong_key_is_refused(vkey: str) -> None:
    with pytest.raises(Refusal, match="W1"):
        policy.parse(f"witness a {vkey}\nquorum a\n".encode(errors="surrogateescape"))


def test_limits() -> None:
    keys = [
        VerifierKey("k", note.ED25519, SeedSigner(i.to_bytes(32, "big")).key) for i in range(257)
    ]
    policy.parse(policy.write(keys[:256], [], 0))
    with pytest.raises(Refusal, match="W5"):
        policy.write(keys, [], 0)
    names = [f"group g{i} any {f'g{i - 1}' if i else 'a'}" for i in range(256)]
    most = "".join(f"{line}\n" for line in (A, *names[:255], "quorum g254"))
    policy.require_policy(policy.parse(most.encode()), by(0))
    with pytest.raises(Refusal, match="W5"):
        policy.parse(most.replace("quorum g254", f"{names[255]}\nquorum g255").encode())


# The time of a quorum.


def test_a_group_speaks_when_enough_of_its_members_have() -> None:
    rules = policy.parse(EXAMPLE)
    assert policy.satisfied_time(rules, cosigned(w0=5, w1=9, w2=7, w3=3)) == 7
    assert policy.satisfied_time(rules, cosigned(w0=5, w1=6, w3=30, w4=20)) == 20
    with pytest.raises(Refusal, match="W5"):
        policy.satisfied_time(rules, cosigned(w0=5, w3=3))


def test_a_witness_speaks_at_its_earliest_cosignature() -> None:
    rules = policy.parse(policy.write([], KEYS[:1], 1))
    assert policy.satisfied_time(rules, [*cosigned(w0=9), *cosigned(w0=4), *cosigned(w0=6)]) == 4


@given(st.dictionaries(st.integers(0, 5), st.integers(1, 100)), st.integers(1, 6))
def test_the_quorum_time_is_the_qth_smallest(times: dict[int, int], quorum: int) -> None:
    cosignatures = [Cosignature(KEYS[i], time) for i, time in times.items()]
    rules = policy.parse(policy.write([LOG], KEYS, quorum))
    if len(times) < quorum:
        refused(rules, cosignatures)
    else:
        expected = sorted(times.values())[quorum - 1]
        assert policy.satisfied_time(rules, cosignatures) == expected
        policy.require_policy(rules, cosignatures)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 100))))
def test_more_cosignatures_never_prove_a_later_time(pairs: list[tuple[int, int]]) -> None:
    rules = policy.parse(EXAMPLE)
    cosignatures = [Cosignature(KEYS[i], time) for i, time in pairs]
    times: list[int] = []
    for count in range(len(cosignatures) + 1):
        try:
            times.append(policy.satisfied_time(rules, cosignatures[:count]))
        except Refusal:
            assert not times
    assert times == sorted(times, reverse=True)


def test_writing_a_policy() -> None:
    text = policy.write([LOG], KEYS[:2], 1)
    assert text.decode() == (
        f"log {LOG.vkey}\nwitness w1 {W[0]}\nwitness w2 {W[1]}\n"
        "group witnesses 1 w1 w2\nquorum witnesses\n"
    )
    assert policy.write([], [], 0) == b"quorum none\n"
    for witnesses, threshold in ((KEYS[:1], 2), ([], 1), ([*KEYS[:1], *KEYS[:1]], 1)):
        with pytest.raises(Refusal, match="W5"):
            policy.write([], witnesses, threshold)
