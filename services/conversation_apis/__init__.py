"""Services that others run for conversations: a summariser, memories, and projects at Linear."""
