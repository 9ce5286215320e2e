"""People: coming in by a link, who is here with which mandates, and what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.internal.flows.login import record_authentication
from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model, login
from django.contrib.auth.password_validation import validate_password
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from comity.edge.web.forms import Form
from comity.edge.web.requests import Asked, absolute, cursor, desk_of, signed_in
from comity.edge.web.signin import forget_factors
from comity.kernel.errors import Refusal
from comity.services.people import audit as audits
from comity.services.people import audited, invitations, mandates, persons

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpResponse

    from comity.services.node import Node
    from comity.services.people.audited import About
    from comity.store.access.people import LinkRow, PersonRow

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Password(Form):
    """A new password, twice."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters. Several unrelated words are good."),
    )

    def clean_password(self) -> str:
        """Refuse what is easily guessed."""
        validate_password(self.cleaned_data["password"])
        return str(self.cleaned_data["password"])


class Join(Password):
    """An account to be set up."""

    name = forms.CharField(label=_("Your name"), max_length=120)
    email = forms.EmailField(
        label=_("Your address of mail"),
        max_length=254,
        help_text=_("You sign in with it."),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "dir": "ltr"}),
    )

    field_order = ("name", "email", "password")


@sensitive_post_parameters()
def welcome(request: Asked, secret: str) -> HttpResponse:
    """Let a person in by a link: set up the account, or set a new password in one."""
    try:
        link = persons.require_link(request.node, secret)
    except Refusal:
        return render(request, "comity/link_gone.html", status=404)
    form = _form(request, link)
    if request.method == "POST" and form.is_valid():
        try:
            person = _enter(request.node, secret, link, form)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _sign_in(request, person)
    shown = {"form": form, "errors": form.errors, "joins": link.purpose == persons.JOIN}
    return render(request, "comity/welcome.html", shown)


def _form(request: Asked, link: LinkRow) -> Password:
    given = request.POST if request.method == "POST" else None
    if link.purpose == persons.SECRET:
        return Password(given)
    return Join(given, initial={k: link.value.get(k, "") for k in ("name", "email")})


def _enter(node: Node, secret: str, link: LinkRow, form: Password) -> PersonRow:
    if link.purpose == persons.JOIN:
        return persons.join(node, secret, **form.cleaned_data)
    person = persons.take_secret(node, secret, form.cleaned_data["password"])
    forget_factors(person.id)
    return person


def _sign_in(request: Asked, person: PersonRow) -> HttpResponse:
    user = get_user_model().objects.get(pk=person.id)
    login(request, user, backend=BACKEND)
    # Nobody is asked again for the password typed a moment ago.
    record_authentication(request, user, "password", reauthenticated=True)
    return redirect("mfa_activate_totp" if request.node.settings.second_factor else "work")


class Invitation(Form):
    """Whom to let in, with which mandates."""

    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    email = forms.EmailField(
        label=_("Address of mail"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"dir": "ltr"}),
    )
    mandates = forms.MultipleChoiceField(
        label=_("Mandates"), widget=forms.CheckboxSelectMultiple, help_text=_("At least one.")
    )

    def __init__(self, node: Node, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mandates"].choices = _choices(node)  # type: ignore[attr-defined]


class Change(Form):
    """A person's mandates, and whether the account is open."""

    mandates = forms.MultipleChoiceField(
        label=_("Mandates"), widget=forms.CheckboxSelectMultiple, required=False
    )
    active = forms.BooleanField(
        label=_("May sign in"),
        required=False,
        help_text=_("Close the account of who leaves; what the person did stays told."),
    )

    def __init__(self, node: Node, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mandates"].choices = _choices(node)  # type: ignore[attr-defined]


def _choices(node: Node) -> list[tuple[str, str]]:
    return [(code, gettext(found.title)) for code, found in mandates.of_node(node).items()]


@signed_in
def people(request: Asked) -> HttpResponse:
    """List everybody of this party, and the links that nobody has used yet; revoke one of those."""
    node, actor = request.node, request.actor
    if invitation := request.POST.get("revoke"):
        invitations.revoke(node, actor, invitation)
        messages.success(request, gettext("Revoked. The link lets nobody in."))
        return redirect("people")
    titles = dict(_choices(node))

    def called(codes: Iterable[str]) -> list[str]:
        return [titles.get(code, code) for code in codes]

    shown = {
        "people": [(row, called(row.mandates)) for row in persons.people(node, actor)],
        "invitations": [(e, called(e.mandates)) for e in invitations.of_node(node, actor)],
    }
    return render(request, "comity/people.html", shown)


@signed_in
def invite(request: Asked) -> HttpResponse:
    """Make a link for somebody new, and show it once."""
    request.actor.require_manage("people")
    form = Invitation(request.node, request.POST if request.method == "POST" else None)
    link = ""
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        secret = persons.invite(
            request.node,
            request.actor,
            codes=given["mandates"],
            email=given["email"],
            name=given["name"],
        )
        link = _welcome(request, secret)
    shown = {"form": form, "errors": form.errors, "link": link}
    return render(request, "comity/invite.html", shown)


def _welcome(request: Asked, secret: str) -> str:
    return absolute(request, reverse("welcome", args=[secret]))


@signed_in
def person(request: Asked, number: int) -> HttpResponse:
    """Show one person; change mandates, close the account, make a link for a lost password."""
    row = persons.one(request.node, request.actor, number)
    if "link" in request.POST:
        secret = persons.renew(request.node, request.actor, row.email)
        return _person(request, row, None, _welcome(request, secret))
    if request.method != "POST":
        return _person(request, row)
    form = Change(request.node, request.POST)
    if form.is_valid():
        try:
            persons.change(
                request.node,
                request.actor,
                number,
                codes=form.cleaned_data["mandates"],
                active=form.cleaned_data["active"],
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, gettext("Saved."))
            return redirect("person", number)
    return _person(request, row, form)


def _person(
    request: Asked, row: PersonRow, form: Change | None = None, link: str = ""
) -> HttpResponse:
    now = {"mandates": list(row.mandates), "active": row.is_active}
    shown = {
        "person": row,
        "form": form or Change(request.node, initial=now),
        "errors": form.errors if form else {},
        "link": link,
    }
    return render(request, "comity/person.html", shown)


@signed_in
def audit(request: Asked) -> HttpResponse:
    """List what was done and read here, for the party's auditor."""
    found = audited.entries(desk_of(request), cursor(request) or None)
    shown = {
        "entries": [
            (row, gettext(audits.WHAT.get(row.what, row.what)), about, _address(about))
            for row, about in found
        ],
        "last": found[-1][0].n if len(found) == audits.AT_ONCE else 0,
    }
    return render(request, "comity/audit.html", shown)


def _address(about: About) -> str:
    if not about.page:
        return ""
    address = reverse(about.page, args=about.place)
    return f"{address}#a-{about.act}" if about.act else address
