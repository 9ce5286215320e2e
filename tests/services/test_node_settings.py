"""Settings of a node that people write by hand, refused where they would mean something else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from comity.kernel.errors import Refusal
from comity.services.node import Settings
from tests.nodes import Nodes


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"intake": "false"}, "intake is true or false"),
        ({"intake": 1}, "intake is true or false"),
        ({"safe_harbour": ["We thank you."]}, "safe_harbour is text"),
        ({"security_contact": 7}, "security_contact is text"),
        ({"security_contact": "http://orvanda.example"}, "security_contact is an address of mail"),
        ({"security_contact": "a@b.example\nContact: x"}, "security_contact is an address"),
        ({"believed_parties": "2"}, "believed_parties is a whole number"),
        ({"believed_parties": True}, "believed_parties is a whole number"),
        ({"believed_parties": -1}, "believed_parties is 0 or more"),
        ({"believed_coordinator": "no"}, "believed_coordinator is true or false"),
    ],
)
def test_what_opens_something_or_is_believed_is_of_its_kind(
    nodes: Nodes, told: dict[str, Any], why: str
) -> None:
    node = nodes.make("orvanda")
    given = replace(node.settings, intake=True, safe_harbour="We thank you.", believed_parties=0)
    given = replace(given, security_contact="desk@orvanda.example")
    given.write(node.folder)
    assert Settings.read(node.folder) == given
    replace(given, **told).write(node.folder)
    with pytest.raises(Refusal, match=why) as refused:
        Settings.read(node.folder)
    assert refused.value.rule == "S5"
