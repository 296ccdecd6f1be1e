"""The HTTP interface: middleware, problem responses and the routes."""
