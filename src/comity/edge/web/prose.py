"""What people write, as it is shown: paragraphs, lists, emphasis, quotations, code and links.

It is read as Markdown and cleaned by a list of what may stay. Nothing of it is ever fetched: there
are no images, and raw HTML is words. Beside the words of a link stands where it leads, for the one
may say something else than the other. What was written stays to be seen as it was written.
"""

from __future__ import annotations

from html import escape
from typing import NamedTuple

import nh3
from django.template.defaultfilters import linebreaksbr
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {"a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "span", "strong", "ul"}
CLEAN = nh3.Cleaner(
    tags=TAGS,
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}, "span": {"dir"}},
    allowed_classes={"p": {"head"}, "span": {"address"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer nofollow",
)
READER = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(["image", "reference"])

SIGNS = "[]*_`<>\\-&\n"
"""What takes longer to read than other characters; a line may begin a list or a heading."""
MOST_SIGNS = 2000


class Prose(NamedTuple):
    """What was written, to be shown; ``marked`` when signs of Markdown in it are not shown."""

    html: SafeString
    marked: bool


def shown(text: str) -> Prose:
    """Return what somebody wrote, as it is shown: what is hardly prose, with its lines and no more.

    Reading thousands of signs takes longer the more there are, and others write them.
    """
    if sum(text.count(sign) for sign in SIGNS) > MOST_SIGNS:
        return Prose(linebreaksbr(text, autoescape=True), marked=False)
    tokens = READER.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            # A heading of a message is none of the page.
            token.tag = "p"
            if token.nesting == 1:
                token.attrSet("class", "head")
        if token.children:
            token.children = _with_addresses(token.children)
    html = READER.renderer.render(tokens, READER.options, {})
    return Prose(mark_safe(CLEAN.clean(html)), _is_marked(tokens))  # noqa: S308  cleaned just now


def _with_addresses(children: list[Token]) -> list[Token]:
    found: list[Token] = []
    words, href = "", ""
    for child in children:
        if child.type == "link_open":
            words, href = "", str(child.attrGet("href"))
        words += child.content
        found.append(child)
        if child.type == "link_close" and words != href:
            address = f' (<span class="address" dir="ltr">{escape(href)}</span>)'
            found.append(Token("html_inline", "", 0, content=address))
    return found


def _is_marked(tokens: list[Token]) -> bool:
    plain = {"paragraph_open", "paragraph_close", "inline", "text", "softbreak"}
    return any(
        token.type not in plain or any(child.type not in plain for child in token.children or ())
        for token in tokens
    )
