"""What misp-stix makes of events, and of bundles: a program of its own.

What it imports changes how Python imports ever after, so it is not imported into the tests.
"""

import json
import sys
from typing import Any

from misp_stix_converter import ExternalSTIX2toMISPParser, MISPtoSTIX21Parser
from pymisp import MISPEvent
from stix2 import Bundle


def exported(event: Any) -> list[Any]:
    """The objects of an event."""
    made = MISPEvent()
    made.load(event)
    parser = MISPtoSTIX21Parser()
    parser.parse_misp_event(made)
    return [json.loads(each.serialize()) for each in parser.stix_objects]


def imported(objects: list[Any]) -> Any:
    """The event of a bundle."""
    parser = ExternalSTIX2toMISPParser()
    parser.load_stix_bundle(Bundle(objects=objects, allow_custom=True))
    parser.parse_stix_bundle()
    return json.loads(parser.misp_event.to_json())


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    said = [(exported if kind == "export" else imported)(value) for kind, value in asked]
    json.dump(said, sys.stdout)
