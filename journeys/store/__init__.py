"""Where journeys keep what happened: tables, versions, and the Journal that reads and writes them."""

from journeys.store.journal import Journal

__all__ = ["Journal"]
