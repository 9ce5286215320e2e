"""OpenPGP (RFC 9580), as far as it is needed here.

For the directory: fingerprints, and where keys are published; ``keys`` and ``wkd`` verify nothing.
For advisories: detached signatures over files (``signatures``), and which keys of a file may make
them (``trusted``). Nothing is encrypted.
"""
