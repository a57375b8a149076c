"""Wheels over ROS: goals and position through rosbridge (roslibpy), with move_base's topics."""

from __future__ import annotations

import contextlib
import logging
import math
import threading
from typing import Any
from urllib.parse import urlsplit

import roslibpy

from robot.chassis import Map, Motion, Place

logger = logging.getLogger(__name__)

_LOST_STATES = {4: "lost", 5: "lost", 8: "lost", 9: "lost"}
"""actionlib_msgs/GoalStatus: aborted, rejected, recalled, lost."""
_ARRIVED = 3


class RosChassis:
    """Publishes /move_base_simple/goal, listens to /move_base/status, /amcl_pose and /battery_state."""

    def __init__(self, url: str, branch: Map) -> None:
        parts = urlsplit(url)
        self._map = branch
        self._lock = threading.Lock()
        self._state, self._target = "standing", ""
        self._x, self._y = branch.dock
        self._battery = 100.0
        self._goal_number = 0
        self._ros = roslibpy.Ros(host=parts.hostname or "127.0.0.1", port=parts.port or 9090)
        self._goal = roslibpy.Topic(self._ros, "/move_base_simple/goal", "geometry_msgs/PoseStamped")
        self._cancel = roslibpy.Topic(self._ros, "/move_base/cancel", "actionlib_msgs/GoalID")
        roslibpy.Topic(self._ros, "/move_base/status", "actionlib_msgs/GoalStatusArray").subscribe(self._on_status)
        pose = "geometry_msgs/PoseWithCovarianceStamped"
        roslibpy.Topic(self._ros, "/amcl_pose", pose, throttle_rate=200).subscribe(self._on_pose)
        roslibpy.Topic(self._ros, "/battery_state", "sensor_msgs/BatteryState").subscribe(self._on_battery)
        # A bridge that is not there yet must not stop the robot from talking.
        threading.Thread(target=self._connect, daemon=True).start()

    def go(self, place: Place) -> None:
        self._send(place.x, place.y, place.id)

    def dock(self) -> None:
        self._send(*self._map.dock, "dock")

    def halt(self) -> None:
        with self._lock:
            self._state, self._target = "standing", ""
        if self._ros.is_connected:
            self._cancel.publish(roslibpy.Message({}))

    def motion(self, seconds: float) -> Motion:
        """The last that was heard."""
        with self._lock:
            if not self._ros.is_connected:
                return Motion("lost" if self._target else "standing", self._x, self._y, self._battery, self._target)
            return Motion(self._state, self._x, self._y, self._battery, self._target)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._ros.close()

    def _connect(self) -> None:
        try:
            self._ros.run(timeout=5)
        except Exception as error:
            logger.warning("no rosbridge: %s", type(error).__name__)

    def _send(self, x: float, y: float, name: str) -> None:
        with self._lock:
            self._target = name
            self._state = "moving" if self._ros.is_connected else "lost"
            self._goal_number += 1
        if self._ros.is_connected:
            pose = {"position": {"x": x, "y": y, "z": 0.0}, "orientation": {"x": 0.0, "y": 0.0, "z": 0.0, "w": 1.0}}
            self._goal.publish(roslibpy.Message({"header": {"frame_id": "map"}, "pose": pose}))

    def _on_status(self, message: dict[str, Any]) -> None:
        statuses = message.get("status_list") or ()
        if not statuses:
            return
        status = statuses[-1].get("status")
        with self._lock:
            if not self._target:
                return
            if status == _ARRIVED:
                self._state = "charging" if self._target == "dock" else "arrived"
                self._target = ""
            elif status in _LOST_STATES:
                self._state = _LOST_STATES[status]

    def _on_pose(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(KeyError, TypeError, ValueError):
            position = message["pose"]["pose"]["position"]
            x, y = float(position["x"]), float(position["y"])
            if math.isfinite(x) and math.isfinite(y):
                with self._lock:
                    self._x, self._y = x, y

    def _on_battery(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(KeyError, TypeError, ValueError):
            share = float(message["percentage"])
            if 0 <= share <= 1:
                with self._lock:
                    self._battery = share * 100
