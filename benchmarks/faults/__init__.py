"""What a failing Valkey does to those who ask: one table, see `__main__`."""
