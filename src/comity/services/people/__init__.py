"""The people of this party: who may sign in, see and say what, and what they did."""
