"""Fit, walk-forward backtest, report."""
