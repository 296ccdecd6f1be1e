"""The vocabulary that two or more capabilities share: types, errors, events, ports."""
