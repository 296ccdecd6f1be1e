"""Linear: projects over its GraphQL API."""
