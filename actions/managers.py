"""What a customer's manager entered, brought to the skills that may pass it on: they can't look into leads."""

from __future__ import annotations

from dataclasses import replace

from journeys.leads.results import last_contact
from journeys.store import Journal
from wealth.errors import StoreUnavailable
from wealth.request import Request
from wealth.store import Store

# Where it belongs: saying hello, looking over everything, and what to buy.
TELLING = frozenset({"chitchat", "wealth_checkup", "product_recommend"})


def with_last_contact(store: Store, skill: str, request: Request) -> Request:
    """The question with the manager's last entry in its context ("manager_said"), if there is one and it fits."""
    if skill not in TELLING or request.customer is None or request.channel != "app":
        return request
    try:
        said = last_contact(Journal(store), request.customer, request.now)
    except StoreUnavailable:
        # The answer is worth more than this remark.
        return request
    if said is None:
        return request
    told = {"sentences": said.sentences, "source": said.source}
    return replace(request, context={**request.context, "manager_said": told})
