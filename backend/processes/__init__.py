"""The processes of one server: workers, their signals, and how a process shares its time."""
