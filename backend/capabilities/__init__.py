"""What each capability brings to the house: one declaration each, in `backend.capabilities.registry` all."""
