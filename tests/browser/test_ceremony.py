"""The page of the root ceremony in a real browser: a signature is carried in as a file, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.services.identity import ceremony, holders, proposals
from tests.browser.people import House, require_accessible, take
from tests.services.test_ceremony import NAMES, add, held

pytestmark = pytest.mark.slow
PAGE = "/node/ceremony"


@pytest.mark.parametrize(("language", "width"), [("en", 1000), ("ar", 320)])
def test_a_ceremony_is_followed_at_the_page(
    house: House, language: str, width: int, tmp_path: Path, pictures: Path | None
) -> None:
    node = house.node("Orvanda").node
    person = house.person("Orvanda", f"Root{width}", language=language, width=width, scripts=True)
    ceremony.begin(node, 2)
    if width == 1000:
        add(node, *NAMES)
    ceremony.propose(node)
    person.go(PAGE)
    proposal = proposals.parse(take(person.page.locator(f"a[href='{PAGE}/proposal']")))
    code = tmp_path / "code"
    code.write_text(holders.sign(proposal, held(NAMES[0])), encoding="utf-8")
    person.page.set_input_files("#id_file", code)
    person.press("form button")
    assert person.page.locator("main .tag.good").count() >= 2
    assert person.page.locator("main [role=alert]").count() == 0
    require_accessible(person.page)
    box = person.page.locator("html").bounding_box()
    assert box is not None
    assert box["width"] <= width
    if pictures is not None:
        person.page.screenshot(path=pictures / f"{language}-ceremony.png", full_page=True)
