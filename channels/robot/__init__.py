"""The robot channel: devices by key, anonymous visits, nothing personal aloud or on the lobby's screen."""
