"""Language models by name, and the offline answerer that needs none."""
