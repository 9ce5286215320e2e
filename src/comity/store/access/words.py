"""Finding objects by the words in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.store.fulltext import is_postgres

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.store.access.objects import Clause


MOST = 10_000
"""Of words that stand in more objects, the newest so many are looked at."""


def clause(db: str, words: Sequence[str]) -> Clause:
    """Return the condition that an object version ``o`` has all of ``words``, or words that begin
    so; each has letters and digits alone.
    """
    if is_postgres(db):
        matches, asked = (
            "words @@ to_tsquery('simple', %s)",
            " & ".join(f"'{word}':*" for word in words),
        )
    else:
        matches, asked = "store_words MATCH %s", " ".join(f'"{word}"*' for word in words)
    sql = f"SELECT rowid FROM store_words WHERE {matches} ORDER BY rowid DESC LIMIT {MOST}"
    return f"o.n IN ({sql})", [asked]
