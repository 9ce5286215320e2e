"""How people sign in, where allauth lets a product decide."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter

from comity.edge.web.app import NODE
from comity.services import origins

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialLogin
    from django.http import HttpRequest

    from comity.services.node import Node


def name_of(user: Any) -> str:
    """Return what a person is called on pages."""
    return str(user.name)


def has_second_factor(user: Any) -> bool:
    """Say whether a person has a code generator or a passkey."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=kinds).exists())


def forget_factors(person: int) -> None:
    """Take away what a person lost: every second factor and recovery code."""
    Authenticator.objects.filter(user_id=person).delete()


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come by invitation alone, and say nothing about who has one."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that rates are counted by, as every door of the node takes it."""
        return origins.of_request(request.META)


class SecondFactors(DefaultMFAAdapter):
    """Second factors are named after the party, and shown without a picture from elsewhere."""

    def _get_site_name(self) -> str:
        from allauth.core import context  # noqa: PLC0415  set for each request

        node: Node = context.request.META[NODE]
        return node.settings.name

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
