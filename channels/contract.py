"""Requests checked against docs/openapi.yaml: the file the clients read is the file the server obeys."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jsonschema
import yaml
from sanic import Request

from channels.problems import Problem
from channels.wording import ROOT

_WHOLE = re.compile(r"-?[0-9]{1,18}")


class Operation:
    """One operation of the contract, by its operationId; validators are compiled once."""

    def __init__(self, document: dict[str, Any], operation: dict[str, Any], shared: list[dict[str, Any]]) -> None:
        resolver = jsonschema.RefResolver("", document)
        parameters = [_resolve(document, parameter) for parameter in [*shared, *operation.get("parameters", [])]]
        # Headers are the business of who reads them: identity, signatures, cursors.
        self._parameters = {
            parameter["name"]: (parameter, jsonschema.Draft202012Validator(parameter["schema"], resolver=resolver))
            for parameter in parameters
            if parameter["in"] != "header"
        }
        body = operation.get("requestBody")
        self._body = body and jsonschema.Draft202012Validator(
            body["content"]["application/json"]["schema"],
            resolver=resolver,
            format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
        )

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON body. Raises Problem wrong_media_type, bad_json or invalid with the field."""
        media_type = (request.headers.get("content-type") or "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise Problem("wrong_media_type")
        try:
            body = json.loads(request.body.decode("utf-8"), parse_constant=_no_constant)
            # A lone surrogate is valid in JSON's escapes and nowhere else; no store would take it.
            json.dumps(body, ensure_ascii=False).encode("utf-8")
        except (ValueError, RecursionError):
            raise Problem("bad_json") from None
        _check(self._body, body, None)
        assert isinstance(body, dict)
        return body

    def parameters(self, request: Request, path: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Path and query parameters with their types; what is absent and has a default gets it.

        Raises Problem bad_parameter, or invalid where a required one is missing.
        """
        values: dict[str, Any] = {}
        for name, (parameter, validator) in self._parameters.items():
            given = (path or {}).get(name) if parameter["in"] == "path" else request.args.get(name)
            if given is None:
                if parameter.get("required"):
                    raise Problem("invalid", field=name)
                values[name] = parameter["schema"].get("default")
                continue
            value: Any = given
            if parameter["schema"].get("type") == "integer":
                if not _WHOLE.fullmatch(given):
                    raise Problem("bad_parameter", field=name)
                value = int(given)
            code = "not_found" if parameter["in"] == "path" else "bad_parameter"
            if "const" in parameter["schema"]:
                code = "invalid"
            _check(validator, value, name, code)
            values[name] = value
        return values


@lru_cache(maxsize=1)
def operations() -> dict[str, Operation]:
    """All operations of docs/openapi.yaml by operationId."""
    text = (ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8")
    document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    found = {}
    for path in document["paths"].values():
        shared = path.get("parameters", [])
        for method, operation in path.items():
            if method != "parameters":
                found[operation["operationId"]] = Operation(document, operation, shared)
    return found


def _resolve(document: dict[str, Any], thing: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in thing:
        return thing
    for step in thing["$ref"].removeprefix("#/").split("/"):
        document = document[step]
    return document


def _check(validator: Any, value: Any, field: str | None, code: str = "invalid") -> None:
    try:
        error = next(validator.iter_errors(value), None)
    except (RecursionError, OverflowError):
        raise Problem(code, field=field) from None
    if error is not None:
        raise Problem(code, field=(field or _where(error))[:80] or None)


def _where(error: Any) -> str:
    """Path of the fault; a field too many or too few is named itself."""
    path = [str(part) for part in error.absolute_path]
    if error.validator == "required":
        path += [name for name in error.validator_value if name not in error.instance][:1]
    elif error.validator == "additionalProperties" and isinstance(error.instance, dict):
        path += [name for name in error.instance if name not in error.schema.get("properties", {})][:1]
    return "/".join(path)


def _no_constant(name: str) -> Any:
    raise ValueError(name)
