"""Heads, score grid, calibration, explanation, scores, and the bundle they travel in."""
