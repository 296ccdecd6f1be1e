"""Work beside the requests: the queue of orders within a process, and on PostgreSQL."""
