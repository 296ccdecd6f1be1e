"""What Candor does: one package per capability, one module per verb, one kernel they share."""
