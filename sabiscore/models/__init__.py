"""Array in, probabilities out; and the bundle they travel in."""
