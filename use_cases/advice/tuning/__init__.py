"""What experience says of stated confidence: maps, the evidence for them, and thresholds."""
