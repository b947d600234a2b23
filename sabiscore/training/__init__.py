"""Fit, validation, tuning, evaluation, backtest."""
