"""Tests of the adapter of OpenID Connect providers."""
