"""ID tokens: what an identity provider signs for this node (OpenID Connect Core 1.0, 3.1.3.7)."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

import jwt

from comity.kernel.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""By which a provider may sign: with a private key, never with a secret that is shared."""
KINDS = frozenset({"RSA", "EC", "OKP"})
SKEW = 60
"""Seconds by which clocks may differ."""
NEEDED = ["exp", "iat", "iss", "aud", "sub", "nonce"]


def read(
    signed: str, keys: Mapping[str, Any], *, issuer: str, client: str, now: int
) -> dict[str, Any]:
    """Return the claims of an ID token that ``issuer`` signed for ``client``.

    ``keys`` is the provider's JWK set; ``now`` in ms. Raises Refusal S10.
    """
    try:
        claims: dict[str, Any] = jwt.decode(
            signed,
            _key(signed, keys),
            algorithms=ALGORITHMS,
            audience=client,
            issuer=issuer,
            # The time is compared below with the node's own clock.
            options={
                "require": NEEDED,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refusal("S10", "The ID token is not one of this provider for this node.") from error
    _require_time(claims, now / 1000)
    if isinstance(claims["aud"], list) and claims.get("azp", client) != client:
        raise Refusal("S10", "The ID token was made for another program.")
    return claims


def _key(signed: str, keys: Mapping[str, Any]) -> jwt.PyJWK:
    wanted = jwt.get_unverified_header(signed).get("kid")
    known = [key for key in jwt.PyJWKSet.from_dict(dict(keys)).keys if key.key_type in KINDS]
    found = [key for key in known if wanted is None or key.key_id == wanted]
    if len(found) != 1:
        raise ValueError(wanted)
    return found[0]


def _require_time(claims: Mapping[str, Any], now: float) -> None:
    ends, *begins = times = (claims["exp"], claims["iat"], claims.get("nbf", claims["iat"]))
    if not all(isinstance(time, int | float) for time in times):
        raise Refusal("S10", "The ID token does not say when it was made, and until when it holds.")
    if ends + SKEW <= now:
        raise Refusal("S10", "The ID token has expired.")
    if max(begins) - SKEW > now:
        raise Refusal("S10", "The ID token is of the future. Is this machine's clock right?")


def require_nonce(claims: Mapping[str, Any], nonce: str) -> None:
    """Raise Refusal S10 unless a token was made for this very sign-in."""
    if not nonce or not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
        raise Refusal("S10", "The ID token was made for another sign-in.")


def joined(claims: Mapping[str, Any], userinfo: Mapping[str, Any]) -> dict[str, Any]:
    """Return claims with the address that the provider tells apart, of the same person.

    Raises Refusal S10 for another (OpenID Connect Core 1.0, 5.3.2).
    """
    if userinfo.get("sub") != claims["sub"]:
        raise Refusal("S10", "The identity provider told of two people at once.")
    told = ("email", "email_verified")
    return {**claims, **{name: userinfo[name] for name in told if name in userinfo}}
