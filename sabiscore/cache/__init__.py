"""Answers as encoded bytes by key: layers in memory and in Valkey. Never changes an answer, never raises."""
