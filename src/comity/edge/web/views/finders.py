"""What somebody without a node sees who reports a vulnerability: a form, and an address at which
the report stands with what was answered.

Opening a page changes nothing and is noted nowhere; no page here sets a cookie, and none needs a
script. Where no reports are taken, the answer is that of what does not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import Http404, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from comity.bridges.csaf.report import LIMIT, UNKNOWN
from comity.edge.web.filling import FILES, LOCAL, ManyFiles
from comity.edge.web.forms import Form
from comity.edge.web.languages import said
from comity.edge.web.requests import Asked, absolute
from comity.edge.web.templatetags.comity import moment
from comity.edge.web.views.guest import HARD, TOO_LARGE, Capped
from comity.kernel.errors import Refusal
from comity.services import origins
from comity.services.response import intake
from comity.services.response import securitytxt as service
from comity.services.response.intake import Case, Said

if TYPE_CHECKING:
    from typing import Any, Concatenate, ParamSpec

    from django.utils.functional import _StrPromise

    from comity.store.access.reports import ReportRow

    Label = str | _StrPromise
    P = ParamSpec("P")
    View = Callable[Concatenate[Asked, P], HttpResponse]

_SALT = "comity.edge.web.finders"
METHODS = ("GET", "HEAD", "POST")
BUSY = frozenset({"T5", "S7"})
"""What may be tried again later, without anything having been kept."""
SELF = {"dir": "auto", "autocomplete": "off"}


def for_finders(view: View[P]) -> Callable[..., HttpResponse]:
    """Let anybody see a page, in the language that was asked for; a refusal has a page."""

    # Nothing that a browser sends by itself counts here: who sends a form for somebody else has
    # reported something, and learns nothing. A token would need a cookie.
    @csrf_exempt
    @wraps(view)
    def checked(request: Asked, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        asked = request.GET.get("in", "")
        language = asked if asked in dict(settings.LANGUAGES) else request.LANGUAGE_CODE
        with translation.override(language), timezone.override("UTC"):
            answer = _answer(request, lambda: view(request, *args, **kwargs))
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["X-Robots-Tag"] = "noindex"
        return answer

    return checked


def _answer(request: Asked, make: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        if request.node.settings.intake and request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        intake.require_turn(request.node, origins.of_request(request.META))
        return make()
    except (MultiPartParserError, SuspiciousOperation):
        # Words beyond every limit, or what no form sends.
        return _large(request)
    except Refusal as refusal:
        if refusal.rule == "S3" or not request.node.settings.intake:
            raise Http404 from refusal
        if refusal.rule not in BUSY | {"S11"}:
            raise
        status = HTTPStatus.NOT_FOUND if refusal.rule == "S11" else HTTPStatus.TOO_MANY_REQUESTS
        shown = {"refusal": refusal if refusal.rule in BUSY else None}
        return render(request, "comity/report_gone.html", shown, status=status)


def _large(request: Asked) -> HttpResponse:
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    shown = {"back": f"{request.path_info}?in={translation.get_language()}"}
    return render(request, "comity/report_large.html", shown, status=status)


def _choice(label: Label) -> forms.ChoiceField:
    given = [(code, _(text)) for code, text in intake.ANSWERS.items()]
    return forms.ChoiceField(
        label=label, widget=forms.RadioSelect, choices=given, initial=UNKNOWN, required=False
    )


def _words(
    label: Label, most: int, help_text: Label = "", *, rows: int = 0, required: bool = True
) -> forms.Field:
    widget = forms.Textarea(attrs={**SELF, "rows": rows}) if rows else forms.TextInput(attrs=SELF)
    return forms.CharField(
        label=label,
        required=required,
        max_length=most,
        help_text=help_text,
        widget=widget,
        strip=False,
    )


def _files() -> forms.Field:
    told = _("At most 10 files, and 16 MB together. Files may hold your name: look them over.")
    return ManyFiles(label=_("Files"), required=False, help_text=told)


class Sending(Form):
    """A form whose files stand last, so that every word typed has come before."""

    def uploads(self) -> list[tuple[str, Path]]:
        """Return the files that were sent, as (name, path)."""
        return _named(self.cleaned_data.get(FILES, []))


def _named(sent: list[Any]) -> list[tuple[str, Path]]:
    """Return uploaded files as (name, path)."""
    return [(file.name, Path(file.temporary_file_path())) for file in sent]


class Finding(Sending):
    """What a finder writes; its fields have the names that the service gives them."""

    affected = _words(
        _("What is affected"), 500, _("The product, service or website, and whose it is.")
    )
    versions = _words(_("Which versions"), 500, required=False)
    description = _words(_("What the flaw is"), 20_000, rows=10)
    reproduce = _words(_("How it can be reproduced"), 20_000, rows=8, required=False)
    impact = _words(_("What somebody could do with it"), 5_000, rows=4, required=False)
    public = _choice(_("Is it known to the public?"))
    exploited = _choice(_("Is it being exploited?"))
    planned = forms.DateTimeField(
        label=_("When you mean to publish"),
        help_text=_("In UTC, if you have a date in mind."),
        required=False,
        input_formats=[LOCAL, f"{LOCAL}:%S"],
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "autocomplete": "off"}, format=LOCAL
        ),
    )
    name = _words(_("Your name"), 120, _("Any name you like, or none."), required=False)
    mail = _words(
        _("Your address of mail"),
        254,
        _("Only if you want to be written to. Without it you are answered here alone."),
        required=False,
    )
    credit = forms.BooleanField(
        label=_("I want to be named where this is published"), required=False
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields[FILES] = _files()
        self.name_missing()

    def said(self) -> Said:
        """Return what was filled in. Call it on a form that is valid."""
        given = {n: v for n, v in self.cleaned_data.items() if n not in {FILES, "planned"}}
        given |= {name: given[name] or UNKNOWN for name in ("public", "exploited")}
        at = self.cleaned_data["planned"]
        return Said(**given, planned=None if at is None else round(at.timestamp() * 1000))


class More(Sending):
    """What a finder adds to a report."""

    text = _words(_("Your words"), 20_000, rows=8, required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields[FILES] = _files()


class Document(Form):
    """A file of CSAF that is to fill in the other form."""

    csaf = forms.FileField(
        label=_("A document of CSAF 2.0 or 2.1"),
        help_text=_("It fills in the form below; nothing is sent before you have looked it over."),
    )


@for_finders
def report(request: Asked) -> HttpResponse:
    """Ask a finder for a report, and keep it; its address is shown once."""
    intake.require_open(request.node)
    if request.method != "POST":
        return _form(request, Finding())
    return _posted(request, lambda capped: _reported(request, capped))


def _posted(request: Asked, take: Callable[[Capped], HttpResponse]) -> HttpResponse:
    """Read what was sent, unless it is too long or its sender sends too much."""
    length = str(request.META.get("CONTENT_LENGTH", ""))
    if length.isdecimal() and int(length) > HARD:
        return _large(request)
    intake.require_sending(request.node, origins.of_request(request.META))
    capped = Capped(request)
    request.upload_handlers = [capped, TemporaryFileUploadHandler(request)]
    return take(capped)


def _reported(request: Asked, capped: Capped) -> HttpResponse:
    if request.POST.get("do") == "csaf":
        return _filled(request)
    form = Finding(request.POST, request.FILES)
    secret = _unsigned(request.POST.get("ticket", ""))
    row: ReportRow | None = None
    if _is_sound(form, capped):
        try:
            language = translation.get_language() or ""
            row = intake.submit(request.node, secret, form.said(), form.uploads(), language)
        except Refusal as refusal:
            _put(form, refusal)
    if row is None:
        return _form(request, form)
    where = _address(request, reverse("report_case", args=[secret]))
    return render(request, "comity/report_made.html", {"address": where, "row": row})


def _is_sound(form: Form, capped: Capped) -> bool:
    if form.is_valid() and capped.over:
        form.add_error(FILES, TOO_LARGE)
    return form.is_valid()


def _put(form: Form, refusal: Refusal) -> None:
    """Say in a form why what was sent is refused. Raises the refusal where that is said by none."""
    if refusal.rule == "K15":
        form.refuse(refusal, FILES)
    elif refusal.rule in {"S4", "S12"}:
        form.refuse(refusal)
    else:
        raise refusal


def _unsigned(ticket: str) -> str:
    """Return the secret that this node made for a form, "" for one that it did not."""
    try:
        return str(signing.Signer(salt=_SALT).unsign(ticket))
    except signing.BadSignature:
        return ""


def _filled(request: Asked) -> HttpResponse:
    """Show what a document of CSAF says, in the form."""
    document = Document(request.POST, request.FILES)
    if not document.is_valid():
        return _form(request, Finding(), document)
    try:
        told = intake.of_csaf(request.node, document.cleaned_data["csaf"].read(LIMIT + 1))
    except Refusal as refusal:
        document.refuse(refusal, "csaf")
        return _form(request, Finding(), document)
    shown = told.values()
    shown["planned"] = None if told.planned is None else moment(told.planned)
    return _form(request, Finding(initial=shown), looked_over=True)


def _form(
    request: Asked, form: Finding, document: Document | None = None, *, looked_over: bool = False
) -> HttpResponse:
    language, node = translation.get_language(), request.node
    document = document or Document()
    shown = {
        "form": form,
        "document": document,
        "looked_over": looked_over,
        # Always a new one: the form that was sent may be another site's, which would know by its
        # ticket the address of what its reader is about to report.
        "ticket": signing.Signer(salt=_SALT).sign(intake.new_secret(node)),
        "safe_harbour": node.settings.safe_harbour,
        "others": [each for each in settings.LANGUAGES if each[0] != language],
        "errors": form.errors or document.errors,
    }
    return render(request, "comity/report.html", shown)


def _address(request: Asked, path: str) -> str:
    """Return the whole address of a page by the name at which its reader reached this node."""
    here = origins.is_here(urlsplit(f"//{request.get_host()}").hostname or "")
    return absolute(request, path) if here else request.build_absolute_uri(path)


@for_finders
def securitytxt(request: Asked) -> HttpResponse:
    """Say in a file of RFC 9116 how this party is told of weaknesses."""
    told = service.text(request.node, [code for code, _name in settings.LANGUAGES])
    return HttpResponse(told, content_type="text/plain; charset=utf-8")


@for_finders
def case(request: Asked, secret: str) -> HttpResponse:
    """Show where a report stands and what was answered, and take more of its finder."""
    found = intake.require_case(request.node, secret)
    if request.method not in METHODS:
        return HttpResponseNotAllowed(METHODS)
    if request.method != "POST":
        return _case(request, found, More())
    return _posted(request, lambda capped: _added(request, secret, found, capped))


def _added(request: Asked, secret: str, found: Case, capped: Capped) -> HttpResponse:
    form = More(request.POST, request.FILES)
    if _is_sound(form, capped):
        try:
            intake.add(request.node, secret, form.cleaned_data["text"], form.uploads())
        except Refusal as refusal:
            _put(form, refusal)
        else:
            where = reverse("report_case", args=[secret])
            return HttpResponseRedirect(f"{where}?in={translation.get_language()}#said")
    return _case(request, found, form)


def _case(request: Asked, found: Case, form: More) -> HttpResponse:
    language, row = translation.get_language(), found.row
    shown = {
        "row": row,
        "case": found,
        "reason": said(intake.REASONS[row.reason]) if row.reason else "",
        "form": form if intake.takes_more(found) else None,
        "others": [each for each in settings.LANGUAGES if each[0] != language],
        "errors": form.errors,
    }
    return render(request, "comity/report_case.html", shown)
