"""The parts of a running Candor, capability by capability; `backend.composition.container` puts them together."""
