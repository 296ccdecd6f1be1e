"""Sources and citations: numbering, checking and verifying them."""
