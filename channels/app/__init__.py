"""The app channel: customers by JWT, one ordered log per customer, answers by POST and by server-sent events."""
