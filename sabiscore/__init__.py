"""SabiScore: honest football probabilities."""
