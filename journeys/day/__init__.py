"""A day in the bank, replayed: `python -m journeys.day`. Real store, worker, webhook; customers drawn from a seed."""
