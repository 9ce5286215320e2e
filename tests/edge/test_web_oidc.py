"""Sign-in by an identity provider: who is let in, and that all else has one answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from allauth.socialaccount.models import SocialAccount

from comity.kernel.errors import Refusal
from comity.services.care import doctor
from comity.services.node import Node, Settings
from comity.services.people import persons
from comity.store.access import people
from comity.store.database import bind
from tests.edge.visitor import Page, Pages, Visitor
from tests.idserver import OTHER_KEY, SECRET, Server, providing
from tests.nodes import Nodes

ADA = {"sub": "7", "email": "ada@orvanda.example", "email_verified": True}
DOOR = "/account/oidc/ministry/login/"


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of a node that asks for no second factor; Ada is let in."""
    node = nodes.make("orvanda")
    node.settings = replace(node.settings, second_factor=False)
    with Pages(node) as found:
        found.person("ada", "duty_officer")
        yield found


@pytest.fixture
def server(pages: Pages) -> Iterator[Server]:
    """The provider of that node, at which Ada signs in."""
    with providing(pages.node.now) as made:
        secret = pages.node.folder / "keys" / "oidc"
        secret.write_text(SECRET)
        secret.chmod(0o600)
        pages.node.settings = replace(pages.node.settings, providers=(made.settings(),))
        made.person = dict(ADA)
        yield made


def leave(visitor: Visitor, path: str = DOOR) -> str:
    """Go to the provider; return where the browser is sent."""
    page = visitor.get(path, follow=False)
    assert page.status == 302, page.text
    return page.headers["location"]


def enter(visitor: Visitor, server: Server, path: str = DOOR) -> Page:
    """Sign in by the provider."""
    return visitor.get(server.authorize(leave(visitor, path)))


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/").path == "/"


def plainly(page: Page) -> tuple[int, str]:
    """Return what a visitor is told, without what differs with every page."""
    return page.status, re.sub(r'value="[^"]*"', "", page.text)


def accounts(node: Node) -> list[Any]:
    bind(node.db)
    return list(SocialAccount.objects.values_list("user_id", "provider", "uid"))


def test_the_page_to_sign_in_offers_the_providers(pages: Pages, server: Server) -> None:
    assert server.url
    page = pages.nobody().get("/account/login/")
    assert "<bdi>The ministry</bdi>" in page.text
    assert any(link.startswith(DOOR) for link in page.read.links)


def test_who_is_known_here_signs_in_and_is_the_same_person_each_time(
    pages: Pages, server: Server
) -> None:
    before = people.people(pages.node.db)
    for _ in range(2):
        visitor = pages.nobody()
        page = enter(visitor, server)
        assert (page.status, page.path) == (200, "/"), page.text
        assert "<bdi>Ada</bdi>" in page.text
    assert [(uid, provider) for _, provider, uid in accounts(pages.node)] == [("7", "ministry")]
    assert people.people(pages.node.db) == before
    kept = SocialAccount.objects.get().extra_data
    assert kept == {"id_token": ADA}


def test_the_way_out_carries_state_nonce_and_challenge_and_nothing_a_link_adds(
    pages: Pages, server: Server
) -> None:
    seen = []
    for _ in range(2):
        way = leave(pages.nobody(), f"{DOOR}?scope=admin&auth_params=prompt%3Dnone%26nonce%3D1")
        assert way.startswith(f"{server.url}/authorize?")
        asked = parse_qs(urlsplit(way).query)
        assert {*asked["scope"][0].split()} == {"openid", "email"}
        assert "prompt" not in asked
        seen.append(tuple(asked[name][0] for name in ("state", "nonce", "code_challenge")))
    assert all(first != second for first, second in zip(*seen, strict=True))
    assert len(seen[0][1]) >= 43


def test_the_address_may_be_told_apart(pages: Pages, server: Server) -> None:
    server.person = {"sub": "7"}
    server.apart = {**ADA, "email": "Ada@Orvanda.example"}
    visitor = pages.nobody()
    assert enter(visitor, server).path == "/"
    server.apart |= {"sub": "8"}
    assert not is_in(_refused(pages, server))


def _refused(pages: Pages, server: Server) -> Visitor:
    visitor = pages.nobody()
    assert enter(visitor, server).status == 401
    return visitor


def _lies(server: Server, **claims: Any) -> None:
    server.lie = claims


def _signs(server: Server, key: object, algorithm: str = "RS256") -> None:
    server.key, server.algorithm = key, algorithm


def _seconds(server: Server) -> int:
    return server.now() // 1000


