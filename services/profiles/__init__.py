"""Domains of advice in YAML files: the profiles that ship with Candor, and those of an installation."""
