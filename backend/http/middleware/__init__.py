"""The middleware in front of every route."""
