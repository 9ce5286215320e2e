"""How people sign in, where allauth lets a product decide."""

from __future__ import annotations

import logging
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib.auth import get_user_model
from django.contrib.sites.shortcuts import get_current_site
from django.core.exceptions import PermissionDenied
from django.utils.translation import get_language, override

from comity.edge.web.app import MAILS
from comity.edge.web.oidc.asking import Session
from comity.kernel.errors import Refusal
from comity.services import origins
from comity.services.node import ENVIRON
from comity.services.people import persons, smtp
from comity.services.servers import read_secret
from comity.store.sql import writing

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialApp, SocialLogin
    from django.http import HttpRequest, HttpResponse

    from comity.services.node import Node
    from comity.services.servers import IdentityProvider

LOG = logging.getLogger(__name__)
OIDC = "openid_connect"
PROVEN = "proven"
"""In a session: a provider's word counts as the second factor."""
UNKNOWN = "unknown_account"
"""The library's mail to an address that nobody here has."""


def name_of(user: Any) -> str:
    """Return what a person is called on pages."""
    return str(user.name)


def has_second_factor(user: Any) -> bool:
    """Say whether a person has a code generator or a passkey."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=kinds).exists())


def is_proven(signal: dict[str, Any] | None) -> bool:
    """Say whether a provider proved more than a password, as the node counts it."""
    found = (signal or {}).get("sociallogin")
    return found is not None and found.state.get("proven") is True


class SecondFactor(AuthenticateStage):
    """Asks for the second factor, unless a provider did whose word counts for it."""

    def _should_handle(self, request: HttpRequest) -> bool:
        return not is_proven(self.login.signal_kwargs) and bool(super()._should_handle(request))


def forget_factors(person: int) -> None:
    """Take away what a person lost: every second factor and recovery code."""
    Authenticator.objects.filter(user_id=person).delete()


def _node() -> Node:
    node: Node = context.request.META[ENVIRON]
    return node


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come by invitation alone, and say nothing about who has one."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up."""
        return False

    def get_from_email(self) -> str:
        """Return the address mail comes from."""
        server = _node().settings.mail
        return "" if server is None else server.sender

    def format_email_subject(self, subject: str) -> str:
        """Return the subject as it is: where the mail comes from, its sender says."""
        return subject

    def get_login_stages(self) -> list[str]:
        """Return what a sign-in passes; a provider may have asked for the second factor."""
        asks = "allauth.mfa.stages.AuthenticateStage"
        own = f"{SecondFactor.__module__}.{SecondFactor.__name__}"
        return [own if stage == asks else stage for stage in super().get_login_stages()]

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Note in the session that the provider's word counts as a second factor, if it does."""
        if is_proven(kwargs.get("signal_kwargs")):
            request.session[PROVEN] = True
        answer: HttpResponse = super().post_login(request, user, **kwargs)
        return answer

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Hand a mail to the thread that sends, in the language of whom it is for.

        Nobody waits for the mail server, so that the time an answer takes tells nobody who has an
        account; and an address that nobody here has is sent nothing.
        """
        node, user = _node(), context.get("user")
        told = {**context, "request": self.request, "email": email}
        told["current_site"] = get_current_site(self.request)
        with override(getattr(user, "language", "") or get_language()):
            made = self.render_mail(template_prefix, email, told)
        if node.settings.mail is not None and not template_prefix.endswith(UNKNOWN):
            self.request.META[MAILS].start(partial(smtp.post, node, made))

    def set_password(self, user: Any, password: str) -> None:
        """Set a person's new password, and close what else lets in as that person."""
        node = _node()
        with writing(node.db):
            super().set_password(user, password)
            persons.close_ways(node, user.pk)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that rates are counted by, as every door of the node takes it."""
        return origins.of_request(request.META)


class SecondFactors(DefaultMFAAdapter):
    """Second factors are named after the party, and shown without a picture from elsewhere."""

    def _get_site_name(self) -> str:
        return _node().settings.name

    def build_totp_svg(self, url: str) -> str:
        """Return the code as a drawing."""
        file = BytesIO()
        segno.make(url, error="m").save(file, kind="svg", scale=5, border=4, xmldecl=False)
        return file.getvalue().decode()


class Providers(DefaultSocialAccountAdapter):
    """Sign-in by the party's own identity provider, for people who are here already."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Nobody signs up, by a provider neither."""
        return False

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return the providers that ``node.json`` names; one whose secret cannot be read is none,
        which the doctor says.
        """
        return [
            app
            for house in _node().settings.providers
            if provider in {None, OIDC, house.id} and client_id in {None, house.client_id}
            if (app := _app(house)) is not None
        ]

    def get_requests_session(self) -> Session:
        """Return what asks providers: the node's own client, not the library's."""
        return Session(_node())

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Sign in as the person whose address the provider verified, and as nobody else."""
        person = sociallogin.state["person"]
        if sociallogin.is_existing and sociallogin.user.pk != person:
            raise PermissionDenied("The provider's account is connected to another person.")
        if request.user.is_authenticated and request.user.pk != person:
            raise PermissionDenied("Another person is signed in.")
        if not sociallogin.is_existing:
            sociallogin.user = get_user_model().objects.get(pk=person)
            sociallogin.account.user = sociallogin.user
            sociallogin.account.save()

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Any = None,
        extra_context: Any = None,
    ) -> None:
        """Say in the node's own log why nobody was signed in; the visitor is not told."""
        LOG.warning("Nobody was signed in by %s: %s", provider, exception or error)


def _app(house: IdentityProvider) -> SocialApp | None:
    from allauth.socialaccount.models import SocialApp  # noqa: PLC0415  once tables are known

    try:
        secret = read_secret(_node().folder, house.secret_file) if house.secret_file else ""
    except Refusal:
        return None
    return SocialApp(
        provider=OIDC,
        provider_id=house.id,
        name=house.name,
        client_id=house.client_id,
        secret=secret,
        settings={"server_url": house.server},
    )
