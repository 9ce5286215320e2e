"""Extensions of CSAF 2.1: their form (6.1.60.1), and that none of them is supported here.

The standard answers what an implementation does not support by a warning, in 6.1.60.2 and 6.1.60.3:
it names the extension, and says of which class it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.bridges.csaf.lists import Lists
from comity.bridges.csaf.rules import Failures, Fault
from comity.bridges.csaf.walk import Found, Json, at_any, products
from comity.kernel.errors import Phrase

_CLASSES = ("essential", "significant", "supplementary")
_SHOWN = 2000
_CONTENT = {"$schema": str, "category": str, "critical": bool, "content": dict}
_PLACES = (
    "x_extensions[]",
    "document.x_extensions[]",
    "vulnerabilities[].x_extensions[]",
    "vulnerabilities[].metrics[].content.x_extensions[]",
)


def invalid_extensions(doc: Json, lists: Lists) -> Failures:
    """6.1.60.1."""
    del lists
    for one in _extensions(doc):
        wrong = [n for n, kind in _CONTENT.items() if not isinstance(one.value.get(n), kind)]
        odd = one.value.keys() - _CONTENT.keys()
        if wrong or odd or not one.value["content"]:
            names = ", ".join([*wrong, *sorted(odd)]) or "content"
            yield one.path, Phrase("The extension is wrong in: {names}.", names=names)
        elif one.value["category"] not in _CLASSES:
            yield one.path, Phrase("The extension is wrong in: {names}.", names="category")


def _extensions(doc: Json) -> Iterator[Found]:
    yield from at_any(doc, _PLACES)
    for product in products(doc):
        for at, item in enumerate(product.value.get("x_extensions", ())):
            yield Found(f"{product.path}.x_extensions[{at}]", item)


def unsupported(doc: Json) -> Iterator[Fault]:
    """Yield a warning for each extension in a valid document, with its class and its schema."""
    for one in _extensions(doc):
        told = Phrase(
            "This {category} extension is not supported here, and what it asks is not tested: "
            "{schema}",
            category=one.value["category"],
            schema=one.value["$schema"][:_SHOWN],
        )
        if one.value["critical"]:
            told = Phrase(
                "This {category} extension is critical and not supported here; what it asks is not "
                "tested: {schema}",
                category=one.value["category"],
                schema=one.value["$schema"][:_SHOWN],
            )
        yield Fault("6.1.60", one.path, told)
