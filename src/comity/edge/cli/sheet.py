"""The sheet that a holder keeps: a root key on paper, as digits and as a code to scan.

It is one page of HTML, written where the holder says and nowhere else: open it, print it, delete
it. It loads nothing.
"""

from __future__ import annotations

from html import escape

import segno

_STYLE = """
body { font: 12pt/1.5 serif; margin: 2cm; max-width: 17cm; color: #000; background: #fff }
h1 { font-size: 16pt } code { font: 15pt/2 monospace; display: block; overflow-wrap: anywhere }
svg { width: 5cm; height: 5cm } li { margin-bottom: .4em }
"""
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A root key of {title}</title>
<style>{style}</style></head><body>
<h1>A root key: {title}</h1>
<p>Whoever has enough of these sheets can replace all keys of the party. One alone can do nothing.
</p>
<p>The key, in groups of five:</p>
<code>{code}</code>
<p>The same, to be scanned by a machine that is not connected to anything:</p>
{drawn}
<p>Its public key, which is no secret:<br><small>{key}</small></p>
<ol>
<li>Print this page on a printer that keeps no copy, and delete the file.</li>
<li>Put the sheet into an envelope, sign across its flap, and lock it away. Not where another
holder's sheet is.</li>
<li>Never photograph it, and never type it into a machine that is connected. To sign:
<em>comity ceremony sign FILE</em> on a machine that is not.</li>
<li>Once a year see that it is still there and the flap is closed. If it is not, tell the
administrator on the same day: while enough others have theirs, your key is replaced, and whoever
has the sheet has nothing.</li>
</ol>
</body></html>
"""


def sheet(title: str, code: str, key: str) -> str:
    """Return the sheet of a root key as HTML. ``title`` says who holds it."""
    drawn = segno.make(code, error="m").svg_inline(omitsize=True, title="The key")
    return _PAGE.format(
        title=escape(title), style=_STYLE, code=escape(code), drawn=drawn, key=escape(key)
    )
