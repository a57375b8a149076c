"""What can go wrong in journeys, on top of wealth.errors; each message is Chinese and for whoever can put it right."""

from __future__ import annotations

from wealth.errors import WealthError


class DataFault(WealthError):
    """A file of data/journeys can't be used; the message starts with file and line."""


class BadBatch(WealthError):
    """A whole batch of events that can't be taken; nothing of it was kept."""


class UnknownLead(WealthError):
    """No lead with this id; `args[0]` is the id."""


class BadValue(WealthError):
    """Something filled into a group message that can't be sent; the message says what."""


class BadResult(WealthError):
    """A manager's result that can't be kept; the message says why."""
