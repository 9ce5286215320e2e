"""How soon a dossier that is open in a browser shows what another party says: two real nodes, a
real browser, its own pause between two questions.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from comity.services.casework import content
from comity.store.access import acts
from tests.browser.people import House, started
from tests.running import Town, acquaint, open_incident, tell, until

SAID = 41
"""Messages, of which the first warms up."""


def measured(folder: Path) -> list[float]:
    """Return, sorted, the seconds from the call that signs to the words on the open page; wall.

    Raises RuntimeError where there is no browser.
    """
    # The library runs a loop of its own in this thread, and Django would take it for its own.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    times: list[float] = []
    with Town(folder) as town, started() as browser:
        orvanda, tolmere = (town.make(name, second_factor=False) for name in ("Orvanda", "Tolmere"))
        acquaint(orvanda, tolmere)
        dossier = open_incident(orvanda, tolmere)
        until(lambda: acts.dossier(tolmere.node.db, dossier) is not None, "the incident")
        ada = House(browser, town).person("Orvanda", "Ada", scripts=True)
        ada.go(f"/dossiers/{dossier}")
        for number in range(SAID):
            words = f"Seen at 192.0.2.14, message {number} of all."
            prepared = content.prepare_fields(tolmere.node, {"text": words}, [])
            start = time.perf_counter()
            tell(tolmere, dossier, prepared)
            ada.page.wait_for_selector(f"#file >> text={words}")
            times.append(time.perf_counter() - start)
    return sorted(times[1:])
