"""The catalogues of translations: find the strings, bring the catalogues up to date, compile them.

``python -m tools.messages`` (``make messages``) writes ``src/comity/locale/<language>/``: a
catalogue for people, ``django.po``, and the same for programs, ``django.mo``. ``--missing
LANGUAGE`` prints what is not translated yet, as JSON; ``--take LANGUAGE FILE`` takes translations
from such a file: {source: translation}, with a list of translations, one for each plural form,
where a source has a plural.

Strings stand in templates and pages, in mail, in declarations of protocols, in packs, and in the
reasons and findings that services give. English is the source, and has no catalogue.
"""

from __future__ import annotations

import ast
import io
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from comity.store.database import start_django

start_django()

from django.conf import settings  # noqa: E402
from django.utils.translation.template import templatize  # noqa: E402

from comity import protocols  # noqa: E402
from comity.kernel.fieldtypes import Code, Many  # noqa: E402
from comity.kernel.protocol import ActKind, Protocol, discover  # noqa: E402
from comity.services import packs  # noqa: E402
from comity.services.care import doctor  # noqa: E402
from comity.services.casework import (  # noqa: E402
    explaining,
    kernelkinds,
    lettertext,
    membership,
    sides,
    telling,
    translations,
    words,
)
from comity.services.directory import calling  # noqa: E402
from comity.services.people import audit, mandates  # noqa: E402
from comity.services.proof import equivocation  # noqa: E402
from comity.services.response import (  # noqa: E402
    calendar,
    clocks,
    headpage,
    incidents,
    intake,
    nextto,
    regime_reports,
    severity,
    waiting,
)
from comity.store import anchor  # noqa: E402
from comity.store.access import drafts  # noqa: E402

SOURCE = Path(__file__).resolve().parent.parent / "src" / "comity"
LOCALE = SOURCE / "locale"
WEB = SOURCE / "edge" / "web"
PROTOCOLS = SOURCE / "protocols"
MAIL = SOURCE / "services" / "people" / "mail.py"
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
CHANGING = (
    "POT-Creation-Date",
    "PO-Revision-Date",
    "Generated-By",
    "Last-Translator",
    "Language-Team",
    "Report-Msgid-Bugs-To",
)
"""Lines of a catalogue's head that say when and by whom it was written."""
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "gettext": None,
    "gettext_lazy": None,
    "_": None,
    "ngettext": (1, 2),
    "pgettext": (1, 2),
}
ROOMS = ("casework", "delivery", "directory", "identity", "people", "proof", "response", "sharing")
ENGINES = ("calendars", "clocks", "regimes", "walls")
"""What says why something is due, and what is wrong with a list of regimes."""
BRIDGES = ("contacts", "misp", "openpgp", "stix")
"""What reads the files that pages take; of the others the command line tells, in English."""
CARE = (
    "backup",
    "check_dossiers",
    "check_intake",
    "check_log",
    "check_rules",
    "check_way",
    "doctor",
    "fsck",
    "rehearsal",
    "report",
)
GIVEN = (
    "kernel",
    "protocols",
    *(f"services/{room}" for room in ROOMS),
    *(f"services/care/{name}.py" for name in CARE),
    *(f"bridges/{room}" for room in BRIDGES),
    *(f"engines/{name}.py" for name in ENGINES),
    "bridges/csaf/reading.py",
    "bridges/csaf/report.py",
    "services/quota.py",
    "store/anchor.py",
    "store/append/log.py",
    "edge/web",
)
"""Where reasons and findings are given that pages show."""
REASONS = {"Phrase": 0, "Refusal": 1, "Void": 1, "_void": 0, "labelled": 0, "advised": 0, "say": 0}
"""Which argument of a call is a reason: a plain text, or the template of a phrase. One that is
chosen before stands in a variable ``told``."""
LEVELS = ("error", "warn", "note")
"""The calls of a report that take a finding's subject and its words, first of all."""
INSIDE = ("act", "party", "dossier", "message", "receipt", *drafts.STATES)
"""What stands in phrases as a word of its own."""
PLAIN = (
    *INSIDE,
    words.WHEN,
    words.YES,
    words.GUEST,
    words.VOID_STATUS,
    words.VOID_CAPTION,
    doctor.NO_WITNESS,
    anchor.HELP,
    equivocation.WORDS,
    explaining.PROVES_NOTHING,
    telling.NOT_JOINED,
    telling.UNREADABLE,
    *calling.NOTES,
    *clocks.STATES.values(),
    *clocks.TOLD,
    *(calendar.NAME, regime_reports.ASKED, regime_reports.KNOWN, regime_reports.OPEN),
    regime_reports.STRICTER,
    regime_reports.WHOSE,
    *lettertext.SENTENCES,
    *translations.MARKS.values(),
    *sides.NAMES.values(),
    *intake.REASONS.values(),
    *intake.ANSWERS.values(),
    *waiting.DEEDS.values(),
)

