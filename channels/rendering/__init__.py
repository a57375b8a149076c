"""From a Reply or a plain Rasa message to the messages a channel shows (channels/schema/messages.v1.json)."""
