"""The checks of `candor doctor` and of the health route, one module for each subject."""
