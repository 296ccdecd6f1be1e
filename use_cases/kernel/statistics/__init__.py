"""The evaluation of stated confidences: pure functions of forecasts and outcomes, stdlib only."""
