"""All busy or out of hours (忙时托管): what it is about, when, booked; later changed or cancelled.

The form's whole state is in Reply.control["pending"]. The appointment itself is made by the channel, at the order
control["handoff_booking"] {slot, need} or {cancel: true}; without free times the need goes along with the request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from wealth.reply import Privacy, QuickReply, Reply
from wealth.request import Request
from wealth.skills._context import option
from wealth.skills.human_handoff_words import asks_again, bare, chosen, cue, slot_title, words
from wealth.wording import say

SKILL = "human_handoff"


def start(request: Request, lead: str) -> Reply:
    """Ask what it is about; `lead` says why there is nobody now."""
    return _ask_need([lead, say("handoff.hosting.ask_need")])


def step(request: Request, pending: Mapping[str, Any]) -> Reply:
    """What the customer said while the form was open."""
    short = len(bare(request.text)) <= words()["stop_characters"]
    if short and cue(request.text) in ("stop", "cancel"):
        return closing(request, say("handoff.hosting.stopped"))
    if pending.get("step") == "need":
        need = request.text.strip()[: words()["need_characters"]]
        if not bare(need) or asks_again(need):
            return _ask_need([say("handoff.hosting.ask_need_again")])
        return _ask_slot(request, need, 0, say("handoff.hosting.ask_slot"))
    return _choose(request, str(pending.get("need") or ""), int(pending.get("page") or 0))


def change(request: Request) -> Reply:
    """Another time for the appointment there is."""
    return _ask_slot(request, str(request.handoff.get("need") or ""), 0, say("handoff.hosting.ask_slot_change"))


def cancel(request: Request) -> Reply:
    """The appointment is not wanted any more."""
    slot = slot_title(datetime.fromisoformat(str(request.handoff["slot"])))
    return closing(request, say("handoff.hosting.cancelled", slot=slot), handoff_booking={"cancel": True})


def closing(request: Request, text: str, *buttons: QuickReply, **control: Any) -> Reply:
    """A sentence that ends the form, if one was open."""
    return Reply(
        skill=SKILL,
        sentences=[text],
        spoken=[text],
        quick_replies=list(buttons),
        privacy=Privacy.PERSONAL,
        control={"keep_topic": True, **ending(request), **control},
    )


def ending(request: Request) -> dict[str, bool]:
    """The order that closes our form; another skill's form stays open."""
    pending = request.context.get("pending") or {}
    return {"form_done": True} if pending.get("skill") == SKILL else {}


def free_slots(request: Request) -> list[datetime]:
    """The desk's free times that are still to come."""
    slots = [datetime.fromisoformat(slot) for slot in (request.desk or {}).get("slots") or ()]
    return sorted(slot for slot in slots if slot > request.now)


def _choose(request: Request, need: str, page: int) -> Reply:
    slots = free_slots(request)
    shown = _page(slots, page)
    if cue(request.text) == "more":
        more = page + 1 if _page(slots, page + 1) else page
        key = "ask_slot" if more > page else "last_page"
        return _ask_slot(request, need, more, say(f"handoff.hosting.{key}"))
    fitting = chosen(slots, shown, request)
    if len(fitting) == 1:
        slot = fitting[0]
        return closing(
            request,
            say("handoff.hosting.booked", slot=slot_title(slot)),
            option("handoff.options.change"),
            option("handoff.options.cancel"),
            handoff_booking={"slot": slot.isoformat(), "need": need},
        )
    if fitting:
        return _slots(request, need, page, fitting[: words()["slots_shown"]], say("handoff.hosting.several"))
    return _ask_slot(request, need, page, say("handoff.hosting.ask_slot_again"))


def _ask_need(sentences: Sequence[str]) -> Reply:
    options = [QuickReply(need, need) for need in words()["needs"]]
    # Whatever is said now is the need, unless it is urgent or "算了".
    return _form(list(sentences), [*options, option("handoff.options.stop")], step="need", free=True)


def _ask_slot(request: Request, need: str, page: int, lead: str) -> Reply:
    shown = _page(free_slots(request), page)
    if not shown:
        hours = (request.desk or {}).get("hours") or ""
        return closing(request, say("handoff.hosting.left", hours=hours), handoff="asked", handoff_note=need)
    return _slots(request, need, page, shown, lead)


def _slots(request: Request, need: str, page: int, shown: Sequence[datetime], lead: str) -> Reply:
    titles = [slot_title(slot) for slot in shown]
    buttons = [QuickReply(title, title) for title in titles]
    if _page(free_slots(request), page + 1):
        buttons.append(option("handoff.options.more"))
    return _form(
        [lead],
        [*buttons, option("handoff.options.stop")],
        step="slot",
        need=need,
        page=page,
        options=[{"title": title, "value": title} for title in titles],
        says=[*words()["cues"]["more"], *words()["cues"]["stop"]],
    )


def _form(sentences: list[str], buttons: list[QuickReply], **state: Any) -> Reply:
    pending = {"kind": "form", "skill": SKILL, "resume": say("handoff.hosting.resume"), **state}
    return Reply(
        skill=SKILL,
        sentences=sentences,
        spoken=sentences[-1:],
        quick_replies=buttons,
        privacy=Privacy.PERSONAL,
        control={"keep_topic": True, "pending": pending},
    )


def _page(slots: Sequence[datetime], page: int) -> list[datetime]:
    size = int(words()["slots_shown"])
    return list(slots[page * size : (page + 1) * size])
