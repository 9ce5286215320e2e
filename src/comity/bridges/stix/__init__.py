"""STIX 2.1: objects read, checked, marked, named and written; bytes in, values or refusals out.

What came is kept byte for byte, and one bad object never fails the others: ``reading`` cuts a batch
into objects, holds each against the schemas (``schemas``) and against what they cannot say
(``musts``), and says of each that failed its id, the place, the rule and the reason.
"""
