"""From a group to a patch: one person suggests, another approves, the gate measures, a third puts it into the tree."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from desk_client import API
from feedback_house import ROOT, Conversations, gate, runs, tree
from sqlalchemy import select, update

from desk.feedback import __main__ as console
from desk.feedback import inbox, tables
from desk.feedback.collect import collect
from desk.feedback.jobs import Jobs
from desk.feedback.proposal import Suggestion
from desk.feedback.settings import FeedbackSettings
from desk.feedback.tracker import Tracker
from desk.services import Services

PATIENCE = 120
SAID = ["我家底还剩几个子", "家底还剩几个子呀"]
Json = dict[str, Any]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree, a quick gate, and two customers' conversations that went wrong alike."""
    tree(tmp_path)
    for name, value in gate(tmp_path).items():
        monkeypatch.setenv(name, value)
    talk = Conversations(tmp_path / "tracker.db")
    for customer, text in zip(("demo-04", "demo-02"), SAID, strict=True):
        talk.said(customer, text, "nlu_fallback", 0.3)
        talk.answered(customer, "dialogue")
    return tmp_path


@pytest.fixture
def gathered(house: Path, services: Services) -> Services:
    tracker = Tracker(f"sqlite:///{house / 'tracker.db'}")
    collect(services, tracker)
    tracker.close()
    return services


def the_group(desk: Any, **query: str) -> Json:
    (group,) = desk.get(f"{API}/feedback", params=query).json()["groups"]
    found: Json = group
    return found


def suggest(desk: Any, identity: str, text: str = SAID[0], **more: str) -> Any:
    return desk.post(
        f"{API}/feedback/{identity}/suggest", json={"text": text, **(more or {"intent": "asset_overview"})}
    )


