"""Moments of truth: rules as data that say when to speak first, to whom, and in which words."""
