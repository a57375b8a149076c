"""Print a token for a demo customer: python -m channels.app.token --customer demo-01."""

from __future__ import annotations

import argparse
import os
import sys
import time
import uuid

import jwt

from channels.app.identity import CUSTOMER
from channels.app.settings import AppSettings, SettingsError
from channels.wording import ROOT

DEMO_SECONDS = 2 * 60 * 60


def issue(settings: AppSettings, customer: str, seconds: int = DEMO_SECONDS) -> tuple[str, int]:
    """A demo token and its end in Unix seconds. Raises SettingsError outside demo mode or with a bad customer id."""
    if not settings.demo or not settings.jwt_secret:
        raise SettingsError("只有演示模式(PEIBAN_MODE=demo、共享密钥)才能签发演示令牌")
    if not CUSTOMER.fullmatch(customer):
        raise SettingsError(f"客户号 {customer!r} 不对：只能用字母、数字、- 和 _，最多 64 个字符")
    now = int(time.time())
    claims = {
        "sub": customer,
        "aud": settings.jwt_audience,
        "iss": settings.jwt_issuer,
        "iat": now,
        "exp": now + seconds,
        "jti": uuid.uuid4().hex,
    }
    return jwt.encode(claims, settings.jwt_secret, algorithm="HS256"), now + seconds


def main() -> int:
    """Command line: prints the token alone, so that it can be piped."""
    parser = argparse.ArgumentParser(description="打印一个演示客户的令牌")
    parser.add_argument("--customer", default="demo-01", help="客户号，例如 demo-01")
    parser.add_argument("--seconds", type=int, default=DEMO_SECONDS, help="有效期(秒)")
    arguments = parser.parse_args()
    try:
        from dotenv import load_dotenv

        load_dotenv(ROOT / ".env", override=False)
        os.environ.setdefault("PEIBAN_VAR", str(ROOT / "var"))
        print(issue(AppSettings.from_env(), arguments.customer or "demo-01", arguments.seconds)[0])
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
