"""What stands around attributes: organisations, clusters, sightings, references, reports.

Organisations, clusters and relations are derived: MISP's own words for them are kept in the event,
the attribute or the object that has them, and these are made anew of those.
"""

from __future__ import annotations

import re
from typing import Any

from comity.bridges.misp import attributes, kept, marks, shape
from comity.bridges.misp.shape import Element
from comity.bridges.misp.told import Told

_CLUSTERS = (
    ("attack-pattern", "attack-pattern"),
    ("course-of-action", "course-of-action"),
    ("intrusion-set", "intrusion-set"),
    ("threat-actor", "threat-actor"),
    ("microsoft-activity-group", "threat-actor"),
    ("campaign", "campaign"),
    ("branded-vulnerability", "vulnerability"),
    ("sector", "identity"),
    ("tool", "tool"),
    ("rat", "tool"),
    ("malware", "malware"),
    ("malpedia", "malware"),
    ("ransomware", "malware"),
    ("banker", "malware"),
    ("backdoor", "malware"),
    ("botnet", "malware"),
    ("stealer", "malware"),
    ("cryptominers", "malware"),
    ("android", "malware"),
)
"""Ends of the names of galaxies, and the objects of STIX their clusters are."""
_ALIASED = {"intrusion-set", "threat-actor", "campaign", "malware", "tool", "attack-pattern"}
_TECHNIQUE = re.compile(r"T[0-9]{4}(\.[0-9]{3})?")
_INDICATED = {"attack-pattern", "campaign", "intrusion-set", "malware", "threat-actor", "tool"}
_OPINIONS = {"1": "strongly-disagree", "2": "disagree"}
"""Sightings that are none: a false positive, and one that says that it is over."""


def organisation(told: Told, element: object, of: Element) -> str:
    """Take in an organisation that ``of`` names; return its id, "" where it names none."""
    if not isinstance(element, dict) or not shape.text(element, "uuid"):
        return ""
    made = told.derived("identity", shape.uuid(element), of)
    made.pop("created_by_ref", None)
    name = shape.text(element, "name") or shape.uuid(element)
    return told.add(made | {"name": name, "identity_class": "organization"})


def clusters(told: Told, element: Element, of: str = "", whole: Element | None = None) -> list[str]:
    """Take in the clusters of an element's galaxies, related to ``of``; return their ids.

    They are marked as the element, or as the ``whole`` that it is a part of.
    """
    under = element if whole is None else whole
    found = []
    for galaxy in shape.elements(element, "Galaxy"):
        for cluster in shape.elements(galaxy, "GalaxyCluster"):
            if id_ := _cluster(told, galaxy, cluster, under):
                found.append(id_)
                if of:
                    _relate(told, under, (of, _verb(of, id_), id_))
    return list(dict.fromkeys(found))


def _verb(source: str, target: str) -> str:
    of = target.partition("--")[0]
    return "indicates" if source.startswith("indicator--") and of in _INDICATED else "related-to"


def _relate(told: Told, of: Element, ends: tuple[str, str, str], uuid: str = "") -> None:
    made = told.derived("relationship", uuid or marks.made(*ends), of)
    names = ("source_ref", "relationship_type", "target_ref")
    told.add(made | dict(zip(names, ends, strict=True)))


def _cluster(told: Told, galaxy: Element, cluster: Element, under: Element) -> str:
    """Take a cluster in; "" where STIX has no word for its galaxy."""
    kind = (shape.text(cluster, "type") or shape.text(galaxy, "type")).lower()
    type_ = next((type_ for end, type_ in _CLUSTERS if kind.endswith(end)), "")
    name = shape.text(cluster, "value")
    if not type_ or not name:
        return ""
    uuid = shape.text(cluster, "uuid").lower()
    # A cluster of ATT&CK has the UUID of MITRE's own object, of which this is no version.
    own = shape.is_uuid(uuid) and not kind.startswith("mitre-")
    made = told.derived(type_, uuid if own else marks.made("cluster", kind, uuid or name), under)
    made |= {"name": name} | _cluster_says(type_, cluster)
    if refs := _references(kind, name, cluster):
        made["external_references"] = refs
    return told.add(made)


def _cluster_says(type_: str, cluster: Element) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if description := shape.text(cluster, "description"):
        made["description"] = description
    aliases = [each for each in _meta(cluster, "synonyms") if each]
    if aliases and type_ in _ALIASED:
        made["aliases"] = aliases
    if type_ == "malware":
        made["is_family"] = True
    if type_ == "identity":
        made["identity_class"] = "class"
    return made


