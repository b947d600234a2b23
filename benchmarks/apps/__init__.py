"""What is measured beside ours: one module a contender, and the predictor they share."""
