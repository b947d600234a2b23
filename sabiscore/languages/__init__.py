"""What people read in their language: catalogues of messages (gettext), numbers and days."""
