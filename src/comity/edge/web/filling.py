"""Forms of acts: made from their declarations, read back into what was filled in.

The services judge what was filled in; here it is only asked for and carried. Instants are asked for
in the reader's own zone and carried in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.edge.web.forms import Form
from comity.edge.web.languages import said
from comity.edge.web.templatetags.comity import FOOTINGS, MEANINGS, SHOWN
from comity.kernel.kinds import Growth
from comity.kernel.label import TLP
from comity.kernel.language import LIMIT, spelled
from comity.services.casework import opening, red
from comity.services.casework.drafts import Filling
from comity.services.casework.forms import FILES as FILES_ERROR
from comity.services.casework.forms import Form as Declared
from comity.services.casework.forms import FormErrors, FormField, Opening

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from comity.services.casework.translations import Original

    Choices = Sequence[tuple[str, str]]

LABEL, FOOTING, MEMBERS, GROWTH, FILES = "_tlp", "_footing", "_members", "_growth", "_files"
READERS, OTHERS = "_readers", "_others"
"""Names of what stands beside the declared fields; those are ``[a-z0-9_]+`` and begin with none."""
CHOSEN = frozenset({"code", "party", "act"})
"""Types of fields whose values are chosen from a list; those of others are typed."""
ITEM = 100
"""Characters for one of several values that are typed."""
FEW = 6
"""Choices that are shown at once instead of in a list to be opened."""
GROWTHS = {
    Growth.CLOSED: _("Nobody: whoever is to join later needs a new dossier"),
    Growth.CHAIR: _("We, as chair"),
    Growth.ALL: _("Any member, when all agree"),
}


class Files(forms.ClearableFileInput):
    """A field for several files."""

    allow_multiple_selected = True


class ManyFiles(forms.FileField):
    """Several files at once."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return every file that was sent."""
        found = data if isinstance(data, list | tuple) else [data]
        return [super(ManyFiles, self).clean(each, initial) for each in found if each]


