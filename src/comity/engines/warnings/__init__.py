"""Lists of what is known to be harmless or everybody's, and whether an indicator is on one.

Their form is that of the MISP warninglists. A hit says that a person should look again before an
indicator is sent or acted upon: an address of a private network, a public resolver, a name that
half the world asks for. It says nothing of the sender, and stops nothing by itself.
"""

from comity.engines.warnings.index import How, Warnings
from comity.engines.warnings.lists import Compared, Hit, Skipped, WarningList, make, read

__all__ = ["Compared", "Hit", "How", "Skipped", "WarningList", "Warnings", "make", "read"]
