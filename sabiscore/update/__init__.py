"""The one writer: new matches in, a new bundle with the same heads out, published or nothing changed."""
