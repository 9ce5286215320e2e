"""A sheet as a document of a word processor (Office Open XML, ECMA-376), every page marked.

The library writes the format; what it does not know are languages that are written from the right,
so that paragraphs say so themselves (ECMA-376 part 1, 17.3.1.6 ``bidi``, 17.3.2.30 ``rtl``).
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, NamedTuple

from docx import Document
from docx.enum.table import WD_TABLE_DIRECTION
from docx.oxml.parser import OxmlElement
from docx.shared import Mm, Pt

if TYPE_CHECKING:
    from docx.document import Document as Sheet
    from docx.text.paragraph import Paragraph

HEADING, TEXT, ROWS, LINES = "heading", "text", "rows", "lines"
"""The kinds of blocks: a heading; a paragraph; pairs of what something is and what is said of it;
lines below each other.
"""
MARGIN = Mm(18)
PROPERTY = 255
"""Characters of what is said of a document as a whole: the library takes no more."""
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 holds (section 2.2)."""


class Block(NamedTuple):
    """A part of a sheet: a ``kind``, its ``text`` or its ``rows``; of lines the second is ""."""

    kind: str
    text: str = ""
    rows: tuple[tuple[str, str], ...] = ()


def write(
    title: str, marking: str, about: str, blocks: tuple[Block, ...], *, from_right: bool
) -> bytes:
    """Return a document: ``marking`` stands above and below every page, ``about`` under the title.

    ``from_right`` says that its language is written from the right.
    """
    sheet = Document()
    _describe(sheet, title, marking)
    for section in sheet.sections:
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = MARGIN
        section.top_margin = section.bottom_margin = MARGIN
        for place in (section.header, section.footer):
            _write(place.paragraphs[0], marking, from_right=from_right, bold=True)
    sheet.styles["Normal"].font.size = Pt(10)
    _write(sheet.add_heading(level=1), title, from_right=from_right)
    _write(sheet.add_paragraph(), about, from_right=from_right)
    for block in blocks:
        _block(sheet, block, from_right=from_right)
    out = io.BytesIO()
    sheet.save(out)
    return out.getvalue()


def _describe(sheet: Sheet, title: str, marking: str) -> None:
    """Say what a document is where programs list documents, in place of who made the template."""
    told = sheet.core_properties
    told.title, told.subject = (_FORBIDDEN.sub("", text)[:PROPERTY] for text in (title, marking))
    told.author = told.comments = ""


def _block(sheet: Sheet, block: Block, *, from_right: bool) -> None:
    if block.kind == HEADING:
        _write(sheet.add_heading(level=2), block.text, from_right=from_right)
    elif block.kind == TEXT:
        _write(sheet.add_paragraph(), block.text, from_right=from_right)
    elif block.kind == LINES:
        for line, _ in block.rows:
            _write(sheet.add_paragraph(style="List Bullet"), line, from_right=from_right)
    else:
        table = sheet.add_table(rows=0, cols=2, style="Table Grid")
        if from_right:
            table.table_direction = WD_TABLE_DIRECTION.RTL
        for row in block.rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                _write(cell.paragraphs[0], text, from_right=from_right)


def _write(paragraph: Paragraph, text: str, *, from_right: bool, bold: bool = False) -> None:
    run = paragraph.add_run(_FORBIDDEN.sub("", text))
    run.bold = bold or None
    if from_right:
        paragraph.paragraph_format.element.get_or_add_pPr().append(OxmlElement("w:bidi"))
        run.font.rtl = True
