"""OpenPGP (RFC 9580), as far as a directory needs it: fingerprints, and where keys are published.

No signature is verified here, and nothing is encrypted.
"""
