"""The parts of a running Candor, capability by capability; `backend.container` puts them together."""
