"""Start-up, settings, supervisor and health of the server processes."""
