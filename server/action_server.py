"""The action server on loopback: rasa-sdk's own application, bound to 127.0.0.1 instead of every address."""

from __future__ import annotations

import logging
import sys

from server import keys
from server import settings as peiban_settings


def main() -> int:
    settings = peiban_settings.load()
    keys.share(settings)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("sanic.access", "rasa_sdk.endpoint", "rasa_sdk.executor"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    from rasa_sdk.endpoint import create_app

    app = create_app("actions")
    # Longer than the other side keeps an idle connection, so that no post meets one that is just being closed.
    app.config.KEEP_ALIVE_TIMEOUT = 75
    from actions.skills import adviser

    adviser().warm_up()
    app.run(host="127.0.0.1", port=settings.actions_port, workers=1, access_log=False, motd=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
