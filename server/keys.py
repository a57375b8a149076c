"""Keys that several processes of one installation share, put into their environment.

The demo makes its own at random, once per installation; production brings all of them or does not start.
"""

from __future__ import annotations

import os

from channels.app import settings as app_settings
from server.settings import Settings, SettingsError

# Signs calls between our processes · purchase and other events of the bank · audit pseudonyms · leads going out.
SHARED = ("PEIBAN_SERVICE_KEY", "PEIBAN_BANK_EVENTS_KEY", "PEIBAN_AUDIT_KEY", "PEIBAN_LEADS_KEY")
DEMO_LEADS = "/demo/bank/leads"


def share(settings: Settings) -> None:
    """Put the keys into the environment. Raises SettingsError in production for one that is missing or weak."""
    if settings.mode == "demo":
        for name in SHARED:
            os.environ[name] = os.environ.get(name) or app_settings.demo_secret(settings.var, name)
        # The demo bank has a planning system of its own, which shows what it was sent.
        os.environ.setdefault("PEIBAN_LEADS_URL", settings.url + DEMO_LEADS)
        return
    needed = SHARED if os.environ.get("PEIBAN_LEADS_URL") else SHARED[:-1]
    try:
        for name in needed:
            app_settings.must_be_strong(name, os.environ.get(name, ""), settings.var)
    except app_settings.SettingsError as error:
        raise SettingsError(str(error)) from None
