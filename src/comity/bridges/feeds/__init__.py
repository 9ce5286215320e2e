"""Lists that others publish, and the forms in which STIX objects leave.

In: ``kev`` (vulnerabilities known to be exploited) and ``epss`` (how likely each is to be). Out:
``sheet`` (a table), ``suricata`` (rules), ``plain`` (lists by kind), ``bundle``, ``atom`` (news)
and ``static`` (a folder that a stranger can check). Whatever leaves is made for a label, and takes
nothing that is stricter (``bridges.held``).
"""