Message = str | tuple[str, str]
"""A source string, or its singular and plural."""


def languages() -> list[str]:
    """Return the languages that have a catalogue, as Django names them."""
    return [code for code, _ in settings.LANGUAGES if code != "en"]


def folder_of(language: str) -> str:
    """Return the name of a language's folder: ``zh_Hans`` for ``zh-hans``."""
    name, _, variant = language.partition("-")
    return f"{name}_{variant.title()}" if variant else name


@cache
def messages() -> dict[Message, None]:
    """Return every string that people read, in the order in which it is found."""
    found = [*_of_pages(), *_of_protocols(), *_of_packs(), *_of_reasons(), *PLAIN]
    return dict.fromkeys(text for text in found if text and text != ("", ""))


def _of_pages() -> Iterator[Message]:
    for path in [*sorted(WEB.rglob("*.html")), *forms()]:
        yield from _extracted(templatize(path.read_text(encoding="utf-8")))
    for path in [*sorted(WEB.rglob("*.py")), MAIL]:
        yield from _extracted(path.read_text(encoding="utf-8"))


def forms() -> list[Path]:
    """Return the forms that protocols bring, those of the template to copy aside."""
    found = sorted(PROTOCOLS.rglob("forms/*.html"))
    return [path for path in found if not path.relative_to(PROTOCOLS).parts[0].startswith("_")]


def _extracted(text: str) -> Iterator[Message]:
    file = io.BytesIO(text.encode())
    for _, found, _, _ in extract("python", file, KEYWORDS, options={"encoding": "utf-8"}):
        yield found if isinstance(found, str) else (str(found[0]), str(found[1]))


def _of_reasons() -> Iterator[str]:
    for place in GIVEN:
        for path in programs(place):
            yield from _reasons(ast.parse(path.read_text(encoding="utf-8")))


def programs(place: str) -> list[Path]:
    """Return the programs of a folder, or the one that stands there."""
    found = SOURCE / place
    return [found] if found.is_file() else sorted(found.rglob("*.py"))


def _reasons(tree: ast.AST) -> Iterator[str]:
    for found in ast.walk(tree):
        for reason in given(found):
            if isinstance(reason, ast.Constant) and isinstance(reason.value, str):
                yield reason.value


def given(found: ast.AST) -> list[ast.expr]:
    """Return what stands where a reason or a finding does, when ``found`` gives one."""
    return [each for reason in _given(found) for each in _chosen(reason)]


def _chosen(reason: ast.expr) -> Iterator[ast.expr]:
    """Yield what a reason may be: itself, or each of those it is chosen from."""
    if isinstance(reason, ast.IfExp):
        yield from _chosen(reason.body)
        yield from _chosen(reason.orelse)
    else:
        yield reason


def _given(found: ast.AST) -> list[ast.expr]:
    match found:
        case ast.Assign(targets=[ast.Name(id="told")]):
            return [found.value]
        case ast.Call(func=ast.Name(id=name)) if name in REASONS:
            return found.args[REASONS[name] :][:1]
        case ast.Call(func=ast.Attribute(value=ast.Name(id="report"), attr=name)):
            places = {"add": slice(1, 4), "refused": slice(1)} | dict.fromkeys(LEVELS, slice(2))
            return found.args[places.get(name, slice(0))]
        case _:
            return []


def _of_protocols() -> Iterator[str]:
    for protocol in discover(protocols).values():
        yield from _of_protocol(protocol)
    for kind in (*kernelkinds.KERNEL_ACTS.values(), *membership.KINDS.values()):
        yield from _of_kind(kind)
    for field in (kernelkinds.MAIL, kernelkinds.LANGUAGE):
        yield from (field.label, field.help)
    yield from kernelkinds.REASONS.values()


def _of_protocol(protocol: Protocol) -> Iterator[str]:
    yield from (protocol.title, protocol.clause, *protocol.nouns.values())
    yield from (*protocol.statuses.values(), *protocol.captions.values())
    yield from (office.label for office in protocol.offices)
    for kind in (protocol.opening, *protocol.acts):
        yield from _of_kind(kind)


