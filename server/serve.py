"""`make serve`: prepare what is stale, start every part under supervisord, say when each answers, end all on Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import xmlrpc.client
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from server import keys
from server import settings as peiban_settings

ROOT = peiban_settings.ROOT
PARTS = {
    "actions": "业务动作服务",
    "rasa": "对话服务（应用与机器人渠道、页面）",
    "journeys": "触达与线索服务",
    "desk": "客户经理工作台",
}
START_TIMEOUT_S = 180


def _port_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _prepare(settings: peiban_settings.Settings) -> int:
    """Demo bank, pages and model, side by side: each does nothing when it is up to date."""
    steps = {
        "页面": [sys.executable, "-m", "server.pages"],
        "模型": [sys.executable, "-m", "server.train"],
    }
    if settings.mode == "demo":
        steps["演示银行"] = [sys.executable, "-m", "wealth.demo", "--customers", str(settings.customers)]
    running = {name: subprocess.Popen(command, cwd=ROOT) for name, command in steps.items()}
    failed = 0
    try:
        for name, process in running.items():
            if process.wait():
                print(f"✗ {name}没有准备好", file=sys.stderr)
                failed = 1
    except KeyboardInterrupt:
        for process in running.values():
            process.terminate()
        raise
    for name, module in (("触达数据表", "journeys.store.migrate"), ("产品目录", "server.catalogue")):
        if not failed and subprocess.run([sys.executable, "-m", module], cwd=ROOT, check=False).returncode:
            print(f"✗ {name}没有准备好", file=sys.stderr)
            failed = 1
    return failed


class Supervisor:
    """supervisord as our child, spoken to over its own Unix socket."""

    def __init__(self, settings: peiban_settings.Settings) -> None:
        self._socket = settings.var / "supervisor.sock"
        self._socket.unlink(missing_ok=True)
        os.environ["PEIBAN_SUPERVISOR_SOCKET"] = str(self._socket)
        os.environ["PEIBAN_PYTHON_BIN"] = sys.executable
        os.environ["PEIBAN_ROOT"] = str(ROOT)
        os.environ["PEIBAN_LOGS"] = str(settings.logs)
        self._log = (settings.logs / "supervisord.log").open("a")
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "supervisor.supervisord",
                "-n",
                "-c",
                str(ROOT / "deploy" / "supervisord.conf"),
            ],
            cwd=ROOT,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            # Its own session: Ctrl-C reaches us first, and we end the children in order.
            start_new_session=True,
        )
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        self._proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)

    def states(self) -> dict[str, tuple[str, int]]:
        """Part → (state name, process id); empty while supervisord is not up yet."""
        try:
            rows: Any = self._proxy.supervisor.getAllProcessInfo()
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            # A half-made connection would refuse the next request; the transport opens a new one.
            self._proxy("close")()
            return {}
        return {row["name"]: (row["statename"], row["pid"]) for row in rows}

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=25)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
        self._log.close()


def _health(url: str) -> dict[str, str]:
    try:
        with urllib.request.urlopen(url + "/health", timeout=3) as response:
            return dict(json.load(response)["parts"])
    except urllib.error.HTTPError as error:
        with contextlib.suppress(ValueError, KeyError):
            return dict(json.load(error)["parts"])
    except (OSError, ValueError):
        pass
    return {}


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1][:300] if lines else "没有日志"


def _wait_ready(supervisor: Supervisor, settings: peiban_settings.Settings) -> int:
    started = time.monotonic()
    shown: set[str] = set()
    while time.monotonic() - started < START_TIMEOUT_S:
        if supervisor.process.poll() is not None:
            print(f"✗ 进程管理没有启动: {_last_line(settings.logs / 'supervisord.log')}", file=sys.stderr)
            return 1
        for name, (state, _) in supervisor.states().items():
            if state in ("FATAL", "BACKOFF") and time.monotonic() - started > 20:
                print(
                    f"✗ {PARTS.get(name, name)}没有起来: {_last_line(settings.logs / f'{name}.log')}",
                    file=sys.stderr,
                )
                return 1
        parts = _health(settings.url)
        for name, state in parts.items():
            if state == "ok" and name not in shown:
                shown.add(name)
                print(f"  ✓ {name} ({time.monotonic() - started:.0f} 秒)", flush=True)
        if parts and all(state == "ok" for state in parts.values()):
            return 0
        time.sleep(0.4)
    print(f"✗ {START_TIMEOUT_S} 秒内没有全部就绪，请看 {settings.logs}", file=sys.stderr)
    return 1


def _watch(supervisor: Supervisor) -> int:
    """Sit until Ctrl-C; one line when a part died and when it is back."""
    pids: dict[str, int] = {}
    while supervisor.process.poll() is None:
        for name, (state, pid) in supervisor.states().items():
            before = pids.get(name)
            if state != "RUNNING" and before:
                print(f"! {PARTS.get(name, name)}停了，正在重启 …", flush=True)
                pids[name] = 0
            elif state == "RUNNING" and pid != before:
                if before is not None:
                    print(f"✓ {PARTS.get(name, name)}已恢复", flush=True)
                pids[name] = pid
        time.sleep(1)
    print("✗ 进程管理意外结束", file=sys.stderr)
    return 1


def main() -> int:
    parser = argparse.ArgumentParser(description="启动财富陪伴：准备、启动、就绪后给出网址；Ctrl-C 全部结束")
    parser.add_argument("--seconds", type=float, default=0, help="就绪后运行这么久就自动结束（默认一直运行）")
    arguments = parser.parse_args()
    try:
        settings = peiban_settings.load()
        keys.share(settings)
    except peiban_settings.SettingsError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 2
    for name, host, port in (
        ("PEIBAN_PORT", settings.host, settings.port),
        ("PEIBAN_ACTIONS_PORT", "127.0.0.1", settings.actions_port),
        ("PEIBAN_DESK_PORT", settings.host, settings.desk_port),
    ):
        if not _port_free(host, port):
            print(
                f"✗ 端口 {port} 已被占用。请先停掉占用它的程序，或换一个: {name}={port + 100} make serve",
                file=sys.stderr,
            )
            return 2

    def interrupt(signum: int, frame: object) -> None:
        raise KeyboardInterrupt

    # Started in a script's background, Python would ignore Ctrl-C.
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    if arguments.seconds:
        signal.signal(signal.SIGALRM, interrupt)
    supervisor = None
    try:
        if _prepare(settings):
            return 1
        print("正在启动 …", flush=True)
        supervisor = Supervisor(settings)
        code = _wait_ready(supervisor, settings)
        if code:
            return code
        print(
            f"\n  财富陪伴已就绪: {settings.url}/\n  客户经理工作台: {settings.desk_url}/desk/\n"
            f"  健康检查: {settings.url}/health\n"
            f"  日志: {settings.logs}\n  Ctrl-C 结束\n",
            flush=True,
        )
        if arguments.seconds:
            signal.setitimer(signal.ITIMER_REAL, arguments.seconds)
        return _watch(supervisor)
    except KeyboardInterrupt:
        print("\n正在结束 …", flush=True)
        return 0
    finally:
        if supervisor:
            supervisor.stop()


if __name__ == "__main__":
    sys.exit(main())
