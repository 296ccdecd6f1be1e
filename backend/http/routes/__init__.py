"""One module of routes for each capability, and those of the server itself."""
