"""Recognising small talk."""
