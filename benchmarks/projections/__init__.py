"""What projected tables are worth: see `benchmarks.projections.__main__`."""
