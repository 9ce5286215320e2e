"""What parties share: circles, the objects on their shelves, and who may read which."""
