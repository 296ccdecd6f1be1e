"""The common part of commands that work off durable runs."""
