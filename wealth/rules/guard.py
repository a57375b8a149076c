"""The guard: every Reply passes here on its way out.

What can be put right is (numbers masked, risk sentences added, alarming words answered by a person); a Reply that
breaks a rule otherwise is not sent: a safe one is, and an audit row says which rule and which skill. Every answer
leaves an audit row (rule 20): ids, decisions and a pseudonymous key, never words.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from wealth.errors import StoreUnavailable
from wealth.reply import Purpose, QuickReply, Reply
from wealth.request import Request
from wealth.rules.book import RuleBook
from wealth.rules.checks import CHECKS, LISTS, Finding, Look
from wealth.rules.push import Sent, Verdict, may_push
from wealth.rules.said import rewrite, without_purchase
from wealth.rules.words import WordList
from wealth.store import Store
from wealth.store.writes import append_audit
from wealth.wording import say
from zhtext.mask import mask

logger = logging.getLogger(__name__)


class Guard:
    """Checks Replies against the rule book. One per process; safe to share between threads."""

    def __init__(self, store: Store, book: RuleBook) -> None:
        self._store = store
        self.book = book
        self._lists: Mapping[tuple[int, str], WordList] = {
            (number, name): WordList.of(book[number], name) for number, name in LISTS
        }
        self._performance = re.compile(str(book[9].settings["pattern"]))
        # Without a key of the bank's the pseudonyms change with every start; the trail stays usable within a run.
        self._key = os.environ.get("PEIBAN_AUDIT_KEY", "").encode() or os.urandom(32)

    @classmethod
    def load(cls, store: Store, off: frozenset[int] = frozenset()) -> Guard:
        return cls(store, RuleBook.load(off=off))

    def check(self, reply: Reply, request: Request) -> Reply:
        """The Reply to send: this one, put right where it can be, or a safe one."""
        alarm = self._alarm(reply, request)
        if alarm is not None:
            self._audit(request, alarm.skill, "handoff: rule 18", [])
            return alarm
        findings = self.findings(reply, request)
        if findings and {finding.rule for finding in findings} <= {4, 5}:
            # The explanation may stand; only the way to buy at once goes, and a person is offered instead.
            self._audit(request, reply.skill, "purchase link removed", findings)
            reply, findings = without_purchase(reply), []
        if findings:
            rules = sorted({finding.rule for finding in findings})
            logger.warning("reply of %s held back by rules %s", reply.skill, rules)
            self._audit(request, reply.skill, "held back", findings)
            return self._safe(reply, request, findings)
        self._audit(request, reply.skill, "answered", [])
        return self._finish(reply, request)

    def check_push(
        self, reply: Reply, request: Request, kind: str, consents: Mapping[str, bool], history: Sequence[Sent]
    ) -> tuple[Reply | None, Verdict]:
        """The push to send with its opt-out, or None and why not. Either way an audit row is left.

        An alert that the customer set has Purpose.SERVICE; anything else that is pushed has Purpose.PUSH.
        """
        personal = reply.purpose is not Purpose.SERVICE
        verdict = may_push(self.book, consents, request.now, kind, history, personal=personal)
        if not verdict.allowed:
            self._audit(request, kind, f"not pushed: {verdict.reason}", [], row="push")
            return None, verdict
        if self.book[19].on:
            opt_out = QuickReply(say("push.opt_out.title"), say("push.opt_out.text"))
            options = [option for option in reply.quick_replies if option.text != opt_out.text]
            reply = replace(reply, quick_replies=[*options, opt_out])
        findings = self.findings(reply, request)
        if findings:
            self._audit(request, kind, "push held back", findings, row="push")
            return None, Verdict(False)
        self._audit(request, kind, "pushed", [], row="push")
        return self._finish(reply, request), verdict

    def findings(self, reply: Reply, request: Request) -> list[Finding]:
        """What this Reply breaks, without deciding anything."""
        look = Look(reply, request, self._store, self.book, self._lists)
        return [
            finding
            for number, check in CHECKS.items()
            if self.book[number].on
            for finding in check(look, self.book[number])
        ]

    def _alarm(self, reply: Reply, request: Request) -> Reply | None:
        """Rule 18: complaint, distress or fraud goes to a person at once, whatever was understood."""
        if not self.book[18].on or reply.control.get("handoff") or not request.text:
            return None
        if not self._lists[(18, "words")].find(request.text):
            return None
        text = say("handoff.alarm")
        return Reply(
            skill="human_handoff",
            sentences=[text, self.book.disclosures["fraud"]],
            spoken=[text],
            quick_replies=[QuickReply(say("dialogue.call_person"), say("dialogue.topics.human_handoff"))],
            disclosures=["fraud"],
            control={"handoff": "alarm", "keep_topic": True},
        )

    def _safe(self, reply: Reply, request: Request, findings: list[Finding]) -> Reply:
        broken = {finding.rule for finding in findings}
        if broken <= {12}:
            text = say("common.scan")
            return Reply(skill=reply.skill, sentences=[text], spoken=[text], privacy=reply.privacy)
        if broken & {2} and request.customer is not None:
            text = say("common.assess_first")
            option = QuickReply(say("dialogue.topics.risk_assessment"), say("dialogue.topics.risk_assessment"))
            pending = {"kind": "next", "skill": "risk_assessment", "params": {}}
            return Reply(
                skill=reply.skill,
                sentences=[text],
                spoken=[text],
                quick_replies=[option],
                control={"pending": pending},
            )
        text = say("common.unsafe")
        person = QuickReply(say("dialogue.call_person"), say("dialogue.topics.human_handoff"))
        pending = {"kind": "next", "skill": "human_handoff", "params": {}}
        return Reply(
            skill=reply.skill, sentences=[text], spoken=[text], quick_replies=[person], control={"pending": pending}
        )

    def _finish(self, reply: Reply, request: Request) -> Reply:
        """Mask numbers (rule 13), add the risk sentences that are due (rules 8 and 9), ids become texts."""
        if self.book[13].on:
            reply = rewrite(reply, mask)
        due = dict.fromkeys(str(key) for key in reply.disclosures)
        text = "\n".join([*reply.sentences, *reply.spoken])
        blocks = Look(reply, request, self._store, self.book, self._lists).text
        if self.book[8].on and ("业绩比较基准" in blocks or any(block.get("benchmark") for block in reply.blocks)):
            due["benchmark"] = None
        if self.book[9].on and reply.purpose is not Purpose.SERVICE and self._performance.search(text + blocks):
            due["past_performance"] = None
        return replace(reply, disclosures=[{"id": key, "text": self.book.disclosures[key]} for key in due])

    def _audit(self, request: Request, skill: str, decision: str, findings: list[Finding], row: str = "answer") -> None:
        if request.dry_run or not self.book[20].on:
            return
        subject = "visitor"
        if request.customer is not None:
            subject = hmac.new(self._key, request.customer.encode(), hashlib.sha256).hexdigest()[:32]
        details = {"skill": skill, "channel": request.channel}
        if findings:
            details["rules"] = ",".join(str(rule) for rule in sorted({finding.rule for finding in findings}))
        try:
            append_audit(self._store, at=request.now, kind=row, subject=subject, decision=decision, details=details)
        except StoreUnavailable:
            # The customer is told so by the skill; the trail has a gap then, and the log says when.
            logger.error("audit row could not be written")
