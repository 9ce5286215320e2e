"""Files that come with a form: how much is taken, and when reading ends.

A request says how long it is. Where that is more than the page takes, the words are read, which
stand before the files in every form, and then no more: the page shows them again and says why, and
the connection ends with the answer. Nobody fills a disk who is not signed in.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any, cast

from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

from comity.kernel.errors import Phrase, Refusal
from comity.services import quota
from comity.services.casework import drafts
from comity.services.identity.parties import CARD_LIMIT

if TYPE_CHECKING:
    from comity.edge.web.forms import Form
    from comity.edge.web.requests import Asked

MEGABYTE = 1024 * 1024
USUAL = MEGABYTE
"""Bytes of a form whose files are small, as those with codes of signatures."""
WORDS = 64 * 1024
"""Bytes of a form besides its file."""
DRAFTS = frozenset({"say", "open", "draft"})
"""Pages at which people attach files to what they say."""


class Sized(TemporaryFileUploadHandler):
    """Keeps files that are not longer together than their page takes; ``refusal`` says why not."""

    refusal: Refusal | None = None

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],  # noqa: N803  as its base
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Look at how long the request says it is, before any of it is read."""
        super().handle_raw_input(input_data, META, content_length, boundary, encoding)
        try:
            require_size(cast("Asked", self.request), content_length)
        except Refusal as refusal:
            self.refusal = refusal

    def new_file(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  as its base
        """Begin to keep a file. Raises StopUpload, with all that follows unread."""
        if self.refusal is not None:
            raise StopUpload(connection_reset=True)
        super().new_file(*args, **kwargs)


def require_size(request: Asked, size: int) -> None:
    """Raise Refusal T7 when a form of ``size`` bytes is longer than its page takes, S7 when this
    node has no room for it.
    """
    most, saying = _most(request)
    if size > most:
        told = Phrase(
            "The files are larger together than the {most} MB that are taken at once, so nothing "
            "of them was read. Send fewer, or one after another.",
            most=most // MEGABYTE,
        )
        raise Refusal("T7", told)
    if saying:
        quota.require_free(request.node, size)


def _most(request: Asked) -> tuple[int, bool]:
    """Return the most bytes that the page takes, and whether it keeps files in a draft."""
    match = request.resolver_match
    page = match.url_name if request.signed_in and match is not None else ""
    if page in DRAFTS:
        return drafts.FILE_LIMIT, True
    return (CARD_LIMIT + WORDS if page == "introduce" else USUAL), False


def note(request: Asked, form: Form, field: str) -> None:
    """Say in ``form``, beside ``field``, why its file was not read, if it was not; then nothing
    else is said to be missing or wrong, for it may be in the file.
    """
    if (refusal := refused(request)) is not None:
        form.errors.clear()
        form.refuse(refusal, field)


def status(request: Asked) -> HTTPStatus:
    """Return the status of a form that is shown again: a browser that is still sending when the
    connection ends shows an answer only if its status says that something was wrong.
    """
    return HTTPStatus.OK if refused(request) is None else HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def refused(request: Asked) -> Refusal | None:
    """Return why the files that came with a form were not read, if they were not."""
    found = (each.refusal for each in request.upload_handlers if isinstance(each, Sized))
    return next((refusal for refusal in found if refusal is not None), None)
