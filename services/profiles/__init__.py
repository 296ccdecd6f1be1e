"""Domains of advice out of YAML files: the profiles that ship with Candor, and those of an installation."""
