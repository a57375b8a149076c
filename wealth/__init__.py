"""The wealth adviser: plain Python over SQLAlchemy, no web framework and no Rasa inside."""
