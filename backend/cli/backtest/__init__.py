"""The command `candor backtest`."""
