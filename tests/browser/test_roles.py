"""Every role walks all that it is shown, page after page; and signs in with a passkey."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from comity.services.people import mandates
from comity.services.sharing import applying
from tests.browser.people import PASSWORD, House, Person, require_accessible
from tests.edge.test_web_dossiers import incident
from tests.edge.test_web_one_object import HERON, ONE, tie
from tests.nodes import introduce, pass_on
from tests.services.reporting import applies, aware, file, reported
from tests.sharing import open_circle, share

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page, ViewportSize

pytestmark = pytest.mark.slow
TAKEN = re.compile(
    r"evidence|/card|files/|\.(csv|ics|docx)|/(text|json|docx|csaf|advisory)\b|sheet\.css|proposal|/static/|logout"
    r"|table"
)
"""Addresses that give a file to be kept, or end the walk."""
LOOKED_AT = set[str]()
ZOOMED: ViewportSize = {"width": 640, "height": 400}
"""What is left of 1280 by 800 points at 200 %."""


def _shape(path: str) -> str:
    """Return an address with one name for all its ids: pages of one kind are walked once."""
    path = re.sub(r"[a-z0-9-]+--[0-9a-f-]{36}", "*", path.partition("?")[0])
    return re.sub(r"[0-9a-f]{32,64}|(?<=/)\d+", "*", path)


def _links(person: Person) -> list[str]:
    found = person.page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    own = [urlsplit(url) for url in found if url.startswith(person.url)]
    return [
        url._replace(scheme="", netloc="").geturl() for url in own if not TAKEN.search(url.path)
    ]


def _walk(person: Person) -> dict[str, str]:
    """Open every page that a person can reach by links; return a path of each kind by its shape."""
    seen, ahead = dict[str, str](), ["/"]
    while ahead:
        path = ahead.pop()
        if _shape(path) not in seen:
            seen[_shape(path)] = path
            # Not as people go: what the page before still loads matters to no answer here.
            person.page.goto(person.url + path)
            _require_good(person, path)
            ahead += _links(person)
    return seen


def _require_good(person: Person, path: str) -> None:
    """Require that a page is a page, for everybody; each kind of page is looked through once."""
    assert person.page.locator("main h1").count() == 1, path
    if _shape(path) in LOOKED_AT:
        return
    LOOKED_AT.add(_shape(path))
    require_accessible(person.page)


@pytest.fixture(scope="module")
def busy(house: House) -> House:
    """The house, with an incident in it that Tolmere opened, a circle of Orvanda's, and its clocks:
    some late, some reported, some that wait.
    """
    orvanda, tolmere = house.node("Orvanda").node, house.node("Tolmere").node
    introduce(orvanda, tolmere)
    incident(tolmere, orvanda, "Cranes stop", text="Since 02:40.")
    pass_on(tolmere, orvanda)
    share(orvanda, open_circle(orvanda, tolmere), ONE, HERON, tie(ONE, "indicates", HERON))
    applying.work(orvanda)
    dossier = file(orvanda, title="Our reports of the cranes")
    aware(orvanda, dossier, 80)
    applies(orvanda, dossier, "nis2", "us_circia")
    reported(orvanda, dossier, "early_warning", 1)
    return house


LEAST = {"administrator": {"/people", "/node"}, "auditor": {"/audit"}, "duty_officer": {"/open"}}


@pytest.mark.parametrize("role", sorted(mandates.shipped()))
def test_each_role_walks_all_that_it_is_shown(busy: House, role: str) -> None:
    person = busy.person("Orvanda", f"Walks{role.replace('_', '')}", role, scripts=True)
    errors: list[str] = []
    person.page.on("pageerror", lambda error: errors.append(str(error)))
    person.page.on("response", lambda got: errors.append(got.url) if got.status > 399 else None)
    seen = _walk(person)
    assert not errors
    assert LEAST.get(role, {"/dossiers"}) <= seen.keys()


def test_nothing_is_cut_off_at_twice_the_size(busy: House, pictures: Path | None) -> None:
    person = busy.person("Orvanda", "Zoom", "duty_officer", "administrator", scripts=True)
    context = busy.browser.new_context(
        viewport=ZOOMED, device_scale_factor=2, storage_state=person.page.context.storage_state()
    )
    paths = _walk(person).values()
    page = context.new_page()
    for path in paths:
        page.goto(person.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= ZOOMED["width"], path
        if pictures is not None:
            page.screenshot(path=pictures / f"zoom{_shape(path).replace('/', '-')}.png")


def _key(page: Page) -> None:
    """Give a browser a passkey of its own, which asks nobody."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_added_and_signs_in(house: House) -> None:
    person = house.person("Orvanda", "Pia", scripts=True)
    page = person.page
    # A browser gives passkeys to names, and to no number of a network.
    person.url = person.url.replace("127.0.0.1", "localhost")
    _sign_in(person, "pia@orvanda.example")
    _key(page)
    person.go("/account/2fa/webauthn/add/")
    # Adding a way in asks for the password once more.
    page.fill("input[name=password]", PASSWORD)
    person.press("form button")
    page.fill("input[name=name]", "Pia's telephone")
    if page.locator("input[name=passwordless]").count():
        page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: "/add/" not in url)
    page.context.clear_cookies()
    person.go("/account/login/")
    page.click("#passkey_login")
    page.wait_for_url(f"{person.url}/")


def _sign_in(person: Person, email: str) -> None:
    person.go("/account/login/")
    person.page.fill("input[name=login]", email)
    person.page.fill("input[name=password]", PASSWORD)
    person.press("form button")
    person.page.wait_for_url(f"{person.url}/")
