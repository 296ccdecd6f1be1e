"""Documents: the folders they lie in, and one reader for each format, behind the ports of knowledge."""
