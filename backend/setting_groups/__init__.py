"""The fields of the settings, one group a module; `backend.settings` puts them together."""
