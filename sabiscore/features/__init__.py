"""One chronological pass over matches, and the rows of fixtures as of kick-off."""
