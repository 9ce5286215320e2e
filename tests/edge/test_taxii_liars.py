"""TAXII servers that err or lie: they are survived with a reason, and nothing goes on for ever."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from comity.bridges.taxii.paging import MOST_EMPTY
from comity.bridges.taxii.times import taxii_time
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.sharing import pulling, pushing, remote, retracting, rounds
from comity.services.sharing.peers import Direction, Peer
from comity.services.sharing.pulling import Pulled
from comity.services.sharing.pushing import Pushed
from comity.store.access import exchanges, objects
from comity.store.access.exchanges import FAILED, KEPT, REMOVED, SENT, WAITING
from tests.edge.liar import PLACE, ROOT, Asked, Liar, Said, status
from tests.edge.loopback import serving
from tests.edge.test_taxii_peers import held, ids, open_source
from tests.nodes import START, Nodes
from tests.sharing import indicator

if TYPE_CHECKING:
    from comity.services.node import Node

NOON = START * 1000 - 3_600_000_000
"""An hour before the present of tests, in µs."""
LAST = "X-TAXII-Date-Added-Last"
_NUMBERS = itertools.count()
Script = Callable[[Asked], Said | None]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Nodes(tmp_path_factory.mktemp("liars")) as nodes:
        node = nodes.make("orvanda")
        node.settings = replace(node.settings, local_addresses=True)
        yield node


@dataclass
class Met:
    """A liar and the peer that stands for it."""

    liar: Liar
    peer: Peer
    node: Node

    def pull(self) -> Pulled:
        done = rounds.run(self.node, self.peer).pulled
        assert done is not None
        return done

    def push(self) -> Pushed:
        done = rounds.run(self.node, self.peer).pushed
        assert done is not None
        return done

    def refused(self, match: str) -> Refusal:
        with pytest.raises(Refusal, match=match) as caught:
            rounds.run(self.node, self.peer)
        return caught.value

    @property
    def after(self) -> int:
        return exchanges.exchange(self.node.db, self.peer.key).after


@contextmanager
def met(here: Node, script: Script, **more: Any) -> Iterator[Met]:
    liar, name = Liar(script), f"liar-{next(_NUMBERS)}"
    with serving(liar) as url:
        given = {"url": f"{url}/taxii2/", "into": name, **more}
        yield Met(liar, Peer(name, **given), here)


def pages(*said: Said) -> Script:
    """Return a script that says these pages one after the other, the last of them for ever."""
    left = [*said]

    def script(asked: Asked) -> Said | None:
        if asked.path != f"{PLACE}objects/" or asked.method != "GET":
            return None
        return left.pop(0) if len(left) > 1 else left[0]

    return script


def page(*names: str, last: int | str = NOON, **more: object) -> Said:
    """Return a page of indicators."""
    time = last if isinstance(last, str) else taxii_time(last)
    value = {"objects": [indicator(name) for name in names], **more} if names else more
    return Said(value, headers={LAST: time} if last else {})


# Pages.


def test_a_cursor_is_sent_with_the_same_filters(here: Node) -> None:
    script = pages(
        page("a0", more=True, next="one"), page("a1", last=NOON + 5), page("a2", last=NOON + 9)
    )
    with met(here, script) as it:
        it.pull()
        it.pull()
        first, second, third = it.liar.pages()
        assert (first, second) == ({"limit": "1000"}, {"limit": "1000", "next": "one"})
        assert third == {"limit": "1000", "added_after": taxii_time(NOON + 5)}
        assert held(here, it.peer.into).keys() == ids("a0", "a1", "a2")


def test_more_without_a_cursor_goes_on_by_time(here: Node) -> None:
    script = pages(page("b0", "b1", more=True, last=NOON), page("b2", last=NOON + 9))
    with met(here, script) as it:
        assert it.pull().objects == 3
        assert it.liar.pages()[1] == {"limit": "1000", "added_after": taxii_time(NOON - 1)}


def test_more_without_anything_to_go_on_by_is_refused(here: Node) -> None:
    with met(here, pages(page("c0", more=True, last=0))) as it:
        assert it.refused("neither a cursor nor a later time").rule == "X63"
        assert held(here, it.peer.into).keys() == ids("c0")
        assert len(it.liar.pages()) == 1


def test_the_same_page_again_is_refused(here: Node) -> None:
    with met(here, pages(page("d0", more=True, next="same"))) as it:
        assert it.refused("same page again").rule == "X63"
        assert len(it.liar.pages()) == 2


def test_empty_pages_do_not_go_on_for_ever(here: Node) -> None:
    count = itertools.count()

    def script(asked: Asked) -> Said | None:
        more = {"more": True, "next": f"n{next(count)}"}
        return Said(more) if asked.path == f"{PLACE}objects/" else None

    with met(here, script) as it:
        assert it.refused("same page again").rule == "X63"
        assert len(it.liar.pages()) == MOST_EMPTY + 1


def test_ever_new_pages_end_a_round(here: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "MOST_PAGES", 3)
    count = itertools.count()

    def script(asked: Asked) -> Said | None:
        n = next(count)
        there = asked.path == f"{PLACE}objects/"
        return page(f"e{n}", more=True, next=f"n{n}", last=NOON + 10 * n) if there else None

    with met(here, script) as it:
        done = it.pull()
        assert (done.pages, done.more) == (3, True)
        row = exchanges.exchange(here.db, it.peer.key)
        assert row.next_at == here.now() + rounds.MINUTE
        it.pull()
        assert it.liar.pages()[3] == {"limit": "1000", "added_after": taxii_time(row.after)}


def test_a_server_that_includes_the_last_time_comes_to_an_end(here: Node) -> None:
    with met(here, pages(page("f0", last=NOON + 1))) as it:
        assert (it.pull().objects, it.pull().held, it.pull().held) == (1, 1, 1)
        assert it.after == NOON + 1


def test_of_a_rounded_time_nothing_is_passed_over(here: Node) -> None:
    with met(here, pages(page("g0", last="2026-01-02T03:04:05Z"))) as it:
        it.pull()
        it.pull()
        assert it.liar.pages()[1]["added_after"] == "2026-01-02T03:04:04.999999Z"


@pytest.mark.parametrize("last", ["9999-01-01T00:00:00Z", "yesterday"])
def test_a_time_that_would_skip_what_comes_is_refused(here: Node, last: str) -> None:
    with met(here, pages(page("h0", last=last))) as it:
        assert it.refused("X-TAXII-Date-Added-Last").rule == "X62"
        assert it.after == 0


def test_who_is_interrupted_goes_on_from_there(here: Node) -> None:
    script = pages(
        page("i0", more=True, next="one", last=NOON + 7),
        Said(b"", 503, {"Retry-After": "7200"}),
        page("i0", "i1", last=NOON + 9),
    )
    with met(here, script) as it:
        refusal = it.refused("cannot answer now")
        assert refusal.rule == "X65"
        row = exchanges.exchange(here.db, it.peer.key)
        assert (row.after, row.next_at) == (NOON + 6, here.now() + 7_200_000)
        done = it.pull()
        assert (done.objects, done.held) == (1, 1)
        assert it.liar.pages()[2] == {"limit": "1000", "added_after": taxii_time(NOON + 6)}


def test_a_cursor_that_the_server_forgot_is_gone_without(here: Node) -> None:
    script = pages(
        page("j0", more=True, next="one", last=NOON + 7), Said({}, 404), page("j1", last=NOON + 9)
    )
    with met(here, script) as it:
        assert it.pull().objects == 2
        assert it.liar.pages()[2] == {"limit": "1000", "added_after": taxii_time(NOON + 6)}
    forgetful = pages(
        page("j2", more=True, next="one", last=NOON), Said({}, 404),
        page("j2", more=True, next="two", last=NOON), Said({}, 404),
    )  # fmt: skip
    with met(here, forgetful) as it:
        assert it.refused("nothing there").rule == "X64"
        assert len(it.liar.pages()) == 4


def test_a_page_that_is_too_large_is_asked_for_in_less(
    here: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "PAGE_BYTES", 2000)

    def script(asked: Asked) -> Said | None:
        if asked.path != f"{PLACE}objects/":
            return None
        few = int(asked.query["limit"]) < 300
        return page("k0") if few else page(*(f"k{n}" for n in range(20)))

    with met(here, script) as it:
        assert it.pull().objects == 1
        assert [each["limit"] for each in it.liar.pages()] == ["1000", "500", "250"]
    with met(here, pages(page(*(f"k{n}" for n in range(20))))) as it:
        assert it.refused("page of one object").rule == "X65"


# Answers that are none.


@pytest.mark.parametrize(
    ("said", "rule", "match"),
    [
        (Said(b"<html>Welcome</html>", type="text/html"), "X61", "text/html"),
        (Said({}, type="application/taxii+json;version=2.0"), "X61", "not TAXII 2.1"),
        (Said({}, headers={"Content-Encoding": "gzip"}), "X61", "packed"),
        (Said(b"", 301, {"Location": "https://elsewhere.example/"}), "X61", "elsewhere.example"),
        (Said(b"<html>Oops</html>", 500, type="text/html"), "X65", "status 500"),
        (Said({"title": "Slow down"}, 429), "X65", "Slow down"),
        (Said({"title": "Who?"}, 401), "X64", "Who?"),
        (Said({"objects": {}}), "X3", "no list"),
        (Said({"objects": [], "more": "yes"}), "X62", "more"),
        (Said({"objects": [], "next": 7}), "X62", "next"),
        (Said(b'{"objects": ['), "X2", "JSON"),
        (Said(b"[" * 100_000), "X", "batch"),
    ],
)
def test_what_is_no_page_is_refused(here: Node, said: Said, rule: str, match: str) -> None:
    with met(here, pages(said)) as it:
        assert it.refused(match).rule.startswith(rule)
        assert it.after == 0


def test_bad_objects_are_remembered_once_and_the_others_taken(here: Node) -> None:
    bad = {"type": "indicator", "id": "indicator--x", "spec_version": "2.1"}
    said = Said({"objects": [bad, indicator("l0")]}, headers={LAST: taxii_time(NOON)})
    with met(here, pages(said), unmarked=TLP.AMBER_STRICT) as it:
        done = it.pull()
        assert (done.objects, done.flaws) == (1, 1)
        it.pull()
        row = objects.shelf(here.db, it.peer.into)
        assert row is not None
        (flaw,) = objects.flaws(here.db, row.number)
        assert flaw.stix_id == "indicator--x"
        assert set(held(here, it.peer.into).values()) == {TLP.AMBER_STRICT}


def test_a_password_goes_to_no_other_server(here: Node) -> None:
    with met(here, lambda _: None) as other:
        away = other.peer.url.replace("/taxii2/", ROOT)

        def script(asked: Asked) -> Said | None:
            told = {"title": "Liar", "default": away}
            return Said(told) if asked.path == "/taxii2/" else None

        with met(here, script) as it:
            assert it.refused("another server").rule == "X66"
        assert other.liar.asked == []


def test_nobody_there_is_told(here: Node) -> None:
    with met(here, lambda _: None) as it:
        pass
    assert it.refused("Nothing answers").rule == "X65"


# Pushing.


@contextmanager
def taking(here: Node, script: Script, *names: str) -> Iterator[Met]:
    source = open_source(here, *(indicator(name, tlp="clear") for name in names))
    with met(here, script, direction=Direction.PUSH, into="", shelf=source.id) as it:
        yield it


def test_failures_are_remembered_for_each_object(here: Node) -> None:
    (bad,) = ids("m1")
    failures = [{"id": bad, "message": "We take no such thing."}]

    def script(asked: Asked) -> Said | None:
        return status(failures=failures) if asked.method == "POST" else None

    with taking(here, script, "m0", "m1") as it:
        done = it.push()
        assert (done.sent, done.failed) == (1, 1)
        (row,) = exchanges.given(here.db, it.peer.key, [FAILED], 9)
        assert (row.stix_id, row.told) == (bad, "We take no such thing.")


def test_a_status_is_asked_for_until_it_is_complete(here: Node) -> None:
    answers = iter([*["pending"] * pushing.ASKED, "complete"])

    def script(asked: Asked) -> Said | None:
        if asked.method == "POST":
            return status("pending")
        there = asked.path.startswith(f"{ROOT}status/")
        return status(next(answers))._replace(status=200) if there else None

    with taking(here, script, "n0") as it:
        assert it.push().waiting == 1
        assert exchanges.counts(here.db, it.peer.key) == {WAITING: 1}
        assert exchanges.exchange(here.db, it.peer.key).next_at == here.now() + rounds.MINUTE
        assert it.push().sent == 1
        assert exchanges.counts(here.db, it.peer.key) == {SENT: 1}
        assert sum(each.method == "POST" for each in it.liar.asked) == 1


def test_a_batch_that_is_refused_whole_is_sent_in_halves(here: Node) -> None:
    (bad,) = ids("o2")

    def script(asked: Asked) -> Said | None:
        unfit = asked.method == "POST" and bad.encode() in asked.body
        return Said({"title": "Unfit", "description": "No."}, 422) if unfit else None

    with taking(here, script, "o0", "o1", "o2", "o3") as it:
        done = it.push()
        assert (done.sent, done.failed) == (3, 1)
        (row,) = exchanges.given(here.db, it.peer.key, [FAILED], 9)
        assert row.stix_id == bad


def test_what_a_server_does_not_remove_is_told(here: Node) -> None:
    def script(asked: Asked) -> Said | None:
        return Said({"title": "Never"}, 405) if asked.method == "DELETE" else None

    with taking(here, script, "q0", "q1") as it:
        it.push()
        source = objects.shelf(here.db, it.peer.shelf)
        assert source is not None
        (gone,) = objects.standing(here.db, source.number, [*ids("q0")])
        retracting.take_down(here, source, [gone.added])
        assert it.push().kept == 1
        (row,) = exchanges.given(here.db, it.peer.key, [KEPT], 9)
        assert "Never" in row.told
        assert it.push().kept == 0


def test_what_a_server_has_no_more_counts_as_removed(here: Node) -> None:
    with taking(here, lambda _: None, "r0", "r1") as it:
        it.push()
        source = objects.shelf(here.db, it.peer.shelf)
        assert source is not None
        (gone,) = objects.standing(here.db, source.number, [*ids("r0")])
        retracting.take_down(here, source, [gone.added])
        assert it.push().removed == 1
        assert exchanges.counts(here.db, it.peer.key) == {SENT: 1, REMOVED: 1}


def test_a_server_that_breaks_down_gets_nothing_twice(here: Node) -> None:
    said = iter([Said(b"", 500), None])

    def script(asked: Asked) -> Said | None:
        return next(said) if asked.method == "POST" else None

    with taking(here, script, "s0") as it:
        assert it.refused("status 500").rule == "X65"
        assert it.push().sent == 1
        assert it.push().sent == 0
