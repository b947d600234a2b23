"""Files of fixtures predicted, of any length: the numbers of the service in columns, without its sentences."""
