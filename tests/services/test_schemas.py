"""The schemas come out of a package of which nothing runs."""

from __future__ import annotations

import subprocess
import sys

LOOKED_AT = """
import sys
from comity.services.sharing.schemas import stix_schemas
assert "indicator" in stix_schemas().types
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_no_code_of_the_package_or_of_what_it_needs_is_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", LOOKED_AT], capture_output=True, text=True, check=True
    )
    imported = set(done.stdout.split())
    assert "jsonschema_rs" in imported
    assert not imported & {"stix2validator", "cpe", "stix2patterns", "antlr4", "pycountry"}
