"""How journeys grow: `python -m benchmarks.journeys [--customers 20000 200000] [--events 20000]`. Nothing is asserted.

Times: all facts, tags and daily rules over every customer; events per second through intake and engine; event to lead
at the receiver, also through a running house (`--house http://127.0.0.1:5005`, demo mode, on this machine). Peer for
the set-wise facts: the same figures one customer at a time through `wealth`, on a sample.
CPU seconds stand beside the wall clock: on a busy machine only they compare.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import select

from journeys import looks, outbox
from journeys.day.receiver import Receiver
from journeys.engine import Engine
from journeys.events.intake import intake
from journeys.leads import book
from journeys.mot import fire
from journeys.store import Journal
from journeys.store.journal import put
from journeys.store.migrate import migrate as migrate_journeys
from journeys.tags import compute
from journeys.tags.facts import facts
from journeys.tags.holdings import holdings
from wealth.advice.stage import stage_of
from wealth.advice.suitability import standing
from wealth.clock import SHANGHAI
from wealth.demo.build import Parameters, build, is_current
from wealth.positions import portfolio
from wealth.rules.guard import Guard
from wealth.store import Store, open_store, schema
from wealth.store.migrate import migrate

ROOT = Path(__file__).resolve().parents[1]
AS_OF = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
KEY = "benchmark-key-of-at-least-32-bytes!"
SAMPLE = 100


def timed(title: str, work: Callable[[], Any]) -> tuple[Any, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"  {title:<40} {wall:8.2f} s   {cpu:8.2f} s CPU", flush=True)
    return result, wall


def bank(folder: Path, customers: int) -> Store:
    folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{folder / f'journeys-{customers}.db'}"
    migrate(url)
    migrate_journeys(url)
    store = open_store(url)
    wanted = Parameters(customers, AS_OF, 1849)
    if not is_current(store, wanted):
        print(f"building a demo bank of {customers:,} customers …", flush=True)
        build(store, wanted, lambda line: None)
    with store.write() as connection:
        for table in ("tags", "moments", "leads", "outbox", "outreach", "handled", "timers", "events", "meta"):
            where = " WHERE key LIKE 'cursor.%' OR key = 'scan.day'" if table == "meta" else ""
            connection.exec_driver_sql(f"DELETE FROM journey_{table}{where}")
    return store


def everyone(journal: Journal, customers: int) -> float:
    """Returns the seconds of a day's run: facts, tags, rules."""
    print(f"\nall customers ({customers:,})")
    held, read = timed("holdings of all customers", lambda: holdings(journal.store, NOW))
    found, rest = timed("the other facts of all customers", lambda: facts(journal.store, NOW, held=held))
    setwise = read + rest
    changed, tagged = timed("tags of all customers", lambda: compute.changes(journal, found))
    print(f"  {'':40} {len(changed.new):,} tags")

    def keep() -> None:
        with journal.write() as connection:
            compute.write(connection, changed, NOW)

    engine = Engine(journal, Guard.load(journal.store), lambda who, what: True, lambda key, what: outbox.Outcome(True))

    def scan() -> int:
        count = 0
        for name, look in (
            ("daily", lambda: looks.daily(journal, found, NOW)),
            ("holding", lambda: looks.by_holding(journal, found, NOW, held)),
        ):
            frame = look()
            mot = [rule for rule in engine.rules.values() if rule.trigger.on == name]
            kinds = [kind for kind in engine.kinds.values() if kind.trigger.on == name]
            count += len(fire.moments(journal, mot, frame, NOW)) + len(book.candidates(kinds, frame, NOW))
        return count

    hits, ruled = timed("rules and leads over them", scan)
    print(f"  {'':40} {hits:,} fired")
    together = setwise + tagged + ruled
    print(f"  {'all tags and rules':<40} {together:8.2f} s   (aim 15 s at 200,000 on an idle machine)")
    timed("writing all tags, once in a bank's life", keep)
    timed("again, a day on: facts and changed tags", lambda: compute.refresh(journal, NOW + timedelta(days=1)))
    with journal.read() as connection:
        people = connection.execute(select(schema.customers.c.id)).scalars().all()
    some = random.Random(1).sample(people, min(SAMPLE, len(people)))

    def one_by_one() -> None:
        for customer in some:
            stage_of(portfolio(journal.store, customer, NOW))
            standing(journal.store, customer, NOW)

    _, single = timed(f"peer: {len(some)} customers one by one", one_by_one)
    ratio = (single / len(some)) / (setwise / customers)
    print(f"  set-wise is {ratio:.1f} × the peer (stage, holdings and level only) per customer")
    return together


