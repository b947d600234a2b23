"""From probabilities to what a person acts on: rounded figures, confidence, recommendation, reasons."""
