"""What each part costs and how well it does, beside a peer; one module a question, run by `make bench`."""
