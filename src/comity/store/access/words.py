"""Finding objects by the words in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.store.fulltext import is_postgres

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.store.access.objects import Clause


def clause(db: str, words: Sequence[str]) -> Clause:
    """Return a condition on ``rowid`` of an object version ``o`` that has all of ``words``, the
    last of which may be the beginning of one; each has letters and digits alone.
    """
    if is_postgres(db):
        asked = " & ".join(f"'{word}':*" for word in words)
        return (
            "o.n IN (SELECT rowid FROM store_words WHERE words @@ to_tsquery('simple', %s))",
            [asked],
        )
    asked = " ".join(f'"{word}"*' for word in words)
    return "o.n IN (SELECT rowid FROM store_words WHERE store_words MATCH %s)", [asked]
