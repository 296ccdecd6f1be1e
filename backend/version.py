"""The version: the one place where it stands; the package takes it from here."""

VERSION = "0.1.0"
