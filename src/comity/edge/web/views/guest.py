"""What somebody without a node sees by the link of a letter: it is read, acknowledged, answered.

Opening a page changes nothing and is noted nowhere; no page here sets a cookie. Whatever ended a
link, the answer is the same, byte for byte, as for one that never was.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import (
    FileUploadHandler,
    StopUpload,
    TemporaryFileUploadHandler,
)
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from comity.edge.web import giving
from comity.edge.web.filling import FILES, ManyFiles, field_of, show_errors, text_of
from comity.edge.web.forms import Form
from comity.edge.web.requests import Asked
from comity.edge.web.views.proof import attached
from comity.kernel.errors import Refusal
from comity.kernel.protocol import Files
from comity.services import origins
from comity.services.casework import forms as declared
from comity.services.casework import guests, guestways, letters, lettertext
from comity.services.casework.forms import FormErrors, Place
from comity.services.casework.replies import ACKNOWLEDGE
from comity.services.proof import guestrecord
from comity.store.access import acts

if TYPE_CHECKING:
    from typing import Concatenate, ParamSpec

    from django.http.response import HttpResponseBase

    from comity.kernel.protocol import ActKind
    from comity.services.casework.forms import FormField
    from comity.store.access.guests import GuestRow

    P = ParamSpec("P")
    View = Callable[Concatenate[Asked, str, GuestRow, P], HttpResponseBase]

HARD = 4 * guests.UPLOAD
"""Bytes beyond which nothing of what is sent is read at all."""
TOO_LARGE = _("The files are too large together; send less of them.")
GONE = frozenset({"S3", "S8", "S11"})
"""What is not there has one answer, be it the link or what it led to."""


def by_link(view: View[P]) -> Callable[..., HttpResponseBase]:
    """Let whoever holds a link see a page of its letter, and nobody else anything."""

    # What protects is the secret in the address; nothing that a browser sends by itself counts. A
    # token would need a cookie, and without a referrer the origin of a form is not told.
    @csrf_exempt
    @wraps(view)
    def checked(request: Asked, secret: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            guests.require_turn(request.node, origins.of_request(request.META))
            row = guests.require_link(request.node, secret)
            with translation.override(_language(request, row)):
                answer = view(request, secret, row, *args, **kwargs)
        except Http404:
            answer = _gone(request)
        except Refusal as refusal:
            if refusal.rule not in GONE | {"T5"}:
                raise
            answer = _gone(request, busy=refusal.rule == "T5")
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["X-Robots-Tag"] = "noindex"
        return answer

    return checked


def _gone(request: Asked, *, busy: bool = False) -> HttpResponse:
    status = HTTPStatus.TOO_MANY_REQUESTS if busy else HTTPStatus.NOT_FOUND
    return render(request, "comity/guest_gone.html", {"busy": busy}, status=status)


def _language(request: Asked, row: GuestRow) -> str:
    """Return the language of the letter that was asked for, or that the browser prefers."""
    asked = request.GET.get("in", ""), request.LANGUAGE_CODE
    return next((language for language in asked if language in row.languages), row.languages[0])


class Way(Form):
    """What a guest fills in to acknowledge or answer; ``parties`` may be named in it.

    It asks for what is needed and for the words of an answer, and for nothing else.
    """

    def __init__(self, kind: ActKind, parties: list[tuple[str, str]], *args: object) -> None:
        super().__init__(*args, prefix=kind.kind)
        self.declared = [f for f in declared.form(kind).fields if _is_asked(kind, f)]
        for field in self.declared:
            self.fields[field.name] = field_of(field, parties, ())
            self.fields[field.name].needed = field.required and field.type != "flag"  # type: ignore[attr-defined]
        if kind.files is not Files.NONE and kind.kind != ACKNOWLEDGE:
            self.fields[FILES] = ManyFiles(
                label=_("Files"),
                required=False,
                help_text=_("At most 10 files, and 16 MB together."),
            )

    def texts(self) -> dict[str, str]:
        """Return what was filled in, by field. Call it on a form that is valid."""
        return {f.name: text_of(self.cleaned_data.get(f.name)) for f in self.declared}

    def uploads(self) -> list[tuple[str, Path]]:
        """Return the files that were sent, as (name, path)."""
        sent = self.cleaned_data.get(FILES, [])
        return [(file.name, Path(file.temporary_file_path())) for file in sent]


def _is_asked(kind: ActKind, field: FormField) -> bool:
    needed = field.required or field.when is not None
    words = field.place is Place.CONTENT and kind.kind != ACKNOWLEDGE
    return field.place is not Place.REFS and (needed or words)


class Capped(FileUploadHandler):
    """Stops to keep what is sent where its files are larger together than they may be.

    Files stand last in the form, so that every word typed has come before.
    """

    def __init__(self, request: Asked) -> None:
        super().__init__(request)
        self.taken = 0
        self.over = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002  as its base
        """Count what came. Raises StopUpload beyond the limit."""
        self.taken += len(raw_data)
        if self.taken > guests.UPLOAD:
            self.over = True
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handler that keeps it."""


