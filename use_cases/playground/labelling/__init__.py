"""Labels by people, and the judges that are calibrated by them."""
