"""Every kind of act of a community, and how its header is read."""

from __future__ import annotations

from comity.kernel.declare import reader
from comity.protocols.trust.community.accreditation import ACCREDITATION
from comity.protocols.trust.community.contacts import CONTACTS
from comity.protocols.trust.community.forum import FORUM, Open

ACTS = (*FORUM, *CONTACTS, *ACCREDITATION)
read = reader(Open, *ACTS)
