"""The identity provider as the library asks for it: with PKCE and a nonce, whatever a link says."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider

from comity.edge.web.oidc.views import HouseAdapter
from comity.services.node import ENVIRON

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class HouseProvider(OpenIDConnectProvider):
    """A provider that ``node.json`` names."""

    pkce_enabled_default = True
    oauth2_adapter_class = HouseAdapter

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """Return what is asked for; a link adds nothing."""
        return ["openid", "email"]

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        """Return what else is said; a link adds nothing."""
        return {}

    def redirect(
        self,
        request: HttpRequest,
        process: str,
        next_url: str | None = None,
        data: Any = None,
        **kwargs: Any,
    ) -> HttpResponse:
        """Send the person to the provider, with a nonce that the ID token has to carry."""
        nonce = base64.urlsafe_b64encode(request.META[ENVIRON].ports.random.bytes(32)).decode()
        kwargs["auth_params"] = {"nonce": nonce}
        answer: HttpResponse = super().redirect(
            request, process, next_url, data, nonce=nonce, **kwargs
        )
        return answer


provider_classes = [HouseProvider]
