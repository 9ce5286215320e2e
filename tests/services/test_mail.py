"""Mail to people: when it comes, what it says, and that each notice is told once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from django.utils.translation import get_language

from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.care import doctor
from comity.services.node import Node, Settings
from comity.services.people import awaiting, mail, notices, persons, smtp
from comity.services.people.actors import Actor
from comity.services.people.hours import Hours
from comity.services.people.notices import DUTY, EMERGENCY, SOON, Awaiting
from comity.services.servers import STARTTLS, TLS, MailServer
from comity.store.access import notices as access
from comity.store.access.people import person
from comity.store.append import notices as append
from comity.store.database import close_connection
from comity.store.sql import writing
from tests.doors import authority
from tests.edge.test_web_dossiers import incident
from tests.mailserver import SENDER, Server, serving
from tests.nodes import Nodes, introduce, pass_on
from tests.services.staff import HOUR, ask, hire

AT_ONCE = Hours(digest=False, quiet=None)


@pytest.fixture
def server() -> Iterator[Server]:
    """A mail server on this machine."""
    with serving() as made:
        yield made


@pytest.fixture
def node(nodes: Nodes, server: Server) -> Node:
    """A node that sends mail by it."""
    return nodes.make("orvanda", mail=server.settings(), pages="https://node.orvanda.example/")


def tell(node: Node, actor: Actor, item: Awaiting, *, then: bool = True) -> None:
    """Let something await a person, and send what is due."""
    with writing(node.db):
        notices.make(node, actor.id, item)
    if then:
        mail.send_due(node)


def duty(name: str = "a", stage: str = "") -> Awaiting:
    return Awaiting(DUTY, name * 64, stage=stage)


def test_mail_says_that_something_awaits_and_where_and_nothing_else(
    nodes: Nodes, node: Node, server: Server
) -> None:
    tolmere = nodes.make("tolmere")
    introduce(node, tolmere)
    hire(node, "Ada", "duty_officer", hours=AT_ONCE)
    dossier = incident(tolmere, node, "Cranes stop", TLP.GREEN)
    ask(tolmere, node, dossier)
    pass_on(tolmere, node)
    awaiting.gather(node)
    mail.send_due(node)
    (got,) = server.got
    assert got.to == ["ada@orvanda.example"]
    assert got.sender == SENDER
    assert got.headers["Subject"] == "Something needs you in Comity"
    assert got.headers["Auto-Submitted"] == "auto-generated"
    assert "https://node.orvanda.example/\n" in got.text
    everything = got.text + "".join(got.headers.values())
    for word in ("Cranes", "tolmere", dossier, "TLP", "reen", "orvanda.example/dossiers"):
        assert word not in everything, word


def test_of_a_clear_dossier_mail_names_the_title(nodes: Nodes, node: Node, server: Server) -> None:
    tolmere = nodes.make("tolmere")
    introduce(node, tolmere)
    hire(node, "Ada", "duty_officer", hours=AT_ONCE)
    dossiers = {
        title: incident(tolmere, node, title, label)
        for title, label in (("Patch\u2028 for all", TLP.CLEAR), ("Cranes stop", TLP.AMBER))
    }
    for dossier in dossiers.values():
        ask(tolmere, node, dossier)
    pass_on(tolmere, node)
    awaiting.gather(node)
    mail.send_due(node)
    (got,) = server.got
    shown, hidden = dossiers.values()
    assert "– Patch for all\n" in got.text
    assert f"https://node.orvanda.example/dossiers/{shown}" in got.text
    assert "Cranes" not in got.text
    assert hidden not in got.text


def test_mail_is_in_the_persons_language(node: Node, server: Server) -> None:
    ada = hire(node, "Ada", "duty_officer", hours=AT_ONCE)
    persons.settle(node, ada.id, language="fr", zone="Europe/Paris")
    asked = set()

    def gettext(text: str) -> str:
        asked.add(get_language())
        return text

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mail, "gettext", gettext)
        tell(node, ada, duty())
    assert len(server.got) == 1
    assert asked == {"fr"}


def test_what_is_not_urgent_comes_once_a_day_as_one(
    nodes: Nodes, node: Node, server: Server
) -> None:
    ada = hire(node, "Ada", "duty_officer", hours=Hours(days=tuple(range(7))))
    tell(node, ada, duty("a"))
    tell(node, ada, duty("b"))
    assert server.got == []
    for _ in range(25):
        nodes.clock.advance(HOUR)
        mail.send_due(node)
    assert len(server.got) == 1


@pytest.mark.parametrize(
    "item", [Awaiting(EMERGENCY, "d" * 24), duty(stage=SOON), duty(stage="late")]
)
def test_what_is_urgent_comes_at_once_whatever_the_hour(
    node: Node, server: Server, item: Awaiting
) -> None:
    quiet = Hours(digest=True, quiet=(0, 24 * 60))
    tell(node, hire(node, "Ada", "duty_officer", hours=quiet), item)
    assert len(server.got) == 1


def test_who_wants_no_mail_gets_none_but_a_head_of_an_emergency(node: Node, server: Server) -> None:
    hal = hire(node, "Hal", "head", hours=Hours(mail=False))
    tell(node, hal, duty(stage="late"))
    assert server.got == []
    tell(node, hal, Awaiting(EMERGENCY, "d" * 24))
    assert len(server.got) == 1
    persons.set_hours(node, hal.id, AT_ONCE)
    mail.send_due(node)
    assert len(server.got) == 1


def test_what_was_read_or_done_before_is_not_told(node: Node, server: Server) -> None:
    ada = hire(node, "Ada", "duty_officer", hours=AT_ONCE)
    tell(node, ada, duty(), then=False)
    notices.read(node, ada)
    mail.send_due(node)
    tell(node, ada, duty("b"), then=False)
    # Nothing is owed in truth, so that the look settles it.
    awaiting.gather(node)
    mail.send_due(node)
    assert server.got == []


def test_a_closed_account_gets_no_mail(node: Node, server: Server) -> None:
    hire(node, "Kim", "administrator")
    ada = hire(node, "Ada", "duty_officer", hours=AT_ONCE)
    tell(node, ada, duty(), then=False)
    persons.change(node, None, ada.id, active=False)
    mail.send_due(node)
    assert server.got == []


def test_two_workers_tell_each_person_once(node: Node, server: Server) -> None:
    staff = [hire(node, name, "duty_officer", hours=AT_ONCE) for name in ("Ada", "Bea", "Cleo")]
    for actor in staff:
        tell(node, actor, duty(stage=SOON), then=False)
    start, failed = threading.Barrier(3), []

    def work() -> None:
        try:
            start.wait()
            mail.send_due(node)
        except Exception as error:  # noqa: BLE001  told below
            failed.append(error)
        finally:
            close_connection(node.db)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert sorted(to for got in server.got for to in got.to) == [
        "ada@orvanda.example",
        "bea@orvanda.example",
        "cleo@orvanda.example",
    ]


class Killed(BaseException):
    """The process ends here."""


def test_a_worker_killed_before_it_sent_leaves_the_notice_to_the_next(
    nodes: Nodes, node: Node, server: Server
) -> None:
    ada = hire(node, "Ada", "duty_officer", hours=AT_ONCE)
    tell(node, ada, duty(), then=False)
    (row,) = access.to_mail(node.db, 0)
    with writing(node.db):
        assert append.take_mail(node.db, [row.id], node.now(), 0) == [row.id]
    # The other worker sees it taken, and waits for as long as that one may need.
    mail.send_due(node)
    assert server.got == []
    nodes.clock.advance(mail.LEASE + 1)
    mail.send_due(node)
    mail.send_due(node)
    assert len(server.got) == 1


def test_a_worker_killed_after_it_sent_sends_again_under_the_same_id(
    nodes: Nodes, node: Node, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = hire(node, "Ada", "duty_officer", hours=AT_ONCE)
    with monkeypatch.context() as patch:
        patch.setattr(mail, "_note", _die)
        with pytest.raises(Killed):
            tell(node, ada, duty())
    assert len(server.got) == 1
    nodes.clock.advance(mail.LEASE + 1)
    mail.send_due(node)
    assert len(server.got) == 2
    assert len({got.headers["Message-ID"] for got in server.got}) == 1
    nodes.clock.advance(mail.LEASE + 1)
    mail.send_due(node)
    assert len(server.got) == 2


def _die(*_: object) -> None:
    raise Killed


def test_a_failure_is_tried_again_after_longer_and_longer_and_told_by_the_doctor(
    nodes: Nodes, node: Node, server: Server
) -> None:
    ada = hire(node, "Ada", "duty_officer", hours=AT_ONCE)
    server.broken = "451 Not now"
    pauses = []
    tell(node, ada, duty())
    for _ in range(9):
        row = access.mailing(node.db)
        pauses.append(row.next_try - node.now())
        nodes.clock.advance(pauses[-1] - 1)
        mail.send_due(node)
        assert access.mailing(node.db) == row
        nodes.clock.advance(1)
        mail.send_due(node)
    assert pauses == sorted(pauses)
    assert pauses[0] == smtp.FIRST_PAUSE
    assert pauses[-1] == smtp.LONGEST_PAUSE
    (finding,) = [item for item in doctor.examine(node).findings if item.subject == "mail"]
    assert "451 Not now" in finding.words
    server.broken = ""
    nodes.clock.advance(smtp.LONGEST_PAUSE)
    mail.send_due(node)
    assert len(server.got) == 1
    assert access.mailing(node.db).failures == 0
    assert "mail" not in {item.subject for item in doctor.examine(node).findings}


def test_one_address_that_is_refused_does_not_hold_up_the_others(
    node: Node, server: Server
) -> None:
    server.refuse["ada@orvanda.example"] = "550 No such user"
    for name in ("Ada", "Bea"):
        tell(node, hire(node, name, "analyst", hours=AT_ONCE), duty(), then=False)
    mail.send_due(node)
    mail.send_due(node)
    assert [got.to for got in server.got] == [["bea@orvanda.example"]]
    (finding,) = [item for item in doctor.examine(node).findings if item.subject == "mail"]
    assert "refuses to send to 1 of the people here" in finding.words


def test_whom_nothing_reaches_for_now_does_not_hold_up_the_others(
    nodes: Nodes, node: Node, server: Server
) -> None:
    """One full mailbox kept everybody who came later from mail, for as long as it was full."""
    server.refuse["ada@orvanda.example"] = "452 Mailbox full"
    for name in ("Ada", "Bea"):
        tell(node, hire(node, name, "analyst", hours=AT_ONCE), duty(), then=False)
    for _ in range(5):
        mail.send_due(node)
        row = access.mailing(node.db)
        assert row.failures == 1
        assert row.next_try - row.failed_at == smtp.FIRST_PAUSE
        nodes.clock.advance(smtp.FIRST_PAUSE)
    assert [got.to for got in server.got] == [["bea@orvanda.example"]]


def test_a_letter_that_the_server_does_not_take_holds_up_no_other(
    node: Node, server: Server
) -> None:
    server.broken = "550 Not this content"
    for name in ("Ada", "Bea"):
        tell(node, hire(node, name, "analyst", hours=AT_ONCE), duty(), then=False)
    server.mend_after = 1
    mail.send_due(node)
    assert [got.to for got in server.got] == [["bea@orvanda.example"]]
    assert access.mailing(node.db).failures == 1


def test_an_address_that_is_refused_for_now_is_tried_again(
    nodes: Nodes, node: Node, server: Server
) -> None:
    server.refuse["ada@orvanda.example"] = "450 Greylisted"
    tell(node, hire(node, "Ada", "analyst", hours=AT_ONCE), duty())
    assert access.mailing(node.db).failures == 1
    server.refuse.clear()
    nodes.clock.advance(smtp.FIRST_PAUSE)
    mail.send_due(node)
    assert len(server.got) == 1


def test_without_a_server_nothing_is_sent_and_nothing_is_wrong(nodes: Nodes) -> None:
    node = nodes.make("orvanda")
    tell(node, hire(node, "Ada", "duty_officer", hours=AT_ONCE), duty())
    assert access.mailing(node.db).failures == 0
    assert "mail" not in {item.subject for item in doctor.examine(node).findings}
    row = person(node.db, 1)
    assert row is not None
    with pytest.raises(Refusal, match="no mail server"):
        mail.try_out(node, row)


def encrypted(node: Node, server: Server, ca: str, password: str = "open sesame") -> None:
    """Let a node use a server that takes mail encrypted, with a name and a password."""
    secret = node.folder / "keys" / "mail"
    secret.write_text(f"{password}\n")
    secret.chmod(0o600)
    given = server.settings(host="localhost", user="comity", password_file="keys/mail")
    node.settings = replace(node.settings, mail=given, ca=ca)


# Of a line that is encrypted from the start, the server's own part sees no encryption.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("security", [STARTTLS, TLS])
def test_mail_goes_encrypted_to_the_server_whose_certificate_is_trusted(
    nodes: Nodes, tmp_path: Path, security: str
) -> None:
    node = nodes.make("orvanda")
    ada = hire(node, "Ada", "duty_officer", hours=AT_ONCE)
    row = person(node.db, ada.id)
    assert row is not None
    context, ca = authority(tmp_path, "localhost")
    with serving(context, security) as server:
        encrypted(node, server, "")
        with pytest.raises(Refusal, match=r"certificate of localhost, port .* is not trusted"):
            mail.try_out(node, row)
        _, other = authority(tmp_path, "mail.example")
        encrypted(node, server, str(other))
        with pytest.raises(Refusal, match="is not trusted here"):
            mail.try_out(node, row)
        assert server.names == []
        encrypted(node, server, str(ca), "wrong")
        with pytest.raises(Refusal, match="refused user or password"):
            mail.try_out(node, row)
        encrypted(node, server, str(ca))
        mail.try_out(node, row)
    assert server.names[-1] == ("comity", "open sesame")
    assert [got.to for got in server.got] == [["ada@orvanda.example"]]


def test_where_nothing_answers_is_said_in_words(node: Node) -> None:
    row = person(node.db, hire(node, "Ada", "duty_officer").id)
    assert row is not None
    gone = MailServer.from_object(
        {"host": "127.0.0.1", "port": 9, "sender": SENDER, "security": "none"}
    )
    node.settings = replace(node.settings, mail=gone)
    with pytest.raises(Refusal, match=r"No mail server answers at 127\.0\.0\.1, port 9\."):
        mail.try_out(node, row)


@pytest.mark.parametrize("secret", ["", "readable"])
def test_a_password_nobody_can_read_or_everybody_can_is_refused(node: Node, secret: str) -> None:
    if secret:
        (node.folder / "secret").write_text("open sesame")
        (node.folder / "secret").chmod(0o644)
    assert node.settings.mail is not None
    given = replace(node.settings.mail, user="comity", password_file="secret")
    node.settings = replace(node.settings, mail=given)
    tell(node, hire(node, "Ada", "duty_officer", hours=AT_ONCE), duty())
    assert "secret" in access.mailing(node.db).last_error


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("mail.example", "not an object"),
        ({"sender": SENDER}, "needs a host"),
        ({"host": "mail.example", "sender": "nobody"}, "sender"),
        ({"host": "mail.example", "sender": SENDER, "tls": True}, "unknown settings: tls"),
        ({"host": "mail.example", "sender": SENDER, "port": "25"}, "port of mail"),
        ({"host": "mail.example", "sender": SENDER, "security": "ssl"}, "starttls, tls or none"),
        ({"host": "mail.example", "sender": SENDER, "security": "none"}, "without encryption"),
    ],
)
def test_settings_that_make_no_sense_are_refused(node: Node, value: object, reason: str) -> None:
    path = node.folder / "node.json"
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), "mail": value}))
    with pytest.raises(Refusal, match=reason):
        Settings.read(node.folder)


def test_settings_come_back_from_what_is_written(node: Node) -> None:
    node.settings.write(node.folder)
    assert Settings.read(node.folder) == node.settings
    assert node.settings.mail is not None
