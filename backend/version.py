"""The version: defined only here; the package reads it."""

VERSION = "0.2.0"
