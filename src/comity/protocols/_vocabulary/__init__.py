"""Codes that several protocols sign, each with its English label (ADR 0027); and in ``words`` what
people write in most of them.

A protocol knows the kernel, its own folder and these. Codes are frozen with the first version of
a protocol that uses them: others may be added, none changes meaning or goes.
"""
