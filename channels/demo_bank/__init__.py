"""A stand-in for the bank's own purchase page: no part of the assistant, it shares the ticket key and the signature."""
