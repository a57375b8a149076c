"""What can go wrong in the adviser, by kind; the skill that meets one says it in the customer's language."""

from __future__ import annotations


class WealthError(Exception):
    """Anything the adviser raises on purpose."""


class UnknownCustomer(WealthError):
    """No customer with this id; `args[0]` is the id."""


class UnknownProduct(WealthError):
    """No product with this code; `args[0]` is the code."""


class StoreUnavailable(WealthError):
    """The bank store cannot be reached or has no tables yet; nothing was written."""


class BadSetting(WealthError):
    """A data file or a value handed in cannot be used; the message names it in Chinese."""
