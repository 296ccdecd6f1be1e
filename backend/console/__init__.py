"""The console: the pages in the browser. It holds no logic of its own, and calls the routes that exist."""
