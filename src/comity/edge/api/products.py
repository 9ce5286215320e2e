"""Joint products, as they read."""

from __future__ import annotations

from ninja import Router, Schema

from comity.edge.api.answers import answers
from comity.edge.api.asking import Asked, desk_of
from comity.edge.api.shapes.kinds import Id
from comity.kernel.label import TLP
from comity.protocols.response.product import PROTOCOL
from comity.services.people import audit
from comity.services.response import products
from comity.services.response.products import Product

router = Router(tags=["Responding"])


class Products(Schema):
    """What was put forward or published last: nothing while there is no draft, two where its
    author's machine told two.
    """

    products: list[Product]


@router.get("/dossiers/{dossier}/product", response=answers(Products))
def read_product(request: Asked, dossier: Id) -> Products:
    """Read a joint product: its paragraphs in order, and who stands behind which."""
    desk = desk_of(request)
    row = desk.dossier_of(PROTOCOL, dossier)
    audit.note_read(request.node, request.auth, row.id, TLP(row.ceiling))
    return Products(products=products.read(desk, dossier))
