"""What every process of a node sets once, when it starts."""

from __future__ import annotations

import gc

YOUNG = 50_000
"""Allocations before the collector looks at young objects. A batch of a thousand objects of STIX is
more than ten thousand, all of which are in use when it looks.
"""


def tune_collector() -> None:
    """Let the garbage collector run seldom.

    A node keeps graphs of acts in memory for long, and makes few cycles. With Python's default the
    collector walks those graphs again and again while acts come in, which took a third of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 100)
