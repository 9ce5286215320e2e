"""Identity providers of the party, and whom of the people here they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from comity.kernel.errors import Refusal
from comity.store.access import people

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from comity.services.node import Node
    from comity.services.servers import IdentityProvider
    from comity.store.access.people import PersonRow


def require(node: Node, id_: str) -> IdentityProvider:
    """Return the provider of this id. Raises Refusal S3."""
    found = next((p for p in node.settings.providers if p.id == id_), None)
    if found is None:
        raise Refusal("S3", "There is no such identity provider here.", id_)
    return found


def require_own(
    provider: IdentityProvider, told: Mapping[str, Any], endpoints: Iterable[str]
) -> None:
    """Raise Refusal S10 unless a provider calls itself by the name that is configured, and is
    asked at its own origin (OpenID Connect Discovery 1.0, section 4.3).
    """
    if told.get("issuer") != provider.server:
        raise Refusal("S10", "The identity provider calls itself by another name.", provider.id)
    for name in endpoints:
        if _origin(str(told.get(name, ""))) != _origin(provider.server):
            raise Refusal("S10", "The identity provider leads to another server.", name)


def is_at_one(node: Node, url: str) -> bool:
    """Say whether a URL leads to a provider that this node names."""
    return _origin(url) in {_origin(provider.server) for provider in node.settings.providers}


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def require_person(node: Node, claims: Mapping[str, Any]) -> PersonRow:
    """Return the person whose address a provider has verified. Raises Refusal S10.

    Nobody comes in by a provider who was not let in before.
    """
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") is not True:
        raise Refusal("S10", "The identity provider has not verified an address.")
    person = people.person_by_email(node.db, email)
    if person is None or not person.is_active:
        raise Refusal("S10", "Nobody here has the address that the identity provider verified.")
    return person


def counts_as_second_factor(provider: IdentityProvider, claims: Mapping[str, Any]) -> bool:
    """Say whether a person proved more than a password, in a way the node takes for that."""
    methods = claims.get("amr")
    said = {*methods} if isinstance(methods, list) else set()
    return bool({*provider.second_factor} & {*map(str, said), str(claims.get("acr", ""))})
