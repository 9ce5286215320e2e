"""Verifying many acts at once, on as many cores as there are.

Verifying takes nearly nine tenths of the time an arriving act costs, and the library lets other
threads run meanwhile; so a batch is split among a few threads that do little else.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from comity.kernel import admission
from comity.kernel.errors import Pending, Refusal

if TYPE_CHECKING:
    from comity.kernel.act import Act
    from comity.kernel.documents import View
    from comity.kernel.ids import Id

THREADS = min(os.cpu_count() or 1, 4)
WORTH = 16
"""Fewer acts than this are verified where they are: handing them over would cost more."""
_POOL = ThreadPoolExecutor(THREADS, thread_name_prefix="verify")


def verify_all(acts: Sequence[Act], documents: Mapping[Id, View]) -> list[View | Pending | Refusal]:
    """Return for each act the view its signature was verified under, or why it was not.

    ``documents`` is asked by this thread alone; the others are given what it found.
    """
    if len(acts) < WORTH:
        return [_verify(act, documents) for act in acts]
    named = {act.header.doc for act in acts}
    found = {id_: view for id_ in named if (view := documents.get(id_)) is not None}
    size = -(-len(acts) // THREADS)
    chunks = [acts[start : start + size] for start in range(0, len(acts), size)]
    results = _POOL.map(lambda chunk: [_verify(act, found) for act in chunk], chunks)
    return [verdict for chunk in results for verdict in chunk]


def _verify(act: Act, documents: Mapping[Id, View]) -> View | Pending | Refusal:
    try:
        return admission.verify(act, documents)
    except (Pending, Refusal) as verdict:
        return verdict
