"""Security advisories: CSAF 2.0 (OASIS Standard) and 2.1 (as of its third committee draft).

``reading`` takes bytes and gives an advisory that was checked: by ``shape``, what the schema asks,
and by ``mandatory``, the tests of section 6.1, one by one. ``advisory`` says what an advisory says
as typed values, ``stix`` as STIX objects, and ``provider`` is the tree of files that publishes it.
"""