def stream(journal: Journal, events: int, folder: Path) -> None:
    print(f"\nstream of {events:,} events")
    with journal.read() as connection:
        people = connection.execute(select(schema.customers.c.id)).scalars().all()
    rng = random.Random(2)
    receiver = Receiver(folder / "receiver.db", KEY, {"fails": 0, "forgets": 0, "hangs": 0}, 1)
    engine = Engine(journal, Guard.load(journal.store), lambda who, what: True, outbox.webhook(receiver.url, KEY))
    with journal.write() as connection:
        put(connection, "scan.day", AS_OF.isoformat())

    def event(number: int, **changes: Any) -> dict[str, Any]:
        at = (NOW - timedelta(seconds=number % 3000)).isoformat()
        made = {"event_id": f"b-{number}", "kind": "page_viewed", "customer": rng.choice(people), "occurred_at": at}
        return {**made, "data": {"page": "home"}, **changes}

    made = [event(number) for number in range(events)]

    def take() -> None:
        for first in range(0, len(made), 1000):
            intake(journal, made[first : first + 1000], NOW)

    _, wall = timed("intake in batches of 1,000", take)
    print(f"  {'':40} {events / wall:,.0f} events/s")

    def work() -> None:
        while engine.take_events(NOW):
            pass

    _, wall = timed("engine: tags and rules after each batch", work)
    print(f"  {'':40} {events / wall:,.0f} events/s")
    times = []
    for number in range(30):
        data: Mapping[str, str] = {"reason": "asked"}
        one = event(events + number, kind="handoff_requested", data=data)
        began = time.perf_counter()
        intake(journal, [one], NOW)
        engine.take_events(NOW)
        outbox.deliver(journal, engine.post, NOW)
        times.append(time.perf_counter() - began)
    receiver.close()
    ordered = sorted(times)
    print(f"  event → lead at the receiver: p50 {statistics.median(ordered):.3f} s, p95 {ordered[28]:.3f} s (aim 2 s)")


def through_a_house(url: str, keys: Path) -> None:
    """Event in over HTTP, lead at the demo bank's planning system, as a running house does it."""
    key = (keys / "peiban_bank_events_key").read_text()

    def of(customer: str) -> set[str]:
        listed = requests.get(f"{url}/demo/bank/leads", timeout=10).json()["leads"]
        return {one["key"] for one in listed if one["lead"]["customer"] == customer}

    times = []
    for number in range(30):
        customer = f"demo-{number % 20 + 1:02d}"
        before = of(customer)
        event = {"event_id": f"bench-{uuid.uuid4().hex}", "kind": "handoff_requested", "customer": customer}
        event["occurred_at"] = datetime.now(SHANGHAI).isoformat()
        body = json.dumps([{**event, "data": {"reason": "asked"}}]).encode()
        target = f"{url}/webhooks/events"
        headers = {"Content-Type": "application/json", **outbox.signed(key, target, body)}
        began = time.perf_counter()
        requests.post(target, body, headers=headers, timeout=10).raise_for_status()
        while of(customer) == before:
            if time.perf_counter() - began > 30:
                raise SystemExit("no lead after 30 seconds: is the worker running?")
            time.sleep(0.02)
        times.append(time.perf_counter() - began)
    ordered = sorted(times)
    print(f"\nthrough {url}")
    print(f"  event → lead at the receiver: p50 {statistics.median(ordered):.3f} s, p95 {ordered[28]:.3f} s (aim 2 s)")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.journeys")
    parser.add_argument("--customers", type=int, nargs="+", default=[20_000], metavar="N", help="one size or several")
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "bench")
    parser.add_argument("--house", metavar="URL", help="only: event to lead through this running house")
    parser.add_argument("--keys", type=Path, default=ROOT / "var" / "demo-keys")
    options = parser.parse_args()
    if options.house:
        return through_a_house(options.house.rstrip("/"), options.keys)
    took = []
    for customers in options.customers:
        journal = Journal(bank(options.folder, customers))
        took.append(everyone(journal, customers))
        with tempfile.TemporaryDirectory() as folder:
            stream(journal, options.events, Path(folder))
    for (small, quick), (large, slow) in pairwise(zip(options.customers, took, strict=True)):
        print(f"\n{small:,} → {large:,} customers ({large / small:.0f} ×): {slow / quick:.1f} × as long")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory {peak:,.0f} MB")


if __name__ == "__main__":
    main()
