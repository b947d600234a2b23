"""HTTP: routes, wire types, problems, OpenAPI. Knows the service, never the model."""
