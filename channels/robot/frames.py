"""Requests of a robot, the same by HTTP and by WebSocket, checked by channels/schema/robot.v1.json."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema

from channels.problems import Problem

FILE = Path(__file__).parent.parent / "schema" / "robot.v1.json"


@lru_cache(maxsize=1)
def _validators() -> dict[str, jsonschema.Draft202012Validator]:
    schema = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        name: jsonschema.Draft202012Validator({**body, "$defs": schema["$defs"]})
        for name, body in schema["$defs"].items()
        if body.get("type") == "object"
    }


def decoded(content: bytes | str) -> Any:
    """JSON. Raises Problem bad_json."""
    try:
        value = json.loads(content)
        # A lone surrogate is valid in JSON's escapes and nowhere else.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise Problem("bad_json") from None
    return value


def checked(kind: str, body: Any) -> dict[str, Any]:
    """The body if it is a valid one of its kind. Raises Problem invalid with the field."""
    error = next(_validators()[kind].iter_errors(body), None)
    if error is not None:
        raise Problem("invalid", field="/".join(str(part) for part in error.absolute_path)[:80] or None)
    assert isinstance(body, dict)
    return body
