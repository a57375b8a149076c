"""The versioned shape of messages and its checks, compiled once."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs

FILE = Path(__file__).with_name("messages.v1.json")


class InvalidMessage(Exception):
    """A message that must not leave. where: path of the fault, without its content; rule: the keyword that failed."""

    def __init__(self, where: str, rule: str) -> None:
        super().__init__(f"{where}: {rule}")
        self.where = where
        self.rule = rule


@lru_cache(maxsize=1)
def _validators() -> dict[str, jsonschema_rs.Draft202012Validator]:
    # One validator per type: the schema's own oneOf tries all twelve and takes ten times as long.
    schema = json.loads(FILE.read_text(encoding="utf-8"))
    names = [option["$ref"].rsplit("/", 1)[1] for option in schema["$defs"]["message"]["oneOf"]]
    return {
        name: jsonschema_rs.Draft202012Validator({**schema["$defs"][name], "$defs": schema["$defs"]}) for name in names
    }


def check(message: dict[str, Any]) -> None:
    """Raises InvalidMessage unless the message is one of version 1."""
    validator = _validators().get(str(message.get("type")))
    if validator is None:
        raise InvalidMessage("type", "unknown")
    error = next(validator.iter_errors(message), None)
    if error is not None:
        where = "/".join(str(part) for part in error.instance_path)
        raise InvalidMessage(f"{message['type']}/{where}", str(error.schema_path[-1]))
