"""Fetching from providers of advisories: how far redirects are followed, and where to never."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from comity.kernel.errors import Refusal
from comity.services.ports import Reply, Unreachable
from comity.services.sharing.fetching import MOST_REDIRECTS, Absent, Fetch

AT = "https://team.example/a"
LOCAL = "http://127.0.0.1:8000/a"


@dataclass
class Out:
    """A way out: what is where, and where it sends on to; ``asked`` are the addresses in turn."""

    moved: Mapping[str, str] = field(default_factory=dict)
    status: int = 302
    there: Mapping[str, Reply] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def ask(
        self, method: str, url: str, body: bytes, *, headers: Mapping[str, str], limit: int
    ) -> Reply:
        assert (method, body, headers, limit) == ("GET", b"", {}, 9)
        self.asked.append(url)
        if url in self.moved:
            return Reply(self.status, b"", {"location": self.moved[url]})
        if url not in self.there:
            raise Unreachable("Nobody answers there.")
        return self.there[url]


HERE = Reply(200, b"here")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("first", "said", "to"),
    [
        (AT, "b?x=1", "https://team.example/b?x=1"),
        (AT, "//other.example/b", "https://other.example/b"),
        (LOCAL, "http://localhost:9/b", "http://localhost:9/b"),
        (LOCAL, AT, AT),
    ],
)
def test_it_is_found_where_it_was_sent_on_to(first: str, said: str, to: str, status: int) -> None:
    out = Out({first: said}, status, {to: HERE})
    assert Fetch(out).get(first, 9) == (to, b"here")
    assert out.asked == [first, to]


@pytest.mark.parametrize(
    ("first", "said", "told"),
    [
        (AT, "http://team.example/b", "no address by https"),
        (AT, "http://127.0.0.1/b", "no address by https"),
        (AT, "ftp://team.example/b", "no address by https"),
        (AT, "https://user:word@team.example/b", "no address by https"),
        (AT, "https://team.example:99999/b", "no address by https"),
        (AT, "https://[/", "no address by https"),
        (AT, "", "does not say where to"),
        (LOCAL, "http://team.example/b", "no address by https"),
    ],
)
def test_nothing_is_followed_where_no_list_may_lead(first: str, said: str, told: str) -> None:
    out = Out({first: said})
    with pytest.raises(Refusal, match=told) as caught:
        Fetch(out).get(first, 9)
    assert (caught.value.rule, caught.value.subject, out.asked) == ("X68", first, [first])


def test_it_is_followed_a_few_times_and_no_more() -> None:
    moved = {f"{AT}{n}": f"{AT}{n + 1}" for n in range(MOST_REDIRECTS)}
    out = Out(moved, there={f"{AT}{MOST_REDIRECTS}": HERE})
    assert Fetch(out).get(f"{AT}0", 9).data == b"here"
    out = Out({AT: AT})
    with pytest.raises(Refusal, match="more than 5 times"):
        Fetch(out).get(AT, 9)
    assert len(out.asked) == MOST_REDIRECTS + 1


def test_what_is_not_a_redirect_is_not_followed() -> None:
    for status, rule in ((300, "X68"), (304, "X68"), (403, "X68"), (503, "X69")):
        with pytest.raises(Refusal, match=f"status {status}") as caught:
            Fetch(Out(there={AT: Reply(status, b"", {"location": "b"})})).get(AT, 9)
        assert caught.value.rule == rule
    for status in (404, 410):
        with pytest.raises(Absent):
            Fetch(Out(there={AT: Reply(status, b"")})).get(AT, 9)


def test_a_host_that_is_lost_is_not_asked_whoever_sends_there() -> None:
    out = Out({AT: "https://away.example/b"})
    fetch = Fetch(out)
    with pytest.raises(Refusal) as caught:
        fetch.get(AT, 9)
    assert (caught.value.rule, caught.value.subject) == ("X69", "https://away.example/b")
    fetch.lost["away.example"] = caught.value
    with pytest.raises(Refusal) as again:
        fetch.get(AT, 9)
    assert (again.value.rule, again.value.subject) == ("X69", "https://away.example/b")
    assert out.asked == [AT, "https://away.example/b", AT]
