"""The mandatory tests of CSAF 2.0 and 2.1 (sections 6.1), as a table."""

from __future__ import annotations

from collections.abc import Iterator

from comity.bridges.csaf import (
    extensions,
    later,
    ofdocument,
    ofproducts,
    ofscores,
    ofssvc,
    profiles,
    ranges,
)
from comity.bridges.csaf.lists import Lists
from comity.bridges.csaf.profiles import of
from comity.bridges.csaf.rules import Fault, Test
from comity.bridges.csaf.walk import Json

_NEW = ("2.1",)
_OUT = "informational_advisory security_incident_response"
_FULL = "security_advisory vex deprecated_security_advisory"
_GONE = "withdrawn superseded"

TESTS: tuple[Test, ...] = (
    Test("6.1.1", "Missing Definition of Product ID", ofproducts.undefined_products),
    Test("6.1.2", "Multiple Definition of Product ID", ofproducts.repeated_products),
    Test("6.1.3", "Circular Definition of Product ID", ofproducts.circular_products),
    Test("6.1.4", "Missing Definition of Product Group ID", ofproducts.undefined_groups),
    Test("6.1.5", "Multiple Definition of Product Group ID", ofproducts.repeated_groups),
    Test("6.1.6", "Contradicting Product Status", ofproducts.contradicting_states),
    Test("6.1.7", "Multiple Scores with same Version per Product", ofproducts.repeated_scores),
    Test("6.1.8", "Invalid CVSS", ofscores.invalid_scores),
    Test("6.1.9", "Invalid CVSS computation", ofscores.miscomputed_scores),
    Test("6.1.10", "Inconsistent CVSS", ofscores.contradicted_vectors),
    Test("6.1.11", "CWE", ofscores.unknown_weaknesses),
    Test("6.1.12", "Language", ofdocument.unknown_languages),
    Test("6.1.13", "PURL", ofproducts.invalid_purls),
    Test("6.1.14", "Sorted Revision History", ofdocument.unsorted_history),
    Test("6.1.15", "Translator", ofdocument.untold_source),
    Test("6.1.16", "Latest Document Version", ofdocument.stale_version),
    Test("6.1.17", "Document Status Draft", ofdocument.undrafted),
    Test("6.1.18", "Released Revision History", ofdocument.drafts_in_history),
    Test(
        "6.1.19",
        "Revision History Entries for Pre-release Versions",
        ofdocument.prereleases_in_history,
    ),
    Test("6.1.20", "Non-draft Document Version", ofdocument.prerelease),
    Test("6.1.21", "Missing Item in Revision History", ofdocument.missing_revisions),
    Test("6.1.22", "Multiple Definition in Revision History", ofdocument.repeated_revisions),
    Test("6.1.23", "Multiple Use of Same CVE", ofdocument.repeated_cves),
    Test("6.1.24", "Multiple Definition in Involvements", ofdocument.repeated_involvements),
    Test("6.1.25", "Multiple Use of Same Hash Algorithm", ofproducts.repeated_algorithms),
    Test("6.1.26", "Prohibited Document Category Name", profiles.disguised_profile),
    Test("6.1.27.1", "Document Notes", of(_OUT, profiles.notes)),
    Test("6.1.27.2", "Document References", of(_OUT, profiles.references)),
    Test(
        "6.1.27.3",
        "Vulnerabilities",
        of(f"informational_advisory {_GONE}", profiles.absent("vulnerabilities")),
    ),
    Test("6.1.27.4", "Product Tree", of(_FULL, profiles.present("product_tree"))),
    Test("6.1.27.5", "Vulnerability Notes", of(_FULL, profiles.each_has("notes"))),
    Test(
        "6.1.27.6",
        "Product Status",
        of("security_advisory deprecated_security_advisory", profiles.each_has("product_status")),
    ),
    Test("6.1.27.7", "VEX Product Status", of("vex", profiles.vex_states)),
    Test("6.1.27.8", "Vulnerability ID", of("vex", profiles.identified)),
    Test("6.1.27.9", "Impact Statement", of("vex", profiles.impacts)),
    Test("6.1.27.10", "Action Statement", of("vex", profiles.actions)),
    Test("6.1.27.11", "Vulnerabilities", of(_FULL, profiles.present("vulnerabilities"))),
    Test(
        "6.1.27.12",
        "Affected Products",
        of("security_advisory", profiles.each_has("known_affected", inside="product_status")),
        _NEW,
    ),
    Test(
        "6.1.27.13",
        "Corresponding Affected Products",
        of("security_advisory", profiles.fixed_was_affected),
        _NEW,
    ),
    Test("6.1.27.14", "Document Notes", of(_GONE, profiles.described), _NEW),
    Test("6.1.27.15", "Product Tree", of(_GONE, profiles.absent("product_tree")), _NEW),
    Test("6.1.27.16", "Revision History", of(_GONE, profiles.revised), _NEW),
    Test(
        "6.1.27.17",
        "Reasoning for Withdrawal",
        of("withdrawn", profiles.reasoned("Reasoning for Withdrawal")),
        _NEW,
    ),
    Test(
        "6.1.27.18",
        "Reasoning for Supersession",
        of("superseded", profiles.reasoned("Reasoning for Supersession")),
        _NEW,
    ),
    Test(
        "6.1.27.19",
        "Reference to Superseding Document",
        of("superseded", profiles.superseding),
        _NEW,
    ),
    Test("6.1.28", "Translation", ofdocument.untranslated),
    Test(
        "6.1.29",
        "Remediation without Product Reference",
        ofproducts.unnamed("vulnerabilities[].remediations[]"),
    ),
    Test("6.1.30", "Mixed Integer and Semantic Versioning", ofdocument.mixed_versions),
    Test("6.1.31", "Version Range in Product Version", ofproducts.ranges_as_versions),
    Test(
        "6.1.32",
        "Flag without Product Reference",
        ofproducts.unnamed("vulnerabilities[].flags[]"),
    ),
    Test(
        "6.1.33",
        "Multiple Flags with VEX Justification Codes per Product",
        ofproducts.repeated_flags,
    ),
    Test("6.1.34", "Branches Recursion Depth", later.deep_branches, _NEW),
    Test("6.1.35", "Contradicting Remediations", later.contradicting_remedies, _NEW),
    Test(
        "6.1.36",
        "Contradicting Product Status Remediation Combination",
        later.misplaced_remedies,
        _NEW,
    ),
    Test("6.1.37", "Date and Time", later.odd_times, _NEW),
    Test(
        "6.1.38",
        "Non-Public Sharing Group with Max UUID",
        later.public_group_of_closed_document,
        _NEW,
    ),
    Test(
        "6.1.39",
        "Public Sharing Group with No Max UUID",
        later.closed_group_of_public_document,
        _NEW,
    ),
    Test("6.1.40", "Invalid Sharing Group Name", later.reserved_group_name, _NEW),
    Test("6.1.41", "Missing Sharing Group Name", later.unnamed_reserved_group, _NEW),
    Test("6.1.42", "PURL Qualifiers", later.differing_purls, _NEW),
    Test("6.1.43", "Use of Multiple Stars in Model Number", later.starred("model_numbers"), _NEW),
    Test("6.1.44", "Use of Multiple Stars in Serial Number", later.starred("serial_numbers"), _NEW),
    Test(
        "6.1.45",
        "Inconsistent Disclosure Date",
        later.dated_ahead(("vulnerabilities[].disclosure_date",), clear=True),
        _NEW,
    ),
    Test("6.1.46", "Invalid SSVC", ofssvc.invalid_ssvc, _NEW),
    Test("6.1.47", "Inconsistent SSVC Target IDs", ofssvc.foreign_ssvc, _NEW),
    Test("6.1.48", "SSVC Decision Points", ofssvc.unknown_decisions, _NEW),
    Test(
        "6.1.49",
        "Inconsistent SSVC Timestamp",
        later.dated_ahead(("vulnerabilities[].metrics[].content.ssvc_v2.timestamp",)),
        _NEW,
    ),
    Test("6.1.50", "Product Version Range Rules", ranges.invalid_ranges, _NEW),
    Test(
        "6.1.51",
        "Inconsistent EPSS Timestamp",
        later.dated_ahead(("vulnerabilities[].metrics[].content.epss.timestamp",)),
        _NEW,
    ),
    Test(
        "6.1.52",
        "Inconsistent First Known Exploitation Dates",
        later.dated_ahead(
            (
                "vulnerabilities[].first_known_exploitation_dates[].date",
                "vulnerabilities[].first_known_exploitation_dates[].exploitation_date",
            )
        ),
        _NEW,
    ),
    Test("6.1.53", "Inconsistent Exploitation Date", later.exploited_after_said, _NEW),
    Test("6.1.54", "License Expression", ranges.invalid_licence, _NEW),
    Test("6.1.55", "License Text", ranges.untold_licence, _NEW),
    Test("6.1.56", "Use of CVSS and Qualitative Severity Rating", later.rated_twice, _NEW),
    Test("6.1.57", "Stacked Branch Categories", later.stacked_branches, _NEW),
    Test(
        "6.1.58",
        "Use of product_version in one Path with product_version_range",
        later.version_and_range,
        _NEW,
    ),
    Test("6.1.59", "Single Version as Product Version Range", ranges.single_versions, _NEW),
    Test("6.1.60.1", "Content Schema", extensions.invalid_extensions, _NEW),
    Test("6.1.61", "Use of Multiple Stars in SKU", later.starred("skus"), _NEW),
)
"""Every test that is made here, in the order of the standard."""

UNSUPPORTED = ("6.1.60.2", "6.1.60.3")
"""Tests of extensions by schemas and metadata of their own. None is supported here, which 2.1
answers by a warning for each extension: see ``extensions.unsupported``.
"""


def run(doc: Json, lists: Lists) -> Iterator[Fault]:
    """Yield each failure of a document whose structure was checked."""
    version = doc["document"]["csaf_version"]
    for test in TESTS:
        if version in test.versions:
            for path, reason in test.check(doc, lists):
                yield Fault(test.number, path, reason)
