"""Rasa graph components: thin shells over nlu's own modules. Each is named in config.yml."""