def _meta(cluster: Element, name: str) -> list[str]:
    meta = cluster.get("meta")
    found = meta.get(name) if isinstance(meta, dict) else None
    several = found if isinstance(found, list) else [found]
    return list(dict.fromkeys(each for each in several if isinstance(each, str)))


def _references(kind: str, name: str, cluster: Element) -> list[dict[str, str]]:
    ids = _meta(cluster, "external_id") or [name.rpartition(" - ")[2]]
    found = [
        {"source_name": "mitre-attack", "external_id": each}
        for each in ids
        if kind.startswith("mitre-") and _TECHNIQUE.fullmatch(each)
    ]
    urls = [each for each in _meta(cluster, "refs") if re.match(r"https?://\S+$", each)]
    return found + [{"source_name": "misp-galaxy", "url": each} for each in urls[:50]]


def references(told: Told, element: Element) -> None:
    """Relate an object to what it refers to in the event."""
    source = told.known[shape.uuid(element)]
    for reference in shape.elements(element, "ObjectReference"):
        target = told.known.get(shape.text(reference, "referenced_uuid").lower())
        verb = re.sub("[^a-z0-9]+", "-", shape.text(reference, "relationship_type").lower())
        uuid = shape.text(reference, "uuid").lower()
        if target and not shape.flag(reference, "deleted"):
            own = uuid if shape.is_uuid(uuid) else ""
            _relate(told, element, (source, verb.strip("-") or "related-to", target), own)


def sightings(
    told: Told, element: Element, of: str, path: str, whole: Element | None = None
) -> None:
    """Take in the sightings of an element, whose object is ``of``; each has its own verdict.

    They are marked as the element, or as the ``whole`` that it is a part of.
    """
    under = element if whole is None else whole
    uuid = shape.uuid(element)
    for number, sighting in enumerate(shape.items(element, "Sighting")):
        with told.part(f"{path}.Sighting[{number}]", sighting):
            told.add(_sighting(told, shape.require_element(sighting), under, of) | {kept.OF: uuid})


def _sighting(told: Told, sighting: Element, under: Element, of: str) -> dict[str, Any]:
    kind = shape.text(sighting, "type") or "0"
    made = told.head("sighting" if kind == "0" else "opinion", sighting, "date_sighting")
    told.once(shape.uuid(sighting))
    # A sighting is known when it is made, and changes no more.
    made |= {"created": made["modified"]} | told.marking(under)
    org = organisation(told, sighting.get("Organisation"), under)
    if kind == "0":
        made |= {"sighting_of_ref": of, "count": 1}
        made |= {"first_seen": made["modified"], "last_seen": made["modified"]}
        made |= {"where_sighted_refs": [org]} if org else {}
    else:
        made |= {"opinion": _OPINIONS.get(kind, "neutral"), "object_refs": [of]}
        made |= {"explanation": "False positive" if kind == "1" else "Expiration"}
    return made | kept.beside(sighting, sighting_said(made), ())


def sighting_said(made: Element) -> dict[str, Any]:
    """Return the fields of a sighting that its object tells."""
    kinds = {opinion: kind for kind, opinion in _OPINIONS.items()}
    kind = "0" if made["type"] == "sighting" else kinds.get(str(made.get("opinion")), "")
    return {
        "uuid": str(made["id"]).partition("--")[2],
        "type": kind,
        "date_sighting": str(attributes.seconds_of(made)),
    }


def report(told: Told, element: Element, event: str) -> None:
    """Take in a report that people wrote on the event, as a note."""
    made = told.head("note", element)
    told.once(shape.uuid(element))
    made |= {"abstract": shape.text(element, "name"), "content": shape.text(element, "content")}
    made["object_refs"] = [event]
    if shape.flag(element, "deleted"):
        made["revoked"] = True
    told.add(made | kept.beside(element, report_said(made), ()))


def report_said(made: Element) -> dict[str, Any]:
    """Return the fields of a report that its note tells."""
    return {
        "uuid": str(made["id"]).partition("--")[2],
        "name": made.get("abstract", ""),
        "content": made.get("content", ""),
        "timestamp": str(attributes.seconds_of(made)),
        "deleted": made.get("revoked") is True,
    }
