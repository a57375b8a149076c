"""Chinese text without Rasa: normalise, typed values, matching by sound, reading aloud, masking."""
