"""Sources and citations: their numbers, markers, links and verification."""
