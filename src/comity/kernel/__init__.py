"""The kernel: bytes in, a verified value or an exception out.

Pure by rule (ADR 0002): no input or output, no clock, no randomness, no logging, no framework.
It knows the standard library, PyNaCl, cryptography and orjson, and nothing else.
"""
