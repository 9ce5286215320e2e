"""Whether the way out is as the settings describe it: the proxy, and the files that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Phrase
from comity.services.care.report import Level, Report
from comity.services.delivery import way
from comity.services.delivery.outbound import HTTPTransport, Patience

if TYPE_CHECKING:
    from comity.services.node import Node

PATIENCE = Patience(connect=5, read=5, answer=10)


def check(node: Node, report: Report) -> None:
    """Try the way out, and say what is wrong with it."""
    out = way.of_settings(node.settings, node.folder)
    if not out.proxy and out.ca is None:
        return
    tried = HTTPTransport(out, patience=PATIENCE)
    try:
        fault = tried.probe()
    finally:
        tried.close()
    if fault:
        told = "Nothing that is signed here reaches the others, and nothing is fetched."
        report.add(Level.ERROR, "way out", fault, told)
    login = out.proxy_login
    if login is not None and login.exists() and login.stat().st_mode & 0o077:
        report.add(
            Level.WARNING,
            "way out",
            Phrase("Other users of this machine can read {file}.", file=login),
            "They could use the proxy in this node's name.",
            (f"chmod 600 {login}",),
        )
