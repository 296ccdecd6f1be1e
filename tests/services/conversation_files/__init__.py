"""Files of exported conversations."""
