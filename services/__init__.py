"""Adapters to Candor's neighbours, a package for each; no adapter imports another."""
