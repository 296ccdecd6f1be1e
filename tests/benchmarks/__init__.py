"""The scripts that measure: only that they find their data."""
