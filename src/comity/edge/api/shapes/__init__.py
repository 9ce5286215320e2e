"""What the API takes and gives, as JSON: one class per shape, named in its description."""
