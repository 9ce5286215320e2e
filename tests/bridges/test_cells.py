"""Cells that a spreadsheet does not run, and that are read back as they were."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.cells import FORMULA, hidden, shown


@pytest.mark.parametrize("sign", sorted(FORMULA))
@pytest.mark.parametrize("before", ["", " ", "'", "''", '"', "Cranes;", "Cranes; ", 'a;"', "a\t"])
def test_what_begins_as_a_formula_is_hidden_wherever_a_program_parts_cells(
    before: str, sign: str
) -> None:
    cell = f"{before}{sign}1+1"
    written = hidden(cell)
    # Some programs part cells at semicolons or tabs, whatever the quotes around them say.
    assert all(part.strip(' "')[:1] not in FORMULA for part in re.split("[;\t\r\n]", written))
    assert shown(written) == cell


def test_what_begins_no_formula_stays_as_it_is() -> None:
    for cell in ("", "Cranes stop", "a=b", "1-2", "a; b", "'quoted'", "one -\ntwo"):
        assert hidden(cell) == shown(cell) == cell


@given(st.text(st.sampled_from([*FORMULA, *"'\"; a1"])))
def test_a_cell_is_read_as_it_was(cell: str) -> None:
    assert shown(hidden(cell)) == cell
