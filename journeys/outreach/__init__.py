"""Outreach: what the assistant says of its own accord, allowed by the customer and the rules, and what came of it."""
