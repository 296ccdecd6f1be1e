"""The HTTP door: middleware, problem responses and the routes."""
