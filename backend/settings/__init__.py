"""The fields of the settings, in groups; `backend.settings.settings` puts them together."""
