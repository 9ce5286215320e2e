"""The outside of a node; its parts know the services and not each other."""