def _of_kind(kind: ActKind) -> Iterator[str]:
    yield from (kind.label, kind.caption, kind.help)
    if kind.refs is not None:
        yield from (kind.refs.label, kind.refs.help)
    for field in (*kind.body, *kind.content):
        yield from (field.label, field.help)
        type_ = field.type.of if isinstance(field.type, Many) else field.type
        if isinstance(type_, Code):
            yield from type_.choices.values()


def _of_packs() -> Iterator[str]:
    for mandate in mandates.shipped().values():
        yield from (mandate.title, mandate.help)
    for vocabulary in packs.vocabularies().values():
        yield from vocabulary.words.values()
    for scheme in (known.scheme for known in severity.shipped()):
        yield from (scheme.title, *scheme.unasked, *(level.label for level in scheme.levels))
    yield from (*audit.WHAT.values(), *incidents.STANDS.values(), *headpage.WORDS)
    yield from nextto.WORDS
    for regime in packs.clocks():
        yield from (regime.name, regime.binds, regime.area, regime.by, regime.note)
        for stage in regime.stages:
            yield from (stage.name, stage.to, stage.only, stage.note, *stage.contents)


def read(language: str) -> Catalog:
    """Return a language's catalogue, empty when there is none yet."""
    path = _path(language, "po")
    if not path.exists():
        return Catalog(locale=folder_of(language))
    with path.open("rb") as file:
        return read_po(file, locale=folder_of(language))


def updated(language: str) -> Catalog:
    """Return a catalogue with exactly the strings that are there now, and what is known of them."""
    old = read(language)
    fresh = Catalog(
        locale=folder_of(language),
        project="comity",
        header_comment=f"# Translations of Comity into {folder_of(language)}.",
    )
    for text in messages():
        known = old.get(text if isinstance(text, str) else text[0])
        flags = known.flags if known is not None else set()
        string = known.string if known is not None else ""
        fresh.add(text, string or ("" if isinstance(text, str) else ()), flags=flags)
    return fresh


def _path(language: str, ending: str) -> Path:
    return LOCALE / folder_of(language) / "LC_MESSAGES" / f"django.{ending}"


def as_po(catalog: Catalog) -> bytes:
    """Return a catalogue for people; nothing in it depends on when it was written."""
    file = io.BytesIO()
    write_po(file, catalog, width=100, omit_header=False, sort_output=False)
    lines = file.getvalue().decode().split("\n")
    changing = tuple(f'"{name}' for name in CHANGING)
    return "\n".join(line for line in lines if not line.startswith(changing)).encode()


def as_mo(catalog: Catalog) -> bytes:
    """Return a catalogue for programs; nothing in it depends on when it was written."""
    catalog.creation_date = catalog.revision_date = NEVER
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def write(language: str, catalog: Catalog) -> None:
    """Write a catalogue, for people and for programs."""
    _path(language, "po").parent.mkdir(parents=True, exist_ok=True)
    _path(language, "po").write_bytes(as_po(catalog))
    with _path(language, "po").open("rb") as file:
        _path(language, "mo").write_bytes(as_mo(read_po(file, locale=folder_of(language))))


def missing(catalog: Catalog) -> Iterator[Message]:
    """Give what a catalogue does not translate."""
    for message in catalog:
        if message.id:
            strings = [message.string] if isinstance(message.string, str) else message.string
            if not strings or not all(strings):
                id_ = message.id
                yield id_ if isinstance(id_, str) else (id_[0], id_[1])


def take(language: str, given: dict[str, str | list[str]]) -> None:
    """Take translations into a language's catalogue."""
    catalog = updated(language)
    for message in catalog:
        source = message.id if isinstance(message.id, str) else message.id[0] if message.id else ""
        if source and source in given:
            found = given[source]
            message.string = found if isinstance(found, str) else tuple(found)
    write(language, catalog)


def main(words_: list[str]) -> None:
    """Do what the command line asks for."""
    match words_:
        case ["--missing", language]:
            catalog = updated(language)
            lacking = list(missing(catalog))
            print(json.dumps({"plurals": catalog.num_plurals, "missing": lacking}, indent=1))
        case ["--take", language, name]:
            take(language, json.loads(Path(name).read_text(encoding="utf-8")))
        case _:
            for language in languages():
                catalog = updated(language)
                write(language, catalog)
                print(f"{language}: {len(catalog)} strings, {len(list(missing(catalog)))} missing")


if __name__ == "__main__":
    main(sys.argv[1:])
