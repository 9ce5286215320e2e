"""A sheet as a document of a word processor, read back by the library that writes it."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document

from comity.bridges import docx
from comity.bridges.docx import HEADING, LINES, ROWS, TEXT, Block

BLOCKS = (
    Block(HEADING, "What happened"),
    Block(TEXT, "Nothing <b>bold</b> & more."),
    Block(ROWS, rows=(("Tolmere", "3 May 2026"), ("Sarivane", "not received yet"))),
    Block(LINES, rows=(("02:40: cranes stop", ""), ("03:00: told", ""))),
)


def written(*, from_right: bool = False, title: str = "Cranes stop") -> bytes:
    return docx.write(title, "TLP:AMBER · technical", "Orvanda", BLOCKS, from_right=from_right)


def test_every_page_is_marked_and_all_blocks_are_there_in_order() -> None:
    sheet = Document(io.BytesIO(written()))
    (section,) = sheet.sections
    for place in (section.header, section.footer):
        assert [each.text for each in place.paragraphs] == ["TLP:AMBER · technical"]
    assert [each.text for each in sheet.paragraphs] == [
        "Cranes stop",
        "Orvanda",
        "What happened",
        "Nothing <b>bold</b> & more.",
        "02:40: cranes stop",
        "03:00: told",
    ]
    (table,) = sheet.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [*map(list, BLOCKS[2].rows)]


@pytest.mark.parametrize("from_right", [False, True])
def test_a_language_from_the_right_says_so_in_every_paragraph(*, from_right: bool) -> None:
    with zipfile.ZipFile(io.BytesIO(written(from_right=from_right))) as files:
        body = files.read("word/document.xml").decode()
    paragraphs = body.count("<w:p>") + body.count("<w:p ")
    assert body.count("<w:bidi/>") == (paragraphs if from_right else 0)
    assert ("<w:rtl/>" in body) == from_right
    assert ("bidiVisual" in body) == from_right


def test_a_document_is_called_by_its_title_and_marking_and_names_no_maker() -> None:
    told = Document(io.BytesIO(written(title="C\x00" + "o" * 300))).core_properties
    assert (told.title, told.subject) == ("C" + "o" * 254, "TLP:AMBER · technical")
    assert (told.author, told.comments) == ("", "")


def test_what_no_xml_can_hold_is_left_out() -> None:
    sheet = Document(io.BytesIO(written(title="Cranes\x00\x0b stop\ud800")))
    assert sheet.paragraphs[0].text == "Cranes stop"