def settled(desk: Any, identity: str) -> Json:
    """The group once its check has ended."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        group: Json = desk.get(f"{API}/feedback/{identity}").json()
        if group["job"] and group["job"]["state"] not in ("queued", "running"):
            return group
        time.sleep(0.1)
    raise AssertionError(group)


def until(what: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_two_people_make_a_patch_and_an_engineer_applies_it(
    gathered: Services, house: Path, browser: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = browser("zh01"), browser("zh02")
    group = the_group(first, state="open")
    assert group["count"] == 2 and group["kind"] == "asked_back" and set(group["examples"]) == set(SAID)
    suggested = suggest(first, group["id"]).json()
    assert suggested["state"] == "suggested" and suggested["suggestion"]["by"] == "zh01"
    own = first.post(f"{API}/feedback/{group['id']}/approve")
    assert (own.status_code, own.json()["code"]) == (403, "own_suggestion")
    unseen = second.post(f"{API}/feedback/{group['id']}/approve", json={"suggestion": 999})
    assert (unseen.status_code, unseen.json()["code"]) == (409, "changed")
    seen = {"suggestion": suggested["suggestion"]["id"]}
    answers = [second.post(f"{API}/feedback/{group['id']}/approve", json=seen) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202] * 3
    done = settled(second, group["id"])
    assert done["job"]["state"] == "done" and done["state"] == "approved"
    # Before and after, and not once more for the approvals that came again.
    assert runs(house) == 2
    found = first.get(f"{API}/feedback/{group['id']}/patch").json()
    assert found["after"]["总体正确率"] > found["before"]["总体正确率"]
    assert found["branch_file"] == f"feedback/{group['id']}.patch" and str(house) not in str(found)
    file = house / "tree/data/nlu/asset_overview/feedback.yml"
    assert not file.exists() and f"+    - {SAID[0]}\n" in found["patch"]
    assert suggest(first, group["id"], "又一句新的话").status_code == 409
    assert first.post(f"{API}/feedback/{group['id']}/dismiss", json={"why": "算了"}).status_code == 409

    monkeypatch.setenv("PEIBAN_VAR", str(house))
    monkeypatch.setenv("PEIBAN_DESK_STORE_URL", f"sqlite:///{house / 'desk.db'}")
    assert console.main(["apply", group["id"]]) == 0
    assert SAID[0] in file.read_text(encoding="utf-8")
    assert console.main(["apply", group["id"]]) == 1
    assert "已经改过了" in capsys.readouterr().err
    (house / "feedback" / f"{group['id']}.patch").write_text("--- a/x\n+++ b/x\n", encoding="utf-8")
    assert console.main(["apply", group["id"]]) == 1
    assert "不一样" in capsys.readouterr().err
    assert console.main(["apply", "999"]) == 1
    assert console.main(["list"]) == 0
    assert SAID[0][:4] in capsys.readouterr().out


def test_a_harmful_change_fails_and_another_may_be_suggested(gathered: Services, house: Path, browser: Any) -> None:
    first, second = browser("zh01"), browser("zh02")
    identity = the_group(first)["id"]
    suggest(first, identity, "打翻一切的话")
    second.post(f"{API}/feedback/{identity}/approve")
    failed = settled(first, identity)
    assert failed["state"] == "open" and failed["job"]["state"] == "failed" and "pnl_query" in failed["job"]["reason"]
    assert first.get(f"{API}/feedback/{identity}/patch").status_code == 409
    assert not list((house / "feedback").glob("*.patch"))
    suggest(first, identity, "崩掉的话")
    second.post(f"{API}/feedback/{identity}/approve")
    crashed = settled(first, identity)
    assert "the gate fell over" in crashed["job"]["reason"] and str(house) not in crashed["job"]["reason"]
    assert crashed["state"] == "suggested"
    # Today's scores are known by now: only the changed tree was measured again.
    assert runs(house) == 3
    suggest(second, identity)
    assert first.post(f"{API}/feedback/{identity}/approve").status_code == 202
    assert settled(first, identity)["job"]["state"] == "done"
    assert not list((house / "feedback").glob("check-*"))


def test_knowledge_is_measured_too(gathered: Services, house: Path, browser: Any) -> None:
    first, second = browser("zh01"), browser("zh02")
    identity = the_group(first)["id"]
    suggest(first, identity, "久期这俩字咋讲", entry="duration")
    second.post(f"{API}/feedback/{identity}/approve")
    assert settled(first, identity)["job"]["state"] == "done"
    found = first.get(f"{API}/feedback/{identity}/patch").json()
    assert found["before"].keys() == found["after"].keys() == {"知识库问法正确率"} and runs(house) == 0


def test_an_entry_that_takes_others_questions_is_refused(gathered: Services, house: Path, browser: Any) -> None:
    first, second = browser("zh01"), browser("zh02")
    identity = the_group(first)["id"]
    texts = "久期长好还是短好呀\n修正久期怎么理解\n久期免疫是什么"
    suggest(first, identity, texts, answer="久期就是平均还本的时间。", title="久期长好还是短好")
    second.post(f"{API}/feedback/{identity}/approve")
    failed = settled(first, identity)
    assert failed["state"] == "open" and ("会答错" in failed["job"]["reason"] or "找不到" in failed["job"]["reason"])


def test_refused_before_anything_is_trained(gathered: Services, house: Path, browser: Any) -> None:
    first, second = browser("zh01"), browser("zh02")
    identity = the_group(first)["id"]
    clash = suggest(first, identity, "帮我看看总资产啊", intent="pnl_query")
    assert (clash.status_code, clash.json()["code"]) == (422, "refused_clash")
    assert "帮我看看总资产" in clash.json()["detail"]
    assert second.post(f"{API}/feedback/{identity}/approve").json()["code"] == "nothing_suggested"
    # What was fine when it was suggested may be in the files by the time it is approved.
    suggest(first, identity)
    file = house / "tree/data/nlu/asset_overview/total.yml"
    file.write_text(file.read_text(encoding="utf-8") + f"    - {SAID[0]}\n", encoding="utf-8")
    late = second.post(f"{API}/feedback/{identity}/approve")
    assert (late.status_code, late.json()["code"]) == (422, "refused_same")
    assert runs(house) == 0


def test_cancelled_in_mid_check(gathered: Services, house: Path, browser: Any) -> None:
    first, second = browser("zh01"), browser("zh02")
    identity = the_group(first)["id"]
    assert second.post(f"{API}/feedback/{identity}/cancel").json()["code"] == "not_running"
    (house / "gate.log.slow").touch()
    suggest(first, identity)
    second.post(f"{API}/feedback/{identity}/approve")
    until(lambda: runs(house))
    assert suggest(first, identity, "换一句话").json()["code"] == "running"
    assert second.post(f"{API}/feedback/{identity}/cancel").json()["job"]["state"] == "cancelled"
    until(lambda: not list((house / "feedback").glob("check-*")))
    (house / "gate.log.slow").unlink()
    second.post(f"{API}/feedback/{identity}/approve")
    assert settled(first, identity)["job"]["state"] == "done"


RUNNER = """
import sys
from pathlib import Path
from desk.feedback.jobs import Jobs
from desk.feedback.proposal import Suggestion
from desk.feedback.settings import FeedbackSettings
from desk.store import DeskStore
root, folder, store, command, gate = sys.argv[1:]
jobs = Jobs(DeskStore(store), FeedbackSettings(Path(root), Path(folder), "sqlite:///none.db", (command, gate)), bool)
jobs.recover()
jobs.step()
"""


def test_killed_in_mid_check_it_is_done_anew(gathered: Services, house: Path) -> None:
    with gathered.store.write() as connection:
        (group,) = inbox.listing(connection, branch=None, state=None, kind=None, limit=1)
        identity = int(group["id"])
        inbox.suggest(connection, identity, "zh01", Suggestion(texts=(SAID[0],), intent="asset_overview"))
        assert inbox.approve(connection, inbox.show(connection, identity, None), "zh02")

    def state() -> tuple[str, int]:
        with gathered.store.read() as connection:
            row = connection.execute(select(tables.jobs)).one()
        return row.state, row.attempts

    slow = house / "gate.log.slow"
    slow.touch()
    settings = FeedbackSettings.of(gathered.settings)
    places = [settings.root, settings.folder, gathered.settings.store_url, *settings.check]
    worker = subprocess.Popen([sys.executable, "-c", RUNNER, *map(str, places)], cwd=ROOT)
    until(lambda: runs(house) or worker.poll() is not None)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    # The gate that the killed desk had started waits for this file, and then finds its folder gone.
    assert state() == ("running", 1)
    again = Jobs(gathered.store, settings, lambda: False)
    again.recover()
    assert state() == ("queued", 1)
    slow.unlink()
    assert again.step() and not again.step()
    assert state() == ("done", 2)
    assert (settings.folder / f"{identity}.patch").exists()

    with gathered.store.write() as connection:
        connection.execute(update(tables.jobs).values(state="running", attempts=3))
    again.recover()
    assert state() == ("failed", 3)
    with gathered.store.read() as connection:
        left = inbox.show(connection, identity, None)
    assert left["state"] == "suggested" and "重启了 3 次" in left["job"]["reason"]


def test_a_desk_that_closes_leaves_the_check_for_the_next(gathered: Services, house: Path) -> None:
    with gathered.store.write() as connection:
        (group,) = inbox.listing(connection, branch=None, state=None, kind=None, limit=1)
        inbox.suggest(connection, int(group["id"]), "zh01", Suggestion(texts=(SAID[0],), intent="asset_overview"))
        inbox.approve(connection, inbox.show(connection, int(group["id"]), None), "zh02")
    (house / "gate.log.slow").touch()
    closing = Jobs(gathered.store, FeedbackSettings.of(gathered.settings), lambda: runs(house) > 0)
    closing.step()
    with gathered.store.read() as connection:
        row = connection.execute(select(tables.jobs)).one()
    assert (row.state, row.attempts) == ("queued", 0)
    assert not list((house / "feedback").glob("check-*"))


def test_who_may_what(gathered: Services, browser: Any) -> None:
    manager, branch, head = browser("jl01"), browser("hz01"), browser("zh01")
    identity = the_group(head)["id"]
    for desk, path, expected in (
        (manager, "", 403),
        (manager, f"/{identity}", 403),
        (manager, "/intents", 200),
        (branch, "/999999", 404),
        (head, "/999999", 404),
        (head, "/x", 422),
        (head, "/99999999999999999999", 422),
    ):
        assert desk.get(f"{API}/feedback{path}").status_code == expected, path
    assert suggest(manager, identity).status_code == 403
    assert branch.post(f"{API}/feedback/{identity}/approve").status_code == 403
    assert head.get(f"{API}/feedback?state=joke").status_code == 422
    titles = {one["id"]: one["title"] for one in head.get(f"{API}/feedback/intents").json()["intents"]}
    assert titles["deny"] == "不用、不对" and titles["asset_overview"]
    assert head.post(f"{API}/feedback/{identity}/dismiss", json={"why": ""}).status_code == 422
    assert head.post(f"{API}/feedback/{identity}/dismiss", json={"why": "是玩笑话"}).json()["state"] == "dismissed"
    assert suggest(head, identity).json()["state"] == "suggested"


def test_a_branch_sees_its_own_customers_turns_only(gathered: Services, browser: Any) -> None:
    branch = browser("hz01")
    me = branch.get(f"{API}/me").json()
    with gathered.store.write() as connection:
        one = connection.execute(select(tables.items.c.id).limit(1)).scalar()
        connection.execute(update(tables.items).values(branch="elsewhere"))
        connection.execute(update(tables.items).where(tables.items.c.id == one).values(branch=me["branch"]))
    group = the_group(branch)
    assert group["count"] == 1 and len(group["examples"]) == 1
    with gathered.store.write() as connection:
        connection.execute(update(tables.items).values(branch="elsewhere"))
    assert branch.get(f"{API}/feedback").json()["groups"] == []
    assert suggest(branch, group["id"]).status_code == 404
