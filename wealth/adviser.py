"""The adviser: one door to all skills. Every Reply leaves through the guard, and no error reaches a customer raw."""

from __future__ import annotations

import importlib
import logging
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from wealth import skills
from wealth.advice import allocation_model
from wealth.advice.profile import profile_of
from wealth.bank import Bank
from wealth.errors import StoreUnavailable, UnknownCustomer, WealthError
from wealth.reply import QuickReply, Reply
from wealth.request import Request
from wealth.wording import say

logger = logging.getLogger(__name__)


class Adviser:
    """Answers questions for one bank. Cheap to keep, safe to share between threads."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    @classmethod
    def from_environment(cls) -> Adviser:
        return cls(Bank.from_environment())

    def warm_up(self) -> None:
        """Do once what the first customer would otherwise wait for: the skills' modules and the plan's problem."""
        for path in Path(skills.__path__[0]).glob("[a-z]*.py"):
            self._skill(path.stem)
        allocation_model.warm_up()

    def answer(self, skill: str, request: Request) -> Reply:
        """Call the skill of that name (wealth/skills/<skill>.py) and let the guard look at what it says."""
        try:
            reply = self._skill(skill).answer(self.bank, request)
        except UnknownCustomer:
            reply = Reply(skill=skill, sentences=[say("common.unknown_customer")])
        except StoreUnavailable:
            logger.error("store unavailable while answering %s", skill)
            reply = Reply(skill=skill, sentences=[say("common.store_unavailable")])
        except Exception:
            # The traceback goes to the log; arguments are never printed there, they are the customer's.
            logger.exception("skill %s failed", skill)
            reply = Reply(skill=skill, sentences=[say("common.failed")])
        return self.bank.guard.check(_back_to_the_form(reply, request), request)

    def profile(self, request: Request) -> dict[str, Any]:
        """What the next message is read with (wealth.advice.profile); empty where nothing can be known."""
        try:
            return profile_of(self.bank.store, request.customer if request.personalised else None, request.now)
        except WealthError as trouble:
            # Nobody waits for it: the next answer tries again.
            logger.info("no profile: %s", type(trouble).__name__)
            return {}

    @staticmethod
    def _skill(name: str) -> ModuleType:
        return importlib.import_module(f"wealth.skills.{name}")


def _back_to_the_form(reply: Reply, request: Request) -> Reply:
    """A question in the middle of a form is answered, with a button that leads back to it."""
    pending = request.context.get("pending") or {}
    resume = pending.get("resume")
    if pending.get("kind") != "form" or not resume or reply.skill == pending.get("skill"):
        return reply
    return replace(reply, quick_replies=[*reply.quick_replies, QuickReply(str(resume), str(resume))])
