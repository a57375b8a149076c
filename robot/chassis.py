"""Wheels: the interface, and a simulator that drives straight lines on the branch's map. ROS is in chassis_ros."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml

from robot.settings import ROOT, SettingsError
from robot.settings import Chassis as ChassisSettings

SPEED = 0.6
"""Metres a second: a slow walk."""


@dataclass(frozen=True)
class Place:
    """Where something is: metres on the branch's map, and the way in words."""

    id: str
    name: str
    x: float
    y: float
    where: str


@dataclass(frozen=True)
class Motion:
    """How the wheels are: state is standing, moving, arrived, blocked, lost or charging; battery in percent."""

    state: str
    x: float
    y: float
    battery: float
    target: str = ""


class Chassis(Protocol):
    """Any base. go and dock begin a drive, `motion` says how it stands; nothing blocks."""

    def go(self, place: Place) -> None: ...

    def dock(self) -> None: ...

    def halt(self) -> None: ...

    def motion(self, seconds: float) -> Motion: ...

    def close(self) -> None: ...


class Map:
    """The branch's places by id and by name. Raises SettingsError for a file that can't be used."""

    def __init__(self, file: Path) -> None:
        try:
            content: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
            self.width, self.height = float(content["size"]["width"]), float(content["size"]["height"])
            self.dock = (float(content["dock"]["x"]), float(content["dock"]["y"]))
            self.places = {
                key: Place(key, str(p["name"]), float(p["x"]), float(p["y"]), str(p["where"]))
                for key, p in content["places"].items()
            }
        except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise SettingsError(f"地图 {file.name} 用不了，请检查 {error}") from None

    def find(self, name: str) -> Place | None:
        """A place by its id or its name."""
        return self.places.get(name) or next((p for p in self.places.values() if p.name == name), None)

    def drawn(self, motion: Motion) -> dict[str, Any]:
        """For the screen: the map with the robot on it."""
        places = [{"id": p.id, "name": p.name, "x": p.x, "y": p.y} for p in self.places.values()]
        robot = {"x": round(motion.x, 2), "y": round(motion.y, 2), "state": motion.state, "target": motion.target}
        return {"width": self.width, "height": self.height, "places": places, "robot": robot}


class NoWheels:
    """A robot that stands: it shows the way in words."""

    def go(self, place: Place) -> None:
        """Nowhere."""

    def dock(self) -> None:
        """Nowhere."""

    def halt(self) -> None:
        """Always."""

    def motion(self, seconds: float) -> Motion:
        """Never moving; always on mains."""
        return Motion("fixed", 0.0, 0.0, 100.0)

    def close(self) -> None:
        """Nothing."""


class Simulator:
    """Drives at walking speed from where it stands; somebody may be put in its way."""

    def __init__(self, branch: Map) -> None:
        self._map = branch
        self._x, self._y = branch.dock
        self._target: tuple[float, float, str] | None = None
        self._state = "charging"
        self.battery = 100.0
        self.obstacle = False

    def go(self, place: Place) -> None:
        self._target, self._state = (place.x, place.y, place.id), "moving"

    def dock(self) -> None:
        self._target, self._state = (*self._map.dock, "dock"), "moving"

    def halt(self) -> None:
        self._target, self._state = None, "standing"

    def motion(self, seconds: float) -> Motion:
        """Where it is after so many more seconds."""
        if self._target is not None:
            self._drive(seconds)
        rate = 0.05 if self._state == "charging" else -0.01 if self._state == "moving" else -0.002
        self.battery = min(100.0, max(0.0, self.battery + rate * seconds))
        target = self._target[2] if self._target else ""
        return Motion(self._state, self._x, self._y, self.battery, target)

    def close(self) -> None:
        """Nothing."""

    def _drive(self, seconds: float) -> None:
        assert self._target is not None
        if self.obstacle:
            self._state = "blocked"
            return
        x, y, name = self._target
        left = math.hypot(x - self._x, y - self._y)
        step = SPEED * seconds
        if left <= step:
            self._x, self._y, self._target = x, y, None
            self._state = "charging" if name == "dock" else "arrived"
            return
        self._x += (x - self._x) * step / left
        self._y += (y - self._y) * step / left
        self._state = "moving"


def open_chassis(settings: ChassisSettings) -> tuple[Chassis, Map]:
    """The chassis of the settings and the branch's map. Raises SettingsError."""
    file = Path(settings.map)
    branch = Map(file if file.is_absolute() else ROOT / file)
    if settings.kind == "none":
        return NoWheels(), branch
    if settings.kind == "ros":
        from robot.chassis_ros import RosChassis

        return RosChassis(settings.ros_url, branch), branch
    return Simulator(branch), branch
