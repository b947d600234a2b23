"""What things cost, measured: one file a question."""
