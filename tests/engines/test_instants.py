"""How an instant is written, and that all who write one for the same purpose write the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from comity.engines.instants import exact, moment, plain, rfc3339

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "comity"
AT = 1_777_776_000_000
"""3 May 2026, 02:40 UTC."""


@pytest.mark.parametrize(
    ("time", "program", "line", "second"),
    [
        (AT, "2026-05-03T02:40:00Z", "2026-05-03 02:40 UTC", "2026-05-03 02:40 UTC"),
        (AT + 1, "2026-05-03T02:40:00.001Z", "2026-05-03 02:40 UTC", "2026-05-03 02:40 UTC"),
        (AT + 7_999, "2026-05-03T02:40:07.999Z", "2026-05-03 02:40 UTC", "2026-05-03 02:40:07 UTC"),
        (0, "1970-01-01T00:00:00Z", "1970-01-01 00:00 UTC", "1970-01-01 00:00 UTC"),
    ],
)
def test_an_instant_is_written_for_programs_and_in_lines(
    time: int, program: str, line: str, second: str
) -> None:
    assert (rfc3339(time), plain(time), exact(time)) == (program, line, second)


def test_what_is_beyond_all_calendars_is_their_last_instant() -> None:
    assert rfc3339(2**53 - 1) == "9999-12-31T23:59:59.999Z"
    assert moment(2**53 - 1) == moment(253_402_300_799_999)


def test_nobody_else_writes_an_instant_in_a_line() -> None:
    """A pattern with day and time of day, as ``%Y-%m-%d %H:%M``, stands where zones are told."""
    pattern = re.compile(r"%Y-%m-%d %H:%M|%H:%M\} UTC")
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if pattern.search(path.read_text(encoding="utf-8"))
    }
    # Of these the two last write what a clock on a wall shows, in a zone of their own.
    assert found == {"engines/instants.py", "engines/clocks.py", "engines/hours.py"}
