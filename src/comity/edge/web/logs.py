"""What the log of a node says of its pages."""

from __future__ import annotations

import logging


class Routes(logging.Filter):
    """Names the kind of a page and not its address: the secret of a link may stand in that."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, with the address taken out."""
        request = getattr(record, "request", None)
        if request is not None and isinstance(record.args, tuple):
            found = request.resolver_match
            record.args = (*record.args[:-1], "no page" if found is None else found.route)
        return True
