"""Turns of anonymous visits: each message answered once, personal matters turned into a code, all wiped at the end."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from channels import schema, wording
from channels.app.assistant import Assistant, NotReady
from channels.app.clock import from_unix
from channels.problems import Problem
from channels.rendering import turn as rendering
from channels.robot.guessing import Guesses
from channels.robot.privacy import LobbyAnswer, lobby_answer

logger = logging.getLogger(__name__)

Answer = dict[str, Any]


class Codes(Protocol):
    """What is needed of channels.bindings.Bindings."""

    async def create(self, device: str, visit: str, question: str) -> Any: ...

    async def ask(self, visit: str, question: str) -> bool: ...

    async def state(self, code: str, device: str) -> str: ...

    async def revoke_visit(self, visit: str) -> None: ...


@dataclass
class _Visit:
    """Answers by message id (digest of the words, the work) while the visit lasts."""

    answers: OrderedDict[str, tuple[str, asyncio.Task[Answer]]] = field(default_factory=OrderedDict)
    order: asyncio.Lock = field(default_factory=asyncio.Lock)


class Visits:
    """Conversations of visitors. codes is asked for each time: the app channel makes it when the server starts."""

    def __init__(
        self,
        assistant: Assistant,
        guesses: Guesses,
        codes: Callable[[], Codes | None],
        page_url: str,
        answered: Callable[[str, str, str], Awaitable[None]],
    ) -> None:
        rules = wording.load("robot")
        self._assistant = assistant
        self._guesses = guesses
        self._codes = codes
        self._page_url = page_url
        self._answered = answered
        self._limits = rules["limits"]
        self._turn_seconds: float = rules["timing"]["turn"]
        self._guess_seconds: float = rules["timing"]["guess"]
        self._words = rules["wording"]
        self._visits: OrderedDict[str, _Visit] = OrderedDict()

    async def say(self, device: str, visit: str, message_id: str, text: str) -> Answer:
        """The answer to one message of a visit; a repeat of the same id gets the same answer.

        Raises Problem empty_message, too_large, message_id_reused or not_ready.
        """
        text = text.strip()
        if not text:
            raise Problem("empty_message", field="text")
        if len(text) > self._limits["text_characters"]:
            raise Problem("too_large", field="text")
        sender = sender_id(device, visit)
        kept = self._visit(sender)
        digest = hashlib.sha256(text.encode()).hexdigest()
        if message_id in kept.answers:
            said, work = kept.answers[message_id]
            if said != digest:
                raise Problem("message_id_reused", field="message_id")
        else:
            work = asyncio.get_running_loop().create_task(self._turn(kept, device, visit, message_id, text))
            kept.answers[message_id] = (digest, work)
            while len(kept.answers) > self._limits["messages_per_visit"]:
                kept.answers.popitem(last=False)
        try:
            # A robot that hangs up and asks again finds the same work going on.
            return await asyncio.shield(work)
        except BaseException:
            if work.done():
                kept.answers.pop(message_id, None)
            raise

    async def guess(self, device: str, visit: str, text: str) -> Answer | None:
        """What would be answered, without a trace; None where nothing is guessed or it would be personal."""
        text = text.strip()
        if not text or len(text) > self._limits["text_characters"]:
            return None
        sender = sender_id(device, visit)
        kept = self._visits.get(sender)
        if kept is not None and kept.order.locked():
            # The conversation is just changing: a guess would be made on what it was before.
            return None
        with contextlib.suppress(asyncio.TimeoutError):
            making = self._guesses.make(sender, text, _metadata(device, visit, "guess"))
            sent = await asyncio.wait_for(making, self._guess_seconds)
            if sent is not None:
                answer = lobby_answer(sent, "guess")
                return None if answer.personal else _shape("guess", visit, answer)
        self._guesses.drop(sender)
        return None

    async def end(self, device: str, visit: str) -> None:
        """The visitor left: words, answers, the conversation and open codes of the visit are gone."""
        sender = sender_id(device, visit)
        kept = self._visits.pop(sender, None)
        self._guesses.drop(sender)
        if kept is not None:
            running = [work for _, work in kept.answers.values() if not work.done()]
            for work in running:
                work.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        codes = self._codes()
        if codes is not None:
            await codes.revoke_visit(visit)
        await self._assistant.forget(sender)

    def _visit(self, sender: str) -> _Visit:
        kept = self._visits.setdefault(sender, _Visit())
        self._visits.move_to_end(sender)
        while len(self._visits) > self._limits["visits"]:
            self._visits.popitem(last=False)
        return kept

    async def _turn(self, kept: _Visit, device: str, visit: str, message_id: str, text: str) -> Answer:
        async with kept.order:
            answer = await self._sent(device, visit, message_id, text)
            if answer.personal:
                answer = await self._on_the_phone(answer, device, visit, message_id, text)
            answer = answer if answer.messages or answer.spoken else self._notice("blocked", message_id)
            await self._answered(device, message_id, "personal" if answer.personal else "public")
            return _shape(message_id, visit, answer)

    async def _sent(self, device: str, visit: str, message_id: str, text: str) -> LobbyAnswer:
        sender = sender_id(device, visit)
        try:
            await self._guesses.settle(sender, text, self._guess_seconds)
            sent = await self._assistant.recall(sender, message_id)
            if sent is None:
                asked = self._assistant.ask(sender, message_id, text, _metadata(device, visit, message_id))
                sent = await asyncio.wait_for(asked, self._turn_seconds)
        except NotReady:
            raise Problem("not_ready", retry_after=3) from None
        except SQLAlchemyError as error:
            raise Problem("not_ready", retry_after=5) from RuntimeError(type(error).__name__)
        except Exception as error:
            # The type only: an exception's text may quote the message.
            logger.error("robot turn failed: %s", type(error).__name__)
            failed = rendering.notice("failed", message_id)
            return LobbyAnswer([failed], [failed["text"]])
        return lobby_answer(sent, message_id)

    async def _on_the_phone(
        self, answer: LobbyAnswer, device: str, visit: str, message_id: str, question: str
    ) -> LobbyAnswer:
        """Replace what is personal by a code, or send it to the phone that this visit is bound to."""
        codes = self._codes()
        name, extra = "personal_no_code", []
        try:
            if codes is not None and await codes.ask(visit, question):
                name = "personal_sent"
            elif codes is not None:
                offer = await codes.create(device, visit, question)
                qr = {
                    "type": "qr",
                    "title": self._words["qr_title"],
                    "url": f"{self._page_url}/?bind={offer.code}",
                    "expires_at": from_unix(offer.expires),
                    "id": f"{message_id}.q",
                    "privacy": "public",
                    "origin": "assistant",
                }
                schema.check(qr)
                name, extra = "personal", [qr]
        except SQLAlchemyError as error:
            logger.error("no code could be made: %s", type(error).__name__)
        notice = self._notice(name, f"{message_id}.p")
        return LobbyAnswer(
            [*answer.messages, *notice.messages, *extra],
            [*answer.spoken, *notice.spoken],
            answer.protected,
            True,
            answer.control,
        )

    def _notice(self, name: str, prefix: str) -> LobbyAnswer:
        text = self._words[name]
        message = {"id": f"{prefix}.0", "type": "text", "privacy": "public", "origin": "assistant", "text": text}
        return LobbyAnswer([message], [text])


def sender_id(device: str, visit: str) -> str:
    """Rasa's sender id of a visit."""
    return f"robot:{device}:{visit}"


def _metadata(device: str, visit: str, message_id: str) -> dict[str, Any]:
    return {
        "channel": "robot",
        "customer": None,
        "device": device,
        "visit": visit,
        "personalised": False,
        "message_id": message_id,
    }


def _shape(message_id: str, visit: str, answer: LobbyAnswer) -> Answer:
    return {
        "message_id": message_id,
        "visit": visit,
        "messages": answer.messages,
        "spoken": answer.spoken,
        "protected": answer.protected,
        "personal": answer.personal,
        "control": answer.control,
    }