LIES: dict[str, Callable[[Server], None]] = {
    "wrong nonce": lambda s: _lies(s, nonce="of another sign-in"),
    "no nonce": lambda s: _lies(s, nonce=None),
    "wrong audience": lambda s: _lies(s, aud="another node"),
    "made for another program": lambda s: _lies(s, aud=["node", "b"], azp="b"),
    "wrong issuer": lambda s: _lies(s, iss="http://127.0.0.1:1"),
    "expired": lambda s: _lies(s, exp=_seconds(s) - 61),
    "of the future": lambda s: _lies(s, iat=_seconds(s) + 90, exp=_seconds(s) + 900),
    "without an end": lambda s: _lies(s, exp=None),
    "unverified mail": lambda s: _lies(s, email_verified=False),
    "mail verified by a text": lambda s: _lies(s, email_verified="true"),
    "no mail": lambda s: s.person.pop("email"),
    "unknown person": lambda s: _lies(s, email="eve@orvanda.example"),
    "signed by another": lambda s: _signs(s, OTHER_KEY),
    "signed by a secret": lambda s: _signs(s, "x" * 32, "HS256"),
    "not signed": lambda s: _signs(s, None, "none"),
}


@pytest.mark.slow
@pytest.mark.parametrize("lie", LIES.values(), ids=list(LIES))
def test_whatever_is_wrong_lets_nobody_in_and_has_one_answer(
    pages: Pages, server: Server, lie: Callable[[Server], None]
) -> None:
    usual = pages.nobody()
    server.person = {**ADA, "email": "nobody@elsewhere.example"}
    expected = plainly(enter(usual, server))
    server.person = dict(ADA)
    lie(server)
    visitor = pages.nobody()
    page = enter(visitor, server)
    assert plainly(page) == expected
    assert page.status == 401
    assert "You were not signed in" in page.text
    assert not is_in(visitor)
    assert accounts(pages.node) == []


def test_an_account_of_who_left_is_answered_as_nobodys(pages: Pages, server: Server) -> None:
    pages.person("kim", "administrator")
    enter(pages.nobody(), server)
    row = people.person_by_email(pages.node.db, "ada@orvanda.example")
    assert row is not None
    persons.change(pages.node, None, row.id, active=False)
    assert not is_in(_refused(pages, server))


def test_an_answer_counts_once_and_for_the_browser_that_asked(pages: Pages, server: Server) -> None:
    ada, eve = pages.nobody(), pages.nobody()
    leave(eve)
    back = server.authorize(leave(ada))
    assert eve.get(back).status == 401
    assert not is_in(eve)
    assert ada.get(back).path == "/"
    assert pages.nobody().get(back).status == 401
    assert ada.get(back).status == 401


def test_a_code_without_its_verifier_is_worth_nothing(pages: Pages, server: Server) -> None:
    ada = pages.nobody()
    back = server.authorize(leave(ada))
    (begun,) = server.codes.values()
    begun["code_challenge"] = "of another"
    assert ada.get(back).status == 401
    assert not is_in(ada)


def test_an_account_there_is_of_one_person_here(pages: Pages, server: Server) -> None:
    pages.person("bea", "duty_officer")
    enter(pages.nobody(), server)
    # The provider gives the account another address: it is not Bea's for that.
    server.person = {**ADA, "email": "bea@orvanda.example"}
    assert not is_in(_refused(pages, server))
    bea = pages.nobody()
    server.person = {**ADA, "sub": "8", "email": "bea@orvanda.example"}
    assert "<bdi>Bea</bdi>" in enter(bea, server).text
    # Who is signed in cannot take another's account along.
    server.person = {**ADA, "sub": "9"}
    assert enter(bea, server, f"{DOOR}?process=connect").status == 401
    assert sorted(uid for _, _, uid in accounts(pages.node)) == ["7", "8"]


@pytest.mark.parametrize(
    "told",
    [
        {"issuer": "http://127.0.0.1:9"},
        {"token_endpoint": "http://127.0.0.1:9/token"},
        {"jwks_uri": "http://169.254.169.254/keys"},
        {"authorization_endpoint": "https://elsewhere.example/authorize"},
    ],
    ids=["issuer", "token", "keys", "authorize"],
)
def test_nobody_is_asked_but_the_provider_that_is_named(
    pages: Pages, server: Server, told: dict[str, str]
) -> None:
    server.told = told
    page = pages.nobody().get(DOOR)
    assert page.status == 401
    assert "You were not signed in" in page.text
    assert server.asked == ["/.well-known/openid-configuration"]


def test_an_address_is_asked_of_nobody_else(pages: Pages, server: Server) -> None:
    with providing(pages.node.now) as other:
        other.apart = dict(ADA)
        server.person = {"sub": "7"}
        server.told = {"userinfo_endpoint": f"{other.url}/userinfo"}
        assert not is_in(_refused(pages, server))
        assert other.asked == []