class ActForm(Form):
    """The form of one kind of act.

    ``parties`` may be named in it, ``acts`` cited, by id with their words; ``ceiling`` is the
    strictest label it may carry, which it carries when it is not ``labelled`` by hand. ``readers``
    are those of this party who may be listed where a dossier is opened that is RED. ``shown`` are
    the fields that the page being made shows by now. Of a translation the words of the ``original``
    stand beside their fields.
    """

    def __init__(
        self,
        declared: Declared,
        *args: Any,
        parties: Choices = (),
        acts: Choices = (),
        ceiling: TLP = TLP.AMBER_STRICT,
        readers: Choices = (),
        labelled: bool = True,
        original: Original | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.shown: set[str] = set()
        self.declared = declared
        self.ceiling = ceiling
        if labelled:
            floor = None if original is None else original.header.tlp
            self.fields[LABEL] = _label(ceiling, floor, opens=declared.opening is not None)
        if declared.opening is not None:
            self.fields |= _opening(parties, declared.opening)
            self.fields |= _reading(readers) if ceiling is TLP.RED else {}
        for field in declared.fields:
            among = {"party": parties, "act": acts}.get(field.type, True)
            if not (among or field.required):
                # There is nothing to choose, and nothing need be chosen.
                continue
            self.fields[field.name] = field_of(field, parties, acts)
            # The services say what is missing; the page only tells what may be left out.
            self.fields[field.name].needed = field.required and field.type != "flag"  # type: ignore[attr-defined]
            if original is not None and field.name in original.words:
                self.fields[field.name].original = original  # type: ignore[attr-defined]
                self.fields[field.name].words = original.words[field.name]  # type: ignore[attr-defined]
        if declared.batch or declared.files.value != "none":
            self.fields[FILES] = ManyFiles(
                label=_("Files"),
                required=False,
                help_text=_("A STIX 2.1 bundle is recognised, and sent object by object."),
            )
        self.name_missing()

    def filling(self) -> Filling:
        """Return what was filled in. Call it on a form that is valid."""
        given = self.cleaned_data
        return Filling(
            texts={f.name: text_of(given.get(f.name)) for f in self.declared.fields},
            tlp=given.get(LABEL, self.ceiling.value),
            footing=given.get(FOOTING, ""),
            members=tuple(given.get(MEMBERS, ())),
            growth=given.get(GROWTH, ""),
            readers=(*given.get(READERS, ()), *_lines(given.get(OTHERS, ""))),
        )

    def as_typed(self) -> Filling:
        """Return what was filled in, right or wrong, so that it can be shown again."""
        typed = {
            name: field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            for name, field in self.fields.items()
            if name != FILES
        }
        self.cleaned_data = {**typed, **self.cleaned_data}
        if self.cleaned_data.get(LABEL) not in {tlp.value for tlp in TLP if tlp <= self.ceiling}:
            self.cleaned_data[LABEL] = self.ceiling.value
        for name in {FOOTING, GROWTH} & self.fields.keys():
            if name not in self.cleaned_data or not self.fields[name].valid_value(typed[name]):  # type: ignore[attr-defined]
                self.cleaned_data[name] = ""
        return self.filling()


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def initial_of(filling: Filling, declared: Declared, me: str) -> dict[str, object]:
    """Return what a form of the party ``me`` shows of what was filled in before."""
    shown: dict[str, object] = {
        LABEL: filling.tlp,
        MEMBERS: list(filling.members),
        READERS: list(filling.readers),
        OTHERS: "\n".join(r for r in filling.readers if not r.startswith(f"{me}:")),
    }
    # What was not chosen is shown as is usual.
    chosen = {FOOTING: filling.footing, GROWTH: filling.growth}
    shown |= {name: value for name, value in chosen.items() if value}
    for field in declared.fields:
        text = filling.texts.get(field.name, "")
        if field.many and field.type in CHOSEN:
            shown[field.name] = [item for item in text.split(",") if item]
        elif field.type == "instant" and text:
            shown[field.name] = _local(text)
        elif field.type == "flag":
            shown[field.name] = text == "yes"
        else:
            shown[field.name] = text
    return shown


def _label(ceiling: TLP, floor: TLP | None, *, opens: bool) -> forms.Field:
    able = [tlp for tlp in TLP if (floor or TLP.CLEAR) <= tlp <= ceiling]
    # What is RED is so by choice where it begins, and by default where it already is.
    usual = min(ceiling, TLP.AMBER_STRICT) if opens else ceiling
    return forms.ChoiceField(
        label=_("How far it may go"),
        widget=forms.RadioSelect,
        choices=[(tlp.value, f"{SHOWN[tlp]} – {MEANINGS[tlp]}") for tlp in able],
        initial=(floor or usual).value,
        error_messages={"invalid_choice": _("Choose a label that is offered.")},
    )


def _opening(parties: Choices, usual: Opening) -> Mapping[str, forms.Field]:
    return {
        MEMBERS: forms.MultipleChoiceField(
            label=_("With whom"),
            widget=forms.CheckboxSelectMultiple,
            choices=list(parties),
            help_text=_("Each of them will have a copy of everything said here, for good."),
        ),
        FOOTING: forms.ChoiceField(
            label=_("How it may be read"),
            widget=forms.RadioSelect,
            choices=[(footing.value, text) for footing, text in FOOTINGS.items()],
            initial=usual.footing,
        ),
        GROWTH: forms.ChoiceField(
            label=_("Who may bring others in later"),
            widget=forms.RadioSelect,
            choices=[(growth, GROWTHS[growth]) for growth in usual.growths],
            initial=usual.growths[0],
        ),
    }


def _reading(readers: Choices) -> Mapping[str, forms.Field]:
    return {
        READERS: forms.MultipleChoiceField(
            label=_("If TLP:RED: who of us may read it"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=list(readers),
            help_text=_("Nobody else here will see that there is such a dossier."),
        ),
        OTHERS: forms.CharField(
            label=_("If TLP:RED: who of the others may read it"),
            required=False,
            max_length=4000,
            widget=forms.Textarea(attrs={"dir": "auto", "rows": 3}),
            help_text=_(
                "One a line: the name of the party, a colon, and the handle that it gave you, as "
                "“Tolmere: p4f2a11”."
            ),
        ),
    }


def field_of(field: FormField, parties: Choices, acts: Choices) -> forms.Field:
    """Return the field of a page for one of a declaration."""
    shared: dict[str, Any] = {
        "label": gettext(field.label),
        "help_text": gettext(field.help) if field.help else "",
        "required": False,
    }
    match field.type:
        case "flag":
            return forms.BooleanField(**shared)
        case "code":
            return _choice(field, [(v, gettext(text)) for v, text in field.choices], shared)
        case "party" | "act":
            return _choice(field, parties if field.type == "party" else acts, shared)
        case "language":
            return _language(field, shared)
        case "instant":
            local = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
            shared["help_text"] = gettext("In your time zone, %(zone)s.") % {
                "zone": timezone.get_current_timezone_name()
            }
            return forms.CharField(widget=local, max_length=25, **shared)
        case _:
            return _typed(field, shared)


def _typed(field: FormField, shared: dict[str, Any]) -> forms.Field:
    """Return a field for words, or for several values, one a line or parted by commas."""
    if field.many:
        several = forms.Textarea(attrs={"dir": "ltr", "rows": 4, "spellcheck": "false"})
        most = ITEM * (field.most or 1)
        return forms.CharField(widget=several, max_length=most, strip=False, **shared)
    widget = forms.Textarea if field.lines else forms.TextInput
    if field.lines and not shared["help_text"]:
        shared["help_text"] = gettext(
            "Blank lines part paragraphs; - begins a line of a list; **strong** stands out."
        )
    # Who writes may write in any language: the browser sees which.
    return forms.CharField(
        widget=widget(attrs={"dir": "auto"}), max_length=field.most, strip=False, **shared
    )


def _language(field: FormField, shared: dict[str, Any]) -> forms.Field:
    """Return a field for the tag of a language: any may be typed, those of pages are offered."""
    attrs = {"list": f"id_{field.name}_offered", "dir": "ltr", "class": "short"}
    found = forms.CharField(
        widget=forms.TextInput(attrs={**attrs, "autocomplete": "off"}), max_length=LIMIT, **shared
    )
    found.offered = [(spelled(code), name) for code, name in settings.LANGUAGES]  # type: ignore[attr-defined]
    return found


LOCAL = "%Y-%m-%dT%H:%M"


def _choice(field: FormField, choices: Choices, shared: dict[str, Any]) -> forms.Field:
    if field.many:
        return forms.MultipleChoiceField(
            widget=forms.CheckboxSelectMultiple, choices=list(choices), **shared
        )
    none = [] if field.required else [("", _("None"))]
    if len(choices) <= FEW:
        return forms.ChoiceField(widget=forms.RadioSelect, choices=[*none, *choices], **shared)
    return forms.ChoiceField(choices=[("", _("Choose one")), *choices], **shared)


def text_of(value: object) -> str:
    """Return what a field of a page gave, as the services read it."""
    if isinstance(value, list):
        return ",".join(value)
    if isinstance(value, bool):
        return "yes" if value else ""
    text = str(value or "")
    try:
        return _utc(text) if _is_local(text) else text
    except OverflowError:
        return text  # The services say that it is no instant.


def _is_local(text: str) -> bool:
    try:
        datetime.strptime(text, LOCAL)  # noqa: DTZ007  the zone is the reader's, below
    except ValueError:
        return False
    return True


def _utc(text: str) -> str:
    """Return a local time of the reader's as the parser takes it."""
    naive = datetime.strptime(text, LOCAL)  # noqa: DTZ007
    local = naive.replace(tzinfo=cast("Any", timezone.get_current_timezone()))
    return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def _local(text: str) -> str:
    """Return an instant as carried, in the reader's zone as its field shows it."""
    try:
        found = datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
        return timezone.localtime(found).strftime(LOCAL)
    except (ValueError, OverflowError):
        return text


def named(rows: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return choices by what they are called."""
    return sorted(rows, key=lambda row: row[1])


def show_errors(form: Form, errors: FormErrors) -> None:
    """Say beside each field of a form what the services found wrong with it."""
    for name, text in errors.errors.items():
        field = {FILES_ERROR: FILES, red.READERS: READERS, opening.MEMBERS: MEMBERS}.get(name, name)
        if field not in form.fields:
            form.add_error(None, said(text))
        elif field == READERS or form.cleaned_data.get(field):
            form.add_error(field, said(text))
        else:
            form.add_error(field, form.missing(field))
