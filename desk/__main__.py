"""`python -m desk`: the managers' desk on PEIBAN_HOST:PEIBAN_DESK_PORT."""

from __future__ import annotations

import sys

import uvicorn
from dotenv import load_dotenv

from desk.app import create_app
from desk.settings import ROOT, DeskSettings, SettingsError
from wealth.errors import WealthError


def main() -> int:
    """0 after a clean end; 2 when a setting or a store can't be used."""
    load_dotenv(ROOT / ".env", override=False)
    try:
        settings = DeskSettings.from_env()
        app = create_app(settings)
    except (SettingsError, WealthError) as error:
        print(f"✗ {error}", file=sys.stderr)
        return 2
    # Access lines would hold customers' ids; open streams must not keep the process from ending.
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # The desk speaks no WebSocket; looking for one loads a library that may not fit.
        ws="none",
        log_level="warning",
        timeout_graceful_shutdown=2,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
