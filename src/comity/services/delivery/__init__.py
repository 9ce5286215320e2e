"""Acts on their way: out of this node, into it, and through it."""
