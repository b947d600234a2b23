"""Fixtures of a season, played and to come: the table, what it may become, and the clubs in it."""
