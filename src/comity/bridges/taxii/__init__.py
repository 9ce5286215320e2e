"""TAXII 2.1 as text and bytes: what a request asks, and what it is answered.

As in the OASIS Standard of 10 June 2021; numbers of sections are its own. What the text leaves open
is decided in docs/reference/taxii.md.
"""
