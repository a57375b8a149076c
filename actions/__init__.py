"""rasa-sdk actions: slots in, one wealth skill called, Reply out. No SQL and no arithmetic here."""

from actions.dialogue import *  # noqa: F403  (rasa-sdk finds actions by importing this package)
from actions.skills import *  # noqa: F403
