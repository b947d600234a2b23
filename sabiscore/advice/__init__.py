"""From probabilities to the answer: rounding, markets, recommendation, stakes, sentences."""
