"""Running an agent: its model calls, tools, text and cancellation."""
