"""The on-device programme: ears, mouth, turn-taking, session, screen, chassis. Imports zhtext only."""
