"""Reports behind links."""
