"""Use cases: one verb, one function, one short transaction.

The ground all of them stand on is here (the node, its ports, its shares); the rest has a room each.
"""
