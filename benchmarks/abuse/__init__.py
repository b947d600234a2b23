"""What one hostile client, one dead process or one bad file may do to a running service: nothing that others notice."""
