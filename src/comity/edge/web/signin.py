"""How people sign in, where allauth lets a product decide."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib.sites.shortcuts import get_current_site
from django.utils.translation import get_language, override

from comity.edge.web.app import MAILS, NODE
from comity.services import origins
from comity.services.people import smtp

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialLogin
    from django.http import HttpRequest

    from comity.services.node import Node

UNKNOWN = "unknown_account"
"""The library's mail to an address that nobody here has."""


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


def _node() -> Node:
    node: Node = context.request.META[NODE]
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
