"""One turn as the actions see it: who asks, what was understood, what the conversation is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from rasa_sdk import Tracker

from wealth.clock import now
from wealth.request import Period, Request
from wealth.skills.human_handoff_words import about_handoff

# What a follow-up may change; everything else is taken over from the last topic.
CARRIED = ("period", "asset_class", "products", "amount", "percent", "ordinal", "rating")
# What a question that is asked later for the customer needs beside: its own words.
PROPOSED = (*CARRIED, "place", "candidates", "text")

_WAITING = ("requested", "queued", "booked")


@dataclass(frozen=True)
class Turn:
    """The current message with its context. intent is the best reading, also when the assistant asks back.

    also: the second question in the same message, `{text, start, end, intent}`, or empty.
    """

    intent: str
    ranking: list[str]
    text: str
    metadata: Mapping[str, Any]
    entities: list[dict[str, Any]]
    topic: Mapping[str, Any]
    pending: Mapping[str, Any]
    also: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, tracker: Tracker) -> Turn:
        message = tracker.latest_message or {}
        ranking = [row["name"] for row in message.get("intent_ranking", []) if row["name"] != "nlu_fallback"]
        return cls(
            intent=(message.get("intent") or {}).get("name") or "",
            ranking=ranking,
            text=message.get("text") or "",
            metadata=message.get("metadata") or {},
            entities=message.get("entities") or [],
            topic=tracker.get_slot("topic") or {},
            pending=tracker.get_slot("pending") or {},
            also=message.get("also") or {},
        )

    @property
    def form(self) -> str | None:
        """The skill whose open form this message answers by its very words: an option, a letter, or a word it names.

        "退休金" or "没有贷款" are answers then, whatever they would mean on their own; and any words at all where the
        form asked for the customer's own. Whoever waits for a person or has an appointment is understood likewise.
        """
        if (self.metadata.get("handoff") or {}).get("state") in _WAITING and about_handoff(self.text):
            return "human_handoff"
        if self.pending.get("kind") != "form":
            return None
        if self.pending.get("free"):
            return str(self.pending["skill"])
        text = _bare(self.text)
        options = self.pending.get("options") or ()
        known = {_bare(str(option[key])) for option in options for key in ("title", "value")}
        known |= {_bare(str(word)) for word in self.pending.get("says") or ()}
        return str(self.pending["skill"]) if text and text in known else None

    @property
    def addressed(self) -> str | None:
        """The skill that an otherwise unclear message goes to: the one it names, or the one whose form is open."""
        return self.form or (str(self.pending["skill"]) if self.pending.get("kind") == "form" else None)

    def request(self) -> Request:
        """The question as asked, without anything carried over but the context itself."""
        request = Request(
            customer=self.metadata.get("customer"),
            channel="robot" if self.metadata.get("channel") == "robot" else "app",
            text=self.text,
            now=now(),
            personalised=bool(self.metadata.get("personalised", True)),
            context={**self.topic, "pending": dict(self.pending)},
            desk=self.metadata.get("desk"),
            handoff=self.metadata.get("handoff") or {},
            dry_run=bool(self.metadata.get("dry_run")),
        )
        for entity in self.entities:
            if not self._in_other(entity):
                request = _take(request, entity)
        return request

    def other(self) -> tuple[str, Request] | None:
        """The second question of the message as (skill, question): only what stands in its own words counts."""
        if not self.also or self.also["intent"] == self.intent:
            return None
        its_own = [entity for entity in self.entities if self._in_other(entity)]
        alone = replace(self, text=str(self.also["text"]), entities=its_own, also={})
        return str(self.also["intent"]), alone.request()

    def _in_other(self, entity: Mapping[str, Any]) -> bool:
        return bool(self.also) and self.also["start"] <= entity.get("start", -1) < self.also["end"]

    def follow_up(self) -> Request:
        """The last question again, with what this message changes."""
        asked = self.request()
        before = request_params(self.topic.get("params") or {})
        kept = {name: before[name] for name in CARRIED if name in before and not getattr(asked, name)}
        # A new class replaces a product that was talked about, and the other way round.
        if asked.asset_class:
            kept.pop("products", None)
        if asked.products or asked.ordinal:
            kept.pop("asset_class", None)
            kept.pop("products", None)
        return replace(asked, **kept)


def request_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """JSON parameters from the topic slot back into the types of a Request."""
    typed = dict(params)
    if isinstance(typed.get("period"), Mapping):
        typed["period"] = _period(typed["period"])
    for name in ("amount", "percent"):
        if typed.get(name) is not None:
            typed[name] = _decimal(typed[name])
    return {name: value for name, value in typed.items() if name in PROPOSED and value not in (None, [], ())}


def slot_params(request: Request, names: Sequence[str] = CARRIED) -> dict[str, Any]:
    """A Request's parameters as JSON for the slots."""
    params: dict[str, Any] = {name: getattr(request, name) for name in names if getattr(request, name)}
    if isinstance(params.get("period"), Period):
        period = params["period"]
        params["period"] = {
            "name": period.name,
            "start": period.start.isoformat() if period.start else None,
            "end": period.end.isoformat() if period.end else None,
            "valid": period.valid,
            "reason": period.reason,
        }
    for name in ("amount", "percent"):
        if name in params:
            params[name] = str(params[name])
    for name in ("products", "candidates"):
        if name in params:
            params[name] = list(params[name])
    return params


def _take(request: Request, entity: Mapping[str, Any]) -> Request:
    kind, value = entity.get("entity"), entity.get("value")
    if kind == "period" and isinstance(value, Mapping):
        return replace(request, period=_period(value))
    if kind == "date" and isinstance(value, Mapping) and not value.get("valid", True):
        # A day that cannot be ("2月30日") is a period that cannot be: the skill says why. Others come as periods.
        return replace(request, period=_period({**value, "name": entity.get("text") or ""}))
    if kind == "product" and isinstance(value, Mapping):
        if value.get("candidates"):
            return replace(request, candidates=[*request.candidates, *value["candidates"]])
        return replace(request, products=[*request.products, str(value["code"])])
    if kind in ("amount", "percent") and isinstance(value, Mapping):
        figure: dict[str, Any] = {str(kind): _decimal(value.get("value"))}
        return replace(request, **figure)
    if kind == "ordinal" and isinstance(value, Mapping):
        return replace(request, ordinal=int(value["value"]))
    if kind in ("asset_class", "rating", "place"):
        named: dict[str, Any] = {kind: value.get("id") if isinstance(value, Mapping) else value}
        return replace(request, **named)
    return request


def _bare(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum() or sign == "%")


def _period(value: Mapping[str, Any]) -> Period:
    def day(text: Any) -> date | None:
        return date.fromisoformat(text) if text else None

    return Period(
        name=str(value.get("name") or ""),
        start=day(value.get("start")),
        end=day(value.get("end")),
        valid=bool(value.get("valid", True)),
        reason=str(value.get("reason") or ""),
    )


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
