"""Look at a region from a terminal: the scan without the conversation, read-only, with a person's own credentials."""
