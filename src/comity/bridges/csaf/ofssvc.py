"""Mandatory tests of decision points of SSVC: 6.1.46 to 6.1.48."""

from __future__ import annotations

from collections.abc import Iterator

from comity.bridges.csaf.lists import Lists
from comity.bridges.csaf.rules import Failures
from comity.bridges.csaf.walk import Found, Json, select
from comity.kernel.errors import Phrase

_SSVC = "vulnerabilities[].metrics[].content.ssvc_v2"
_FREE = {"test", "example"}
"""Registered namespaces in which anything is right."""
_NEVER = {"invalid", "x_invalid"}


def invalid_ssvc(doc: Json, lists: Lists) -> Failures:
    """6.1.46, as far as the parts go that every list of selections has."""
    del lists
    for one in select(doc, _SSVC):
        yield from _has(one, timestamp=str, schemaVersion=str, selections=list)
        if one.value.get("schemaVersion", "2.0.0") != "2.0.0":
            yield one.path, Phrase("The version of SSVC is 2.0.0.")
        for choice in _items(one, "selections"):
            yield from _has(choice, namespace=str, key=str, version=str, values=list)
            for value in _items(choice, "values"):
                yield from _has(value, key=str)


def _has(one: Found, **needed: type) -> Failures:
    value = one.value if isinstance(one.value, dict) else {}
    for name, kind in needed.items():
        if not isinstance(value.get(name), kind) or not value[name]:
            yield one.path, Phrase("SSVC needs {name}.", name=name)


def _items(one: Found, name: str) -> Iterator[Found]:
    items = one.value.get(name) if isinstance(one.value, dict) else None
    for at, item in enumerate(items if isinstance(items, list) else ()):
        yield Found(f"{one.path}.{name}[{at}]", item)


def foreign_ssvc(doc: Json, lists: Lists) -> Failures:
    """6.1.47."""
    del lists
    several, itself = len(doc.get("vulnerabilities", ())) > 1, doc["document"]["tracking"]["id"]
    for one in select(doc, "vulnerabilities[]"):
        known = {one.value.get("cve")} | {each["text"] for each in one.value.get("ids", ())}
        known = known - {itself} if several else known | {itself}
        for metric in one.value.get("metrics", ()):
            for target in _targets(metric):
                # No schema has looked at what it is: it may be any JSON.
                if not isinstance(target, str) or target not in known:
                    told = Phrase("SSVC is about {target}, which is not here.", target=str(target))
                    yield one.path, told


def _targets(metric: Json) -> list[object]:
    targets = metric["content"].get("ssvc_v2", {}).get("target_ids", ())
    return [*targets] if isinstance(targets, list) else []


def unknown_decisions(doc: Json, lists: Lists) -> Failures:
    """6.1.48, by keys: names may be put in other words by an extension, and are not looked at.

    A version that is newer than what the list has of a decision point is taken as it is.
    """
    for one in select(doc, _SSVC):
        for choice in _items(one, "selections"):
            yield from _judged(choice, lists)


def _judged(choice: Found, lists: Lists) -> Failures:
    if [*_has(choice, namespace=str, key=str, version=str, values=list)]:
        return  # 6.1.46 says what is wrong with it.
    namespace, key, version = (choice.value[name] for name in ("namespace", "key", "version"))
    base = namespace.partition("/")[0]
    if (name := base.partition("#")[0]) in _NEVER:
        yield choice.path, Phrase("The namespace {name} is never used.", name=name)
    elif name not in _FREE and lists.decisions.has_namespace(name):
        values = [each.get("key") for each in choice.value["values"] if isinstance(each, dict)]
        why = lists.decisions.why_wrong((base, key), version, values)
        if why:
            yield choice.path, why
