"""The desk's HTTP routes, one module a subject, each with its `router`."""
