"""The processes of one server: workers, their signals, and their scheduling."""
