"""HTTP: routes, wire types, problems; the front and its bridge; the server. Knows the service, never the model."""
