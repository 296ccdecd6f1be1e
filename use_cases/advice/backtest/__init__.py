"""Replaying past decisions."""
