"""The living directory: who speaks for whom, and how to reach them."""
