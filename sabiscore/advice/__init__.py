"""From probabilities to the answer: rounding, markets (other bets), recommendation, stakes, sentences."""
