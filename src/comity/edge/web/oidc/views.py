"""Going to an identity provider, and coming back from it.

Everything that is not as it must be has one answer, which tells a visitor nothing of who has an
account; why is said in the node's own log.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import Http404

from comity.kernel.errors import Refusal
from comity.services.node import ENVIRON
from comity.services.people import idtokens, providers

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialLogin, SocialToken
    from django.http import HttpRequest, HttpResponse

    from comity.services.servers import IdentityProvider

LOG = logging.getLogger(__name__)
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class HouseAdapter(OpenIDConnectOAuth2Adapter):
    """Asks one provider, and believes what it signed for this node and this sign-in.

    ``state`` is what was kept when the person left for the provider.
    """

    state: dict[str, Any]

    @property
    def house(self) -> IdentityProvider:
        """The provider, as ``node.json`` names it."""
        return providers.require(self.request.META[ENVIRON], self.provider_id)

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself: its name is the one configured, and all is at its
        own origin. Raises OAuth2Error.
        """
        if not hasattr(self, "_openid_config"):
            server = self.house.server.rstrip("/")
            found = self._fetch(f"{server}/.well-known/openid-configuration")
            try:
                providers.require_own(self.house, found, ENDPOINTS)
            except Refusal as refusal:
                raise OAuth2Error(refusal.reason) from refusal
            self._openid_config = found
        return self._openid_config

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        """Return who came back, of the people here. Raises OAuth2Error when it is nobody."""
        node, house = request.META[ENVIRON], self.house
        keys = self._fetch(self.openid_config["jwks_uri"])
        nonce = str(self.state.get("nonce", ""))
        try:
            signed = str(kwargs["response"].get("id_token", ""))
            claims = idtokens.read(
                signed, keys, issuer=house.server, client=house.client_id, now=node.now()
            )
            idtokens.require_nonce(claims, nonce)
            if "email" not in claims:
                claims = idtokens.joined(claims, self._userinfo(token))
            person = providers.require_person(node, claims)
        except Refusal as refusal:
            raise OAuth2Error(refusal.reason) from refusal
        self.state["person"] = person.id
        self.state["proven"] = providers.counts_as_second_factor(house, claims)
        # No more of what the provider says is kept than who it was.
        kept = {"sub": claims["sub"], "email": person.email, "email_verified": True}
        return self.get_provider().sociallogin_from_response(request, {"id_token": kept})

    def _userinfo(self, token: SocialToken) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token.token}"}
        return self._fetch(str(self.openid_config.get("userinfo_endpoint", "")), headers)

    def _fetch(self, url: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
        with get_adapter().get_requests_session() as session:
            found: dict[str, Any] = session.get(url, headers=headers).object()
        return found


class CallbackView(OAuth2CallbackView):
    """Takes a person who comes back."""

    def _get_state(
        self, request: HttpRequest, provider: Any
    ) -> tuple[dict[str, Any] | None, HttpResponse | None]:
        state, answer = super()._get_state(request, provider)
        self.adapter.state = state or {}
        return state, answer


@login_not_required
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send a person to the provider."""
    return _answer(request, OAuth2LoginView, provider_id)


@login_not_required
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take a person who comes back from the provider, and sign in whoever is known here."""
    return _answer(request, CallbackView, provider_id)


def _answer(request: HttpRequest, view: Any, provider_id: str) -> HttpResponse:
    try:
        answer: HttpResponse = view.adapter_view(HouseAdapter(request, provider_id))(request)
    except (SocialApp.DoesNotExist, Refusal) as error:
        raise Http404 from error
    except OAuth2Error as error:
        # Before anybody left for the provider: it does not answer, or not as it should.
        answer = render_authentication_error(request, provider_id, exception=error)
    return answer
