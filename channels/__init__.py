"""Rasa input channels: identity, rendering and privacy of the app and the robot."""
