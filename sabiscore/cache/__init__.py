"""Answers as encoded bytes by key: layers in memory and in Valkey. Never changes an answer, never raises.

Not Litestar's stores: those look up one key at a time, know nothing of stale answers, and raise when a server fails.
"""
