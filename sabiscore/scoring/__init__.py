"""How good probabilities were: what happened, scores, calibration, and how sure that is."""
