"""The use cases: one package per capability, one module per verb, one shared kernel."""
