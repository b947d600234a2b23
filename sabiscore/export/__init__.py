"""The coming week as files for any web host: the pages of the service, its JSON, and calendars."""
