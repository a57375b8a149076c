"""Showing the way: drives where the chassis can, says the way in words where it can't."""

from __future__ import annotations

from robot import wording
from robot.chassis import Chassis, Map, Motion, Place

_PATIENCE_BLOCKED = 8.0


class Guide:
    """One drive at a time. `step` tells what to say when something changes."""

    def __init__(self, chassis: Chassis, branch: Map, battery_low: float) -> None:
        self._chassis = chassis
        self._map = branch
        self._battery_low = battery_low
        self._place: Place | None = None
        self._blocked = 0.0
        self._told_blocked = False
        self._docking = False
        self._since_look = 0.0
        self.motion: Motion = chassis.motion(0.0)

    @property
    def walking(self) -> bool:
        """Whether a visitor is being led."""
        return self._place is not None

    @property
    def low(self) -> bool:
        """Whether the battery needs the dock."""
        return self.motion.battery < self._battery_low and self.motion.state not in ("charging", "fixed")

    def start(self, name: str) -> str:
        """Begin to lead there; what to say."""
        place = self._map.find(name)
        if place is None:
            return wording.say("unknown_place")
        if self.motion.state == "fixed" or self.low:
            return wording.say("pointing", place=place.name, where=place.where)
        self._place, self._blocked, self._told_blocked, self._docking = place, 0.0, False, False
        self._chassis.go(place)
        return wording.say("guiding", place=place.name)

    def stop(self) -> None:
        """Stand still."""
        if self._place is not None:
            self._place = None
            self._chassis.halt()

    def home(self) -> None:
        """Nobody needs the robot: back to the dock."""
        self._place = None
        if self.motion.state not in ("fixed", "charging") and not self._docking:
            self._docking = True
            self._chassis.dock()

    def step(self, seconds: float) -> tuple[str, bool]:
        """Time passes. What to say ("" for nothing), and whether the drive is over."""
        self._since_look += seconds
        if self._since_look < 0.2:
            return "", False
        self.motion = self._chassis.motion(self._since_look)
        passed, self._since_look = self._since_look, 0.0
        place, state = self._place, self.motion.state
        if state == "charging":
            self._docking = False
        if place is None:
            return "", False
        if state == "arrived":
            self._place = None
            return wording.say("arrived", place=place.name), True
        if state == "blocked":
            self._blocked += passed
            if self._blocked > _PATIENCE_BLOCKED:
                self.stop()
                return wording.say("lost", place=place.name, where=place.where), True
            if not self._told_blocked:
                self._told_blocked = True
                return wording.say("blocked"), False
        if state == "lost":
            self.stop()
            return wording.say("lost", place=place.name, where=place.where), True
        return "", False

    def drawn(self) -> dict[str, object] | None:
        """For the screen, while leading somebody."""
        return self._map.drawn(self.motion) if self._place is not None else None
