"""Adapters of OpenID Connect providers."""
