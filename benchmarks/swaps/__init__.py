"""What those who ask notice of a swap."""