def test_a_provider_that_does_not_answer_is_no_fault_of_the_page(
    pages: Pages, server: Server
) -> None:
    gone = server.settings(server="http://127.0.0.1:9")
    pages.node.settings = replace(pages.node.settings, providers=(gone,))
    assert pages.nobody().get(DOOR).status == 401
    assert pages.nobody().get("/account/login/").status == 200


def test_a_provider_nobody_named_is_not_there(pages: Pages, server: Server) -> None:
    assert server.url
    assert pages.nobody().get("/account/oidc/elsewhere/login/").status == 404
    assert pages.nobody().get("/account/oidc/elsewhere/login/callback/").status == 404


def test_a_secret_others_can_read_is_not_used_and_the_doctor_says_so(
    pages: Pages, server: Server
) -> None:
    assert "sign-in by The ministry" not in _subjects(pages.node)
    (pages.node.folder / "keys" / "oidc").chmod(0o644)
    assert "The ministry" not in pages.nobody().get("/account/login/").text
    assert pages.nobody().get(DOOR).status == 404
    assert "sign-in by The ministry" in _subjects(pages.node)
    assert server.asked == []


def _subjects(node: Node) -> set[str]:
    return {str(finding.subject) for finding in doctor.examine(node).findings}


def demanding(pages: Pages, server: Server, *counted: str) -> None:
    """Let the node demand a second factor of all, and count what the provider says so far."""
    provider = server.settings(second_factor=[*counted])
    pages.node.settings = replace(pages.node.settings, second_factor=True, providers=(provider,))


def sets_up(page: Page) -> bool:
    """Say whether a person has to set up a second factor, after giving the password kept here."""
    return page.path == "/account/reauthenticate/?next=%2Faccount%2F2fa%2Ftotp%2Factivate%2F"


def test_the_providers_word_is_no_second_factor_unless_the_setting_says_so(
    pages: Pages, server: Server
) -> None:
    server.person |= {"amr": ["pwd", "mfa"], "acr": "high"}
    demanding(pages, server)
    assert sets_up(enter(pages.nobody(), server))
    demanding(pages, server, "hwk")
    assert sets_up(enter(pages.nobody(), server))
    for counted in ("mfa", "high"):
        demanding(pages, server, counted)
        ada = pages.nobody()
        assert enter(ada, server).path == "/"
        assert ada.get("/account").path == "/account"


def test_it_counts_for_the_session_in_which_it_was_given_alone(
    pages: Pages, server: Server
) -> None:
    demanding(pages, server, "mfa")
    server.person |= {"amr": ["mfa"]}
    ada = pages.nobody()
    assert enter(ada, server).path == "/"
    server.person["amr"] = ["pwd"]
    assert sets_up(enter(ada, server))


def test_who_has_a_second_factor_here_is_asked_for_it_unless_the_provider_did(
    pages: Pages, server: Server
) -> None:
    bind(pages.node.db)
    from allauth.mfa.models import Authenticator

    row = people.person_by_email(pages.node.db, "ada@orvanda.example")
    assert row is not None
    Authenticator.objects.create(user_id=row.id, type="totp", data={"secret": "x"})
    demanding(pages, server, "mfa")
    assert enter(pages.nobody(), server).path.startswith("/account/2fa/authenticate/")
    server.person |= {"amr": ["mfa"]}
    assert enter(pages.nobody(), server).path == "/"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": ""}, "needs id"),
        ({"id": "The Ministry"}, "id of a provider"),
        ({"server": "http://id.example"}, "issuer's URL"),
        ({"server": "https://id.example?x=1"}, "issuer's URL"),
        ({"scope": "all"}, "unknown settings: scope"),
        ({"second_factor": True}, "second_factor of providers"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    nodes: Nodes, fields: dict[str, Any], reason: str
) -> None:
    node = nodes.make("orvanda")
    given = {"id": "m", "name": "M", "server": "https://id.example", "client_id": "node"}
    path = node.folder / "node.json"
    value = {**orjson.loads(path.read_bytes()), "providers": [given]}
    path.write_bytes(orjson.dumps(value))
    found = Settings.read(node.folder)
    found.write(node.folder)
    assert Settings.read(node.folder) == found
    path.write_bytes(orjson.dumps({**value, "providers": [given | fields]}))
    with pytest.raises(Refusal, match=reason):
        Settings.read(node.folder)


def test_the_accounts_of_a_person_are_listed_also_when_their_provider_is_gone(
    pages: Pages, server: Server
) -> None:
    ada = pages.nobody()
    enter(ada, server)
    assert ada.get("/account/3rdparty/").status == 200
    pages.node.settings = replace(pages.node.settings, providers=())
    assert ada.get("/account/3rdparty/").status == 200
    assert ada.get("/account").status == 200
