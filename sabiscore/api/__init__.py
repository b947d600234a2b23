"""HTTP: thin Litestar controllers over the service."""
