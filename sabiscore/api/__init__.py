"""HTTP: the app factory, controllers, wire types and problem details. Knows the service, never the model."""
