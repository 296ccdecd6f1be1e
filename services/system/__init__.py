"""The machine itself as a neighbour: its clock, and ids made from it."""
