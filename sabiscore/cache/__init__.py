"""Answers kept as encoded bytes under a key. Never changes an answer, never raises."""
