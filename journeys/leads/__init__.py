"""Leads: when a relationship manager should step in, why, with what to say; and what came of it."""
