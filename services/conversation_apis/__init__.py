"""Services that others run for conversations: a summariser, and memories."""
