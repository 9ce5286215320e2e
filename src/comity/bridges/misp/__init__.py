"""Events of MISP as STIX 2.1 and back, after MISP's public mapping (ADR 0031).

``reading`` takes a file of events and gives STIX objects, ``writing`` takes STIX objects and gives
events, ``feed`` is the folder that MISP publishes and subscribes to. What STIX has no place for is
kept beside (``kept``), so that an event comes back as it went; what fails is a Flaw of its own.
"""
