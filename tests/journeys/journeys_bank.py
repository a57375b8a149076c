"""The day on which the tests of journeys play."""

from __future__ import annotations

from datetime import date, datetime

from wealth.clock import SHANGHAI

AS_OF = date(2026, 11, 20)
# A Friday morning outside of quiet hours.
MORNING = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
