"""What the model is worth: walk-forward backtest, rivals, betting by the product's own rule, tables and figures."""
