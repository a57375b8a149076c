"""Kinds of events and what each must carry, from data/journeys/events.yml; faults told in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema

from journeys.datafile import FOLDER, Section, load

_ID = r"^[A-Za-z0-9._:\-]{1,64}$"
_REASON = {"type": "type", "pattern": "type", "enum": "choice", "required": "missing"}


@dataclass(frozen=True)
class Kind:
    """One kind of event. fields: name → (type, least, most) of what stands in `data`."""

    name: str
    title: str
    needs_customer: bool
    fields: Mapping[str, str]
    bounds: Mapping[str, tuple[Decimal | None, Decimal | None]]
    validator: Any


@dataclass(frozen=True)
class Kinds:
    """events.yml, checked. Times are limits on how late or early an event may come."""

    kinds: Mapping[str, Kind]
    late_after: timedelta
    future: timedelta
    oldest: timedelta
    most_events: int
    most_bytes: int
    _reasons: Mapping[str, str]
    _batch_reasons: Mapping[str, str]

    def reason(self, name: str, **figures: Any) -> str:
        return self._reasons[name].format(**figures)

    def batch_reason(self, name: str, **figures: Any) -> str:
        return self._batch_reasons[name].format(**figures)

    def check(self, event: Any, now: datetime) -> tuple[dict[str, Any] | None, str]:
        """(row values, "") for a good event, (None, why) for a bad one. Whether the customer exists is not asked here.

        Values: event_id, kind, customer, product, occurred_at (zone-aware), data.
        """
        if not isinstance(event, dict):
            return None, self.reason("not_object")
        kind = self.kinds.get(event["kind"]) if isinstance(event.get("kind"), str) else None
        if kind is None:
            if "kind" not in event:
                return None, self.reason("missing", field="kind")
            return None, self.reason("unknown_kind", value=str(event["kind"])[:40])
        error = next(kind.validator.iter_errors(event), None)
        if error is not None:
            return None, self._why(error)
        data = event.get("data", {})
        for name, (least, most) in kind.bounds.items():
            if name in data and not _within(Decimal(str(data[name])), least, most):
                return None, self.reason("bounds", field=name)
        return self._timed(event, data, now)

    def _timed(self, event: Mapping[str, Any], data: Any, now: datetime) -> tuple[dict[str, Any] | None, str]:
        try:
            occurred = datetime.fromisoformat(event["occurred_at"].replace("Z", "+00:00").replace("z", "+00:00"))
            if occurred.tzinfo is None:
                return None, self.reason("time")
            ahead = occurred - now
        except (ValueError, OverflowError):
            return None, self.reason("time")
        if ahead > self.future:
            return None, self.reason("future")
        if -ahead > self.oldest:
            return None, self.reason("too_old")
        values = {name: event.get(name) for name in ("event_id", "kind", "customer", "product")}
        return {**values, "occurred_at": occurred, "data": data}, ""

    def _why(self, error: Any) -> str:
        path = [str(part) for part in error.absolute_path if part != "data"]
        if error.validator == "required":
            path = [name for name in error.validator_value if name not in error.instance][:1]
        elif error.validator == "additionalProperties":
            known = error.schema.get("properties", {})
            path = [name[:40] for name in error.instance if name not in known][:1]
            return self.reason("unknown_field", field="/".join(path))
        name = _REASON.get(error.validator, "bounds")
        return self.reason(name, field="/".join(path) or "data")


@lru_cache(maxsize=1)
def kinds() -> Kinds:
    """The kinds in force. Raises DataFault."""
    return read(FOLDER / "events.yml")


def read(path: Path) -> Kinds:
    """Read and check one file. Raises DataFault with file and line."""
    raw = load(path)
    batch = raw.need("batch", Section)
    types = raw.need("types", Section)
    return Kinds(
        kinds={name: _kind(name, section, types) for name, section in raw.need("kinds", Section).items()},
        late_after=timedelta(hours=raw.need("late_after_hours", int)),
        future=timedelta(minutes=raw.need("future_minutes", int)),
        oldest=timedelta(days=raw.need("oldest_days", int)),
        most_events=batch.need("events", int),
        most_bytes=batch.need("bytes", int),
        _reasons=raw.need("reasons", Section),
        _batch_reasons=raw.need("batch_reasons", Section),
    )


def _kind(name: str, section: Any, types: Section) -> Kind:
    section.only("title", "who", "product", "fields")
    if section.need("who") not in ("customer", "anyone"):
        raise section.fault("who 只能是 customer 或 anyone", "who")
    fields: Mapping[str, Section] = section.typed("fields", Section, {})
    properties: dict[str, Any] = {}
    bounds: dict[str, tuple[Decimal | None, Decimal | None]] = {}
    required = []
    for field, wanted in fields.items():
        wanted.only("type", "max", "min", "options", "required")
        kind = wanted.need("type")
        if kind not in types:
            raise wanted.fault(f"没有 {kind} 这种类型", "type")
        rule = dict(types[kind])
        if kind == "text":
            rule["maxLength"] = wanted.need("max", int)
        elif kind == "choice":
            rule["enum"] = wanted.need("options", list)
        elif "min" in wanted or "max" in wanted:
            bounds[field] = tuple(Decimal(str(wanted[end])) if end in wanted else None for end in ("min", "max"))  # type: ignore[assignment]
        properties[field] = rule
        if wanted.get("required"):
            required.append(field)
    product = section.get("product")
    needed = ["event_id", "kind", "occurred_at"]
    needed += ["customer"] if section["who"] == "customer" else []
    needed += ["product"] if product == "required" else []
    top = {
        "event_id": {"type": "string", "pattern": _ID},
        "kind": {"type": "string"},
        "customer": {"type": "string", "minLength": 1, "maxLength": 20},
        "occurred_at": {"type": "string", "maxLength": 40},
        "data": {
            "type": "object",
            "additionalProperties": False,
            "required": required,
            "properties": properties,
        },
    }
    if product in ("required", "optional"):
        top["product"] = {"type": "string", "minLength": 1, "maxLength": 20}
    if required:
        needed.append("data")
    whole = {"type": "object", "additionalProperties": False, "required": needed, "properties": top}
    return Kind(
        name=name,
        title=section.need("title"),
        needs_customer=section["who"] == "customer",
        fields={field: wanted["type"] for field, wanted in fields.items()},
        bounds=bounds,
        validator=jsonschema.Draft202012Validator(whole),
    )


def _within(value: Decimal, least: Decimal | None, most: Decimal | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)
