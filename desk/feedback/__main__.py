"""Feedback at the console, for the engineer of the designers.

python -m desk.feedback list           # what is waiting
python -m desk.feedback collect        # take in what is new now
python -m desk.feedback show <id>      # the approved patch with its scores
python -m desk.feedback apply <id>     # check it and put it into the working tree
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys

from dotenv import load_dotenv

from desk.feedback import inbox
from desk.feedback.collect import collect
from desk.feedback.corpus import UnreadableCorpus
from desk.feedback.jobs import patch_file
from desk.feedback.settings import FeedbackSettings
from desk.feedback.tracker import Tracker
from desk.services import Services
from desk.settings import ROOT, DeskSettings, SettingsError
from desk.store import DeskStore
from wealth.errors import WealthError

# A patch of ours touches nothing else.
_INSIDE = ("--include=data/nlu/*", "--include=data/knowledge/*", "--exclude=*")


def main(arguments: list[str] | None = None) -> int:
    """0 when done; 1 when a patch is not there or does not fit; 2 for settings and stores that can't be used."""
    parser = argparse.ArgumentParser(prog="python -m desk.feedback", description="反馈收集箱")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="列出各组反馈")
    commands.add_parser("collect", help="马上收一次")
    for name, text in (("show", "看批准的修改和前后成绩"), ("apply", "检查并改到当前目录的文件里")):
        commands.add_parser(name, help=text).add_argument("id", type=int, help="组号")
    given = parser.parse_args(arguments)
    load_dotenv(ROOT / ".env", override=False)
    try:
        desk = DeskSettings.from_env()
        settings = FeedbackSettings.of(desk)
        if given.command == "collect":
            return _collect(desk, settings)
        store = DeskStore(desk.store_url)
        store.create()
        if given.command == "list":
            return _list(store)
        return _patch(store, settings, given.id, apply=given.command == "apply")
    except (SettingsError, WealthError, UnreadableCorpus) as error:
        print(f"✗ {error}", file=sys.stderr)
        return 2


def _collect(settings: DeskSettings, feedback: FeedbackSettings) -> int:
    desk = Services.open(settings)
    desk.store.create()
    tracker = Tracker(feedback.tracker_url)
    print(f"新收到 {collect(desk, tracker)} 条")
    tracker.close()
    return 0


def _list(store: DeskStore) -> int:
    with store.read() as connection:
        for group in inbox.listing(connection, branch=None, state=None, kind=None, limit=200):
            print(f"{group['id']:>6}  {group['state']:<10}{group['count']:>5}  {group['kind_title']}  {group['text']}")
    return 0


def _patch(store: DeskStore, settings: FeedbackSettings, identity: int, *, apply: bool) -> int:
    with store.read() as connection:
        found = inbox.result(connection, identity)
    file = patch_file(settings.folder, identity)
    if found is None or not file.exists():
        return _no(f"{identity} 组没有批准并通过检查的修改")
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != found["digest"]:
        return _no(f"{file.name} 和批准时不一样，请重新批准")
    if not apply:
        print(content.decode())
        print(f"正确率 {found['before']['accuracy']:.3f} → {found['after']['accuracy']:.3f}")
        return 0
    if _git(settings, content, "--check"):
        already = not _git(settings, content, "--check", "--reverse")
        return _no("已经改过了" if already else "文件后来又改过，这份修改放不进去，请在工作台重新批准")
    if reason := _git(settings, content):
        return _no(reason)
    print(f"✓ 已改：{'、'.join(found['files'])}。请看一遍 git diff，跑 make nlu-check，再提交。")
    return 0


def _git(settings: FeedbackSettings, patch: bytes, *options: str) -> str:
    """What git says against it; "" when it is fine."""
    command = ["git", "apply", *_INSIDE, *options, "-"]
    done = subprocess.run(command, cwd=settings.root, input=patch, capture_output=True, check=False)
    return "" if done.returncode == 0 else done.stderr.decode(errors="replace").strip() or "git apply"


def _no(reason: str) -> int:
    print(f"✗ {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
