"""Events, tags, moments of truth, outreach and leads: plain Python over the bank store."""
