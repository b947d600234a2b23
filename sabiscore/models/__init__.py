"""The model: heads that give home, draw, away and goals, score grid, calibration, explanation, scores, bundle."""
