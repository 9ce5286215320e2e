"""What parties share: objects on shelves, and the ways they come and go."""
