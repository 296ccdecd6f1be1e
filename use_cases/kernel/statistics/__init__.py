"""How good stated confidences were: pure functions of forecasts and outcomes, standard library only."""
