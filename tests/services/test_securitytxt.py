"""Where weaknesses are told: the file of RFC 9116, and what a finder hears who is not taken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.bridges.contacts import securitytxt as bridge
from comity.kernel.errors import Refusal
from comity.services.node import DAY, Node
from comity.services.response import intake, securitytxt
from tests.kernel.world import refused
from tests.nodes import Nodes
from tests.services.test_intake import PUMP, secret


def placed(nodes: Nodes, **settings: object) -> Node:
    node = nodes.make("orvanda")
    node.settings = replace(node.settings, pages="https://node.orvanda.example/", **settings)  # type: ignore[arg-type]
    return node


def test_the_file_names_the_form_then_the_contact_and_until_when(nodes: Nodes) -> None:
    node = placed(nodes, intake=True, security_contact="desk@orvanda.example")
    lines = securitytxt.text(node, ["en", "fr"]).splitlines()
    assert lines == [
        "Contact: https://node.orvanda.example/report",
        "Contact: mailto:desk@orvanda.example",
        "Expires: 2026-12-20T00:00:00Z",
        "Preferred-Languages: en, fr",
        "Canonical: https://node.orvanda.example/.well-known/security.txt",
    ]
    read = bridge.read("\n".join(lines))
    assert (read.contacts[0].email, read.contacts[0].website) == (
        "desk@orvanda.example",
        "https://node.orvanda.example/report",
    )
    assert not read.lost
    nodes.clock.advance(DAY)
    assert "Expires: 2026-12-21T00:00:00Z" in securitytxt.text(node, ["en"])


@pytest.mark.parametrize(
    "told", ["mailto:desk@orvanda.example", "https://orvanda.example/tell", "tel:+1-555-0100"]
)
def test_a_contact_alone_is_named_as_it_is_written(nodes: Nodes, told: str) -> None:
    node = placed(nodes, security_contact=told)
    assert securitytxt.text(node, ["en"]).startswith(f"Contact: {told}\nExpires: ")


def test_there_is_no_file_that_names_nothing_or_a_form_without_encryption(nodes: Nodes) -> None:
    node = placed(nodes)
    with refused("S3"):
        securitytxt.text(node, ["en"])
    node.settings = replace(node.settings, intake=True, pages="http://node.orvanda.example")
    with refused("S3"):
        securitytxt.text(node, ["en"])


@pytest.mark.parametrize(
    ("contact", "told"),
    [("desk@orvanda.example", "Write to desk@orvanda.example"), ("", "description by RFC 2350")],
)
def test_who_is_not_taken_is_told_whom_to_write_to(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch, contact: str, told: str
) -> None:
    node = placed(nodes, intake=True, security_contact=contact)
    monkeypatch.setattr(intake, "MOST_UNREAD", 0)
    with pytest.raises(Refusal, match="Nothing of yours was kept") as caught:
        intake.submit(node, secret(node), PUMP)
    assert told in str(caught.value)
