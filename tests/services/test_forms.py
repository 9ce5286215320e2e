"""Forms made from declarations carry every act of every protocol, and say what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.engines.instants import rfc3339
from comity.kernel import canon, manifest
from comity.kernel.canon import Object, Value
from comity.kernel.errors import Refusal, Void
from comity.kernel.fieldtypes import Code, FieldType, Instant, Many, Text, Whole
from comity.kernel.ids import PartyId
from comity.kernel.kinds import read_body
from comity.kernel.protocol import ActKind, Field, Files, When
from comity.protocols.response.incident import PROTOCOL
from comity.protocols.response.incident.acts import Acknowledge, Close, HandOver, Inform, Open
from comity.protocols.response.incident.assistance import Answer, Ask
from comity.protocols.response.incident.deconfliction import Intend
from comity.services.casework import audiences, forms, targets
from comity.services.casework.forms import REFS, Filled, FormErrors, FormField, Place
from comity.services.casework.kernelkinds import FILLED_IN, JOIN, NOTE, RELEASE
from tests.kernel.world import Party, digest, open_dossier
from tests.protocols.strategies import bodies
from tests.protocols.table import Table
from tools.vectors import all_protocols

EVERY_KIND = [
    pytest.param(kind, id=f"{place}-{kind.kind}")
    for place, protocol in all_protocols().items()
    for kind in (protocol.opening, *protocol.acts)
] + [pytest.param(kind, id=f"kernel-{kind.kind}") for kind in FILLED_IN]
every_kind = pytest.mark.parametrize("kind", EVERY_KIND)

COUNTS = ActKind(
    "count",
    "Count",
    "Counted",
    body=(
        Field("size", Whole(1, 9), "Size"),
        Field("of", Many(Code({"a": "A", "b": "B"}), most=2), "Of", "Which ones.", required=False),
    ),
)
PARTY, ACT = digest("a party"), digest("an act")


def errors(kind: ActKind, texts: dict[str, str], **kwargs: Any) -> dict[str, str]:
    with pytest.raises(FormErrors) as caught:
        forms.parse(kind, texts, **kwargs)
    assert str(caught.value) == "; ".join(caught.value.errors.values())
    return caught.value.errors


# What a form shows


def test_a_form_says_what_to_fill_in() -> None:
    form = forms.form(Answer.KIND, PROTOCOL)
    assert (form.kind, form.label, form.clause) == ("answer", "Answer", PROTOCOL.clause)
    assert form.help.startswith("Say whether you will help")
    assert (form.files, form.batch) == (Files.MAY, False)
    assert [(f.name, f.place, f.type, f.required) for f in form.fields] == [
        ("refs", Place.REFS, "act", True),
        ("result", Place.BODY, "code", True),
        ("when", Place.BODY, "instant", False),
        ("reason", Place.BODY, "code", False),
        ("text", Place.CONTENT, "text", False),
        ("lang", Place.LANGUAGE, "language", False),
    ]
    refs, result, when, reason, text, _ = form.fields
    assert (refs.label, refs.many, refs.most) == ("What you answer", False, 1)
    assert result.choices[2] == ("partly", "partly done")
    assert when.when == When("result", ("will",))
    assert reason.when == When("result", ("partly", "cannot"))
    assert (text.lines, text.most, text.choices) == (True, 20_000, ())


def test_a_form_of_what_cites_nothing_asks_for_no_citation() -> None:
    form = forms.form(Open.KIND)
    assert [f.name for f in form.fields] == ["rsit", "occurred", "title", "text", "lang"]
    assert not form.fields[2].lines
    assert forms.form(Inform.KIND).batch
    assert form.clause == ""


def test_a_list_is_shown_by_its_items() -> None:
    size, of = forms.form(COUNTS).fields
    assert (size.type, size.many, size.most) == ("number", False, None)
    assert of == FormField(
        "of", Place.BODY, "code", "Of", "Which ones.", required=False,
        choices=(("a", "A"), ("b", "B")), many=True, most=2,
    )  # fmt: skip


def test_kinds_to_choose_from_end_with_the_kernels() -> None:
    names = [kind.kind for kind in forms.kinds_of(PROTOCOL)]
    assert names[:2] == ["inform", "acknowledge"]
    assert {"invite", "join", "leave"} < set(names)
    assert "charter" not in names


def test_what_may_be_cited_is_listed_newest_first() -> None:
    table = Table(PROTOCOL)
    table.open()
    first = table.say("orvanda", Inform())
    second = table.say("orvanda", HandOver())
    table.say("tolmere", "inform", body={"bad": 1})
    past = table.seen.now()
    assert [node.id for node in forms.citable(Inform.KIND, past)] == [second.id, first.id]
    assert forms.citable(Ask.KIND, past) == []


# Reading what a person wrote


def test_a_filled_form_is_a_body_content_and_citations() -> None:
    texts = {"refs": ACT, "result": "partly", "reason": "law", "text": " We may not. "}
    assert forms.parse(Answer.KIND, texts) == Filled(
        body={"result": "partly", "reason": "law"}, content={"text": "We may not."}, refs=(ACT,)
    )


def test_blank_fields_are_left_out() -> None:
    texts = {"refs": f" {ACT} ,", "result": "done", "reason": " ", "text": ""}
    assert forms.parse(Answer.KIND, texts) == Filled({"result": "done"}, {}, (ACT,))


@pytest.mark.parametrize(("text", "body"), [("yes", {"ack_wanted": True}), ("no", {}), ("Off", {})])
def test_a_flag_that_is_not_set_is_left_out(text: str, body: Object) -> None:
    assert forms.parse(Inform.KIND, {"ack_wanted": text, "text": "News."}).body == body


def test_every_error_names_its_field_and_what_to_do() -> None:
    assert errors(Ask.KIND, {"to": "Orvanda", "due": "tomorrow", "urgent": "yes"}) == {
        "to": "Whom you ask: the id of a party has 64 lower-case hexadecimal digits.",
        "verb": f"What you ask for: choose one of {', '.join(_verbs())}.",
        "due": "Answer needed by: write a date and time with its zone, as in 2026-05-03T02:40Z.",
        "text": "Text: fill this in.",
        "urgent": "There is no field 'urgent' here; leave it out.",
    }


def _verbs() -> list[str]:
    verb = Ask.KIND.body[1].type
    assert isinstance(verb, Code)
    return [*verb.choices]


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ({"result": "partly"}, {"reason": "Why: choose one of ongoing, "}),
        ({"result": "done", "reason": "law"}, {"reason": "Why: leave this out; it goes with"}),
        (
            {"result": "never", "reason": "law"},
            {"result": "Result: 'never' is not one of will, done, "},
        ),
        ({"reason": "law"}, {"result": "Result: choose one of will, done, partly, cannot."}),
    ],
)
def test_a_field_that_depends_on_another_follows_it(
    texts: dict[str, str], says: dict[str, str]
) -> None:
    found = errors(Answer.KIND, {"refs": ACT, **texts})
    assert found.keys() == says.keys()
    for name, start in says.items():
        assert found[name].startswith(start)


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        (Answer.KIND, "", "What you answer: name one message."),
        (Answer.KIND, f"{ACT},{PARTY}", "What you answer: name one message."),
        (Answer.KIND, "4f2a", "What you answer: the id of a act has 64"),
        (Acknowledge.KIND, "", "What you acknowledge: name 1 to 32 messages."),
        (
            Inform.KIND,
            ",".join(digest(str(n)) for n in range(33)),
            "Belongs to: name at most 32 messages.",
        ),
    ],
)
def test_citations_are_counted(kind: ActKind, text: str, says: str) -> None:
    texts = {"refs": text, "as": "read", "result": "done", "text": "News."}
    known = {f.name for f in forms.form(kind).fields}
    found = errors(kind, {name: text for name, text in texts.items() if name in known})
    assert found.keys() == {REFS}
    assert found[REFS].startswith(says)


def test_an_act_named_twice_is_cited_once() -> None:
    texts = {"refs": f"{ACT}, {PARTY}, {ACT}", "as": "read"}
    assert forms.parse(Acknowledge.KIND, texts).refs == (ACT, PARTY)


def find(what: str, text: str) -> str:
    """Find what stands in two lists, by name or by first digits."""
    if (what, text) == ("party", "tolmere"):
        return PARTY
    if (what, text) == ("act", ACT[:4]) or text == ACT:
        return ACT
    raise Refusal("S3", f"There is no such {what} here.", text)


def test_names_and_first_digits_are_looked_up() -> None:
    texts = {"to": "tolmere", "verb": "other", "text": "Call us."}
    assert forms.parse(Ask.KIND, texts, find).body == {"to": [PARTY], "verb": "other"}
    texts = {"refs": f"{ACT[:4]},{ACT}", "as": "read"}
    assert forms.parse(Acknowledge.KIND, texts, find).refs == (ACT,)
    assert forms.parse(RELEASE, {"acts": f"{ACT[:4]},{ACT}", "to": "tolmere"}, find).body == {
        "acts": [ACT],
        "to": PARTY,
    }
    assert forms.parse(JOIN, {"invite": ACT[:4]}, find).body == {"invite": ACT}


def test_what_is_not_found_is_an_error_of_its_field() -> None:
    texts = {"to": "nobody", "verb": "other", "text": "Call us."}
    assert errors(Ask.KIND, texts, find=find) == {
        "to": "Whom you ask: There is no such party here."
    }
    texts = {"refs": "beef", "as": "read"}
    assert errors(Acknowledge.KIND, texts, find=find) == {
        "refs": "What you acknowledge: There is no such act here."
    }


def test_what_is_found_is_checked_all_the_same() -> None:
    found = errors(JOIN, {"invite": "x"}, find=lambda _what, _text: "not an id")
    assert found == {"invite": "Invitation: the id of a act has 64 lower-case hexadecimal digits."}


@pytest.mark.parametrize(
    ("kind", "texts", "files", "batch", "says"),
    [
        (HandOver.KIND, {}, 0, False, "Hand over files: add at least one file."),
        (Close.KIND, {"refs": ACT, "outcome": "moved"}, 1, False, "files cannot be sent with this"),
        (Ask.KIND, {"to": PARTY, "verb": "other"}, 0, True, "a batch of objects cannot be sent"),
        (Inform.KIND, {}, 1, True, "Inform: send files and a batch of objects apart."),
    ],
)
def test_files_go_where_they_may(
    kind: ActKind, texts: dict[str, str], files: int, batch: Any, says: str
) -> None:
    found = errors(kind, texts, files=files, batch=batch)
    assert found.keys() == {"files"}
    assert says in found["files"]


def test_files_and_batches_may_go_where_they_are_declared() -> None:
    assert forms.parse(HandOver.KIND, {}, files=2) == Filled({}, {}, ())
    assert forms.parse(Inform.KIND, {}, batch=True) == Filled({}, {}, ())
    assert errors(Inform.KIND, {"text": "News."}, batch=True).keys() == {"text"}
    assert errors(Inform.KIND, {}, files=1).keys() == {"text"}
    assert forms.parse(NOTE, {"text": "News."}, files=1).content == {"text": "News."}


def written(type_: FieldType[object], value: Value) -> str:
    """The way a person writes a value."""
    if isinstance(type_, Many) and isinstance(value, list):
        return ", ".join(written(type_.of, item) for item in value)
    if isinstance(type_, Instant) and isinstance(value, int):
        return rfc3339(value)
    return "yes" if value is True else str(value)


@every_kind
@given(data=st.data())
def test_whatever_can_be_said_can_be_filled_in(kind: ActKind, data: st.DataObject) -> None:
    body, content = data.draw(bodies(kind.body)), data.draw(bodies(kind.content))
    least = 0 if kind.refs is None else kind.refs.least
    refs = tuple(digest(str(n)) for n in range(least))
    types = {f.name: f.type for f in (*kind.body, *kind.content)}
    told = audiences.told_field(kind)
    named: tuple[PartyId, ...] = ()
    if told is not None:
        content = {"other": "More.", **content}
        body = {**body, told.name: [*sorted(content.keys() - {"leaver"})]}
    if kind is Intend.KIND:
        content["observables"] = "198.51.100.7\npanel[.]example"
        body["targets"] = [*targets.hashes("panel.example, 198.51.100.7/32")]
    made = {f.name for f in kind.body} - {f.name for f in forms.asked_of(kind)}
    typed = {n: v for n, v in (body | content).items() if n not in made}
    texts = {n: written(types[n], v) for n, v in typed.items()} | {"refs": ",".join(refs)}
    if audiences.narrows(kind) and body["visibility"] == "named":
        named = (PartyId(digest("party")),)
        texts["named"] = named[0]
    filled = forms.parse(kind, texts, files=1 if kind.files is Files.MUST else 0)
    assert filled == Filled(body, content, refs, named=named)
    assert kind.read(filled.body) == body
    canon.dump(filled.body)
    assert manifest.build(filled.content).to_bytes()


KERNEL_TEXTS: dict[str, dict[str, str]] = {
    "invite": {"party": PARTY},
    "join": {"invite": ACT},
    "decline": {"invite": ACT},
    "leave": {},
    "note": {"text": "News."},
    "release": {"acts": f"{ACT}", "to": PARTY},
    "erase": {"act": ACT, "stage": "asked", "reason": "law"},
}


@pytest.mark.parametrize("kind", FILLED_IN, ids=lambda kind: kind.kind)
def test_the_kernel_reads_what_its_forms_give(kind: ActKind) -> None:
    author = Party("orvanda")
    dossier = open_dossier(author)
    filled = forms.parse(kind, KERNEL_TEXTS[kind.kind])
    assert read_body(author.say(dossier, kind.kind, filled.body).header)


# Schemas


def holds(schema: Any, value: Any) -> bool:
    """A reading of JSON Schema just large enough for the schemas here."""
    if isinstance(schema, bool):
        return schema
    return all(
        CHECKS[word](given, value, schema) for word, given in schema.items() if word in CHECKS
    )


def _if(given: Any, value: Any, schema: Any) -> bool:
    return holds(schema["then"] if holds(given, value) else schema["else"], value)


TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
CHECKS: dict[str, Callable[[Any, Any, Any], bool]] = {
    "type": lambda g, v, _: isinstance(v, TYPES[g]) and not (g == "integer" and v is True),
    "enum": lambda g, v, _: v in g,
    "const": lambda g, v, _: v is g,
    "minimum": lambda g, v, _: v >= g,
    "maximum": lambda g, v, _: v <= g,
    "minLength": lambda g, v, _: len(v) >= g,
    "maxLength": lambda g, v, _: len(v) <= g,
    "pattern": lambda g, v, _: re.search(g, v) is not None,
    "minItems": lambda g, v, _: len(v) >= g,
    "maxItems": lambda g, v, _: len(v) <= g,
    "uniqueItems": lambda _, v, __: len(set(v)) == len(v),
    "items": lambda g, v, _: all(holds(g, item) for item in v),
    "required": lambda g, v, _: set(g) <= v.keys(),
    "properties": lambda g, v, _: all(holds(g[n], i) for n, i in v.items() if n in g),
    "additionalProperties": lambda g, v, s: g or v.keys() <= s["properties"].keys(),
    "allOf": lambda g, v, _: all(holds(item, v) for item in g),
    "if": _if,
}


def is_read(kind: ActKind, body: Object) -> bool:
    try:
        kind.read(body)
    except Void:
        return False
    return True


@every_kind
@given(data=st.data())
def test_the_schema_allows_what_the_kind_allows(kind: ActKind, data: st.DataObject) -> None:
    schema = forms.schema(kind)
    properties = cast("dict[str, Any]", schema["properties"])
    body = data.draw(bodies(kind.body, wrong=True))
    assert _holds_safely(properties["body"], body) == is_read(kind, body)
    assert holds(properties["content"], data.draw(bodies(kind.content)))
    least = 0 if kind.refs is None else kind.refs.least
    refs = [digest(str(n)) for n in range(least)]
    assert holds(properties["refs"], refs)
    one = kind.refs is not None and kind.refs.least <= 1 <= kind.refs.most
    assert holds(properties["refs"], [ACT]) == one


def _holds_safely(schema: Object, body: Object) -> bool:
    """A wrong type fails the word ``type``, which need not be looked at first."""
    try:
        return holds(schema, body)
    except TypeError:
        return False


def test_a_schema_says_when_a_field_is_due() -> None:
    schema = forms.schema(Answer.KIND)
    body = cast("dict[str, Any]", schema["properties"])["body"]
    assert schema["title"] == "Answer"
    assert body["required"] == ["result"]
    assert body["allOf"] == [
        {
            "if": {"properties": {"result": {"enum": ["will"]}}, "required": ["result"]},
            "then": {"required": ["when"]},
            "else": {"properties": {"when": False}},
        },
        {
            "if": {
                "properties": {"result": {"enum": ["partly", "cannot"]}},
                "required": ["result"],
            },
            "then": {"required": ["reason"]},
            "else": {"properties": {"reason": False}},
        },
    ]
    assert body["properties"]["result"]["title"] == "Result"
    assert "description" not in body["properties"]["result"]
    asked = cast("dict[str, Any]", forms.schema(Ask.KIND)["properties"])["body"]["properties"]
    assert asked["due"]["description"] == "With its zone, as in 2026-05-03T18:00Z."


def test_text_of_content_is_what_a_manifest_takes() -> None:
    texts = {"text": "one\r\ntwo", "title": "A harbour"}
    assert forms.parse(Open.KIND, texts).content["text"] == "one\ntwo"
    found = errors(Open.KIND, {"text": "a\x1b[2Jb", "title": "A\nharbour"})
    assert found == {
        "text": "Text: take out the control characters.",
        "title": "Title: write a single line.",
    }
    assert isinstance(Open.KIND.content[0].type, Text)
