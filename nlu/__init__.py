"""Rasa graph components over zhtext: tokens, entities, intents, when to ask back or refuse."""
