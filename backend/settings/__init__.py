"""The fields of the settings, one group a module; `backend.settings.settings` puts them together."""
