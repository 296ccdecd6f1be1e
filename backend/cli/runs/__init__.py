"""What commands that work off durable runs have in common."""
