"""Who someone is and what they may do: accounts, sessions, CSRF, the brake on guessing, roles."""
