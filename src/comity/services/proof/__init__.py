"""What shows to others that a thing was said."""
