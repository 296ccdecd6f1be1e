"""The shared kernel of the capabilities: types, errors, events, ports."""
