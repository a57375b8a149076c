"""The states of a visit: the table, and its drawing in docs/robot.md."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from robot.session import TABLE, Event, Session, State
from robot.settings import ROOT


def test_the_drawing_is_the_table() -> None:
    text = (ROOT / "docs" / "robot.md").read_text(encoding="utf-8")
    drawn = set()
    for line in re.findall(r"^ +(\w+) --> (\w+): (.+)$", text, re.MULTILINE):
        for event in line[2].split(", "):
            drawn.add((line[0], event, line[1]))
    assert drawn == {(before.value, event.value, after.value) for (before, event), after in TABLE.items()}


def test_every_state_can_be_reached_and_leads_back_to_idle() -> None:
    def reachable(start: State) -> set[State]:
        found, todo = {start}, [start]
        while todo:
            here = todo.pop()
            for (before, _), after in TABLE.items():
                if before is here and after not in found:
                    found.add(after)
                    todo.append(after)
        return found

    assert reachable(State.IDLE) == set(State)
    assert all(State.IDLE in reachable(state) for state in State)


@given(st.lists(st.sampled_from(Event), max_size=60))
def test_any_order_of_events_keeps_a_known_state(events: list[Event]) -> None:
    changes: list[tuple[State, Event, State]] = []
    session = Session(lambda before, event, after: changes.append((before, event, after)))
    for event in events:
        before = session.state
        assert session.on(event) == ((before, event) in TABLE)
    assert all(TABLE[before, event] is after for before, event, after in changes)
