"""Where matches come from: football-data.co.uk files to one canonical polars frame."""