@by_link
def guest(request: Asked, secret: str, row: GuestRow) -> HttpResponse:
    """Show a letter; record that it was read, and its answer."""
    if request.method != "POST":
        return _page(request, secret, row, {})
    length = str(request.META.get("CONTENT_LENGTH", ""))
    if length.isdecimal() and int(length) > HARD:
        return _large(request, secret)
    capped = Capped(request)
    request.upload_handlers = [capped, TemporaryFileUploadHandler(request)]
    try:
        return _taken(request, secret, row, over=capped)
    except (MultiPartParserError, SuspiciousOperation):
        # Words beyond every limit, or what no form sends.
        return _large(request, secret)


def _large(request: Asked, secret: str) -> HttpResponse:
    shown = {"language": translation.get_language(), "secret": secret}
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return render(request, "comity/guest_large.html", shown, status=status)


def _taken(request: Asked, secret: str, row: GuestRow, over: Capped) -> HttpResponse:
    form, answers = _sent(request, row)
    if form is None:
        return _again(secret)
    if form.is_valid() and over.over:
        form.add_error(_beside_files(form), TOO_LARGE)
    wrong: Refusal | None = None
    if form.is_valid():
        try:
            _record(request, secret, form, answers=answers)
        except FormErrors as errors:
            show_errors(form, errors)
        except Refusal as refusal:
            wrong = _put(form, refusal)
        else:
            return _again(secret)
    return _page(request, secret, row, {form.prefix or "": form}, wrong)


def _record(request: Asked, secret: str, form: Way, *, answers: bool) -> None:
    try:
        if answers:
            language = translation.get_language() or ""
            guests.answer(request.node, secret, form.texts(), form.uploads(), language)
        else:
            guests.acknowledge(request.node, secret, form.texts())
    except Refusal as refusal:
        # Pressed twice, it is recorded once, and that is shown.
        if refusal.rule != "S12":
            raise


def _beside_files(form: Way) -> str | None:
    return FILES if FILES in form.fields else None


def _put(form: Way, refusal: Refusal) -> Refusal | None:
    """Say what is wrong beside the files, or return it to be said on top."""
    if refusal.rule == "S11":
        raise refusal
    if refusal.rule == "K15" or refusal.subject == declared.FILES:
        form.refuse(refusal, FILES)
        return None
    return refusal


def _sent(request: Asked, row: GuestRow) -> tuple[Way | None, bool]:
    """Return the form that was sent, None if it is taken no more; and whether it is the answer."""
    ways = guestways.of(request.node, row)
    for kind in filter(None, (ways.acknowledge, ways.answer)):
        # Where nothing is taken any more, nothing of what is sent is read.
        if kind.kind == request.POST.get("do"):
            form = Way(kind, _parties(request), request.POST, request.FILES)
            return form, kind is ways.answer
    return None, False


def _again(secret: str) -> HttpResponse:
    language = translation.get_language()
    return HttpResponseRedirect(f"{reverse('guest', args=[secret])}?in={language}#recorded")


def _parties(request: Asked) -> list[tuple[str, str]]:
    """Return whom a guest may name: its host, and no member beside it."""
    return [(request.node.me, request.node.settings.name)]


def _page(
    request: Asked,
    secret: str,
    row: GuestRow,
    sent: dict[str, Way],
    wrong: Refusal | None = None,
) -> HttpResponse:
    node = request.node
    ways, parties = guestways.of(node, row), _parties(request)
    written = letters.of_guest(node, row)
    language = translation.get_language() or row.languages[0]
    kinds = [("acknowledge", ways.acknowledge), ("answer", ways.answer)]
    shown = {
        "secret": secret,
        "row": row,
        "letter": written,
        "side": lettertext.side(node, written, language),
        "readers": written.named(),
        "recorded": [lettertext.about(node, act) for act in _recorded(row)],
        "ways": [
            (name, kind, sent.get(kind.kind) or Way(kind, parties)) for name, kind in kinds if kind
        ],
        "still_right": guestways.may_confirm(node, row, ways),
        "others": [get_language_info(code) for code in row.languages if code != language],
        "wrong": wrong,
        "errors": wrong or any(form.errors for form in sent.values()),
    }
    return render(request, "comity/guest.html", shown)


def _recorded(row: GuestRow) -> list[str]:
    return [act for act in (row.acknowledged, row.answered) if act]


@by_link
def file(request: Asked, secret: str, row: GuestRow, number: int) -> HttpResponseBase:  # noqa: ARG001
    """Give a file of the letter, as bytes to be kept."""
    act = acts.act(request.node.db, row.letter)
    if act is None:
        raise Http404
    return attached(request.node, act, number)


@by_link
def record(request: Asked, secret: str, row: GuestRow) -> HttpResponse:  # noqa: ARG001
    """Give what a guest may take away: the letter and what was recorded, with evidence."""
    return giving.data(guestrecord.make(request.node, row), f"record-{row.letter[:12]}.zip")
