"""From matches to a bundle: dataset, fit, walk-forward validation, tuning, train."""
