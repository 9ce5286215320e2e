"""The root ceremony at the pages: the proposal goes out, signatures come in, and no key ever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from comity.services.casework.issue import own_view
from comity.services.identity import ceremony, holders, holding, proposals
from comity.services.identity.keyring import root_code
from comity.store.access.people import audit
from tests.edge.visitor import Page, Pages, Visitor, with_files
from tests.nodes import Nodes
from tests.services.test_ceremony import NAMES, add, held


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    with Nodes(tmp_path) as nodes:
        orvanda = nodes.make("orvanda")
        orvanda.settings = replace(orvanda.settings, second_factor=False)
        with Pages(orvanda) as found:
            yield found


def bring(who: Visitor, page: Page, *names: str) -> Page:
    """Fetch the proposal, let holders sign it, and bring their codes to the page."""
    proposal = proposals.parse(who.get("/node/ceremony/proposal").body)
    for name in names:
        page = who.fill(page, {"code": holders.sign(proposal, held(name))})
    return page


def test_signatures_are_brought_and_the_new_keys_put_in_force(pages: Pages) -> None:
    node, root = pages.node, pages.person("root", "administrator")
    page = root.get("/node/ceremony")
    assert "Today 1 of 1 are needed." in page.text
    assert "this machine" in page.text
    assert root.get("/node/ceremony/proposal").status == 404
    ceremony.begin(node, 2)
    add(node, *NAMES)
    proposal = ceremony.propose(node)
    page = root.get("/node/ceremony")
    assert proposal.spoken in page.text
    assert "From now on, 2 of 3 shall be." in page.text
    assert "Put the new root keys in force" not in page.text
    page = bring(root, page, "Head")
    assert "The signature is right, and counts." in page.text
    page = bring(root, page, "Deputy")
    assert "nobody knows whether their keys can be used" in page.text
    form = next(f for f in page.read.forms if ("publish", "1") in f.buttons)
    page = root.fill(page, {}, form=form, button="publish")
    assert "The new root keys are in force." in page.text
    assert own_view(node).grade == "hardened"
    assert "Today 2 of 3 are needed." in page.text
    told = [(row.what, row.name) for row in audit(node.db)][:3]
    assert told == [("rooted", "Root"), ("signature", "Root"), ("signature", "Root")]


def test_what_does_not_count_is_refused_beside_the_field(pages: Pages) -> None:
    node, root = pages.node, pages.person("root", "administrator")
    ceremony.begin(node, 2)
    add(node, *NAMES)
    ceremony.propose(node)
    page = bring(root, root.get("/node/ceremony"), "Head", "Head")
    assert "signature is here already" in page.text
    page = root.fill(page, {"code": "COMITY-SIGNATURE-AAAAA"})
    assert "The signature code was mistyped" in page.text
    page = root.fill(page, {"code": root_code(held("Head"))})
    assert "This is the root code of a kit" in page.text
    page = root.fill(page, {"code": ""})
    assert "Type the signature code, or choose its file." in page.text
    # The button is not there yet; who sends what it would gets the reason.
    form = page.form_with({"code"})
    page = root.post("/node/ceremony", {**form.fields, "publish": "1"})
    assert "signatures needed are there" in page.text
    assert own_view(node).grade == "evaluation"


def test_no_page_gives_a_key_and_nobody_else_sees_the_ceremony(pages: Pages) -> None:
    node, root = pages.node, pages.person("root", "administrator")
    soft = node.keys.root()
    assert soft is not None
    ceremony.begin(node, 2)
    add(node, *NAMES)
    ceremony.propose(node)
    for path in ("/node/ceremony", "/node/ceremony/proposal", "/node"):
        text = root.get(path).text
        assert soft.seed.hex() not in text
        assert root_code(soft) not in text
    head = pages.person("ada", "head", "duty_officer", "auditor")
    for path in ("/node/ceremony", "/node/ceremony/proposal"):
        assert head.get(path).status == 404


def test_at_the_pages_nothing_is_begun_or_proposed(pages: Pages) -> None:
    """Else whoever takes an administrator's browser could let the soft key sign for a new root."""
    root = pages.person("root", "administrator")
    page = root.get("/node/ceremony")
    token = page.read.forms[0].fields["csrfmiddlewaretoken"]
    for fields in ({"threshold": "2"}, {"begin": "1"}, {"propose": "1"}, {"publish": "1"}):
        root.post("/node/ceremony", {**fields, "csrfmiddlewaretoken": token})
    assert holding.state(pages.node).step is holding.Step.REST


def test_a_file_too_large_for_a_code_is_not_read_and_that_alone_is_told(pages: Pages) -> None:
    node, root = pages.node, pages.person("root", "administrator")
    ceremony.begin(node, 2)
    add(node, *NAMES)
    ceremony.propose(node)
    page = root.get("/node/ceremony")
    fields = {name: texts[0] for name, texts in page.form.fields.items() if name != "file"}
    page = root.send(page.path, *with_files(fields, "file", {"code": bytes(2 * 1024 * 1024)}))
    assert page.status == 413
    assert page.text.count("larger together than the 1 MB") == 2
    assert "Type the signature code" not in page.text
    # Nor where nothing stood before the file.
    (root.token,) = page.form.fields["csrfmiddlewaretoken"]
    page = root.send(page.path, *with_files({}, "file", {"code": bytes(2 * 1024 * 1024)}))
    assert page.status == 413
    assert page.text.count("larger together than the 1 MB") == 2
