"""Customer tags: facts computed set-wise over the bank store and the events, and tags defined over them as data."""
