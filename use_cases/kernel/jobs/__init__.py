"""Durable jobs: work that outlives its process."""
