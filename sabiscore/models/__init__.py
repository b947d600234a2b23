"""The model: a head that gives home, draw, away and goals, score grid, calibration, explanation, bundle."""
