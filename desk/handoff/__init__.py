"""Hand-offs: who waits, who is asked to take them, the conversation between customer and manager, appointments."""
