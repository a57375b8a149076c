"""Ten minutes of customers on the real engine: no error, nothing missing on a stream, memory flat."""

from __future__ import annotations

import subprocess
import sys

import pytest
from app_client import ROOT


@pytest.mark.soak
def test_ten_minutes_of_load_leave_no_error_and_no_memory() -> None:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.app_load", "--alone", "--minutes", "10"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    # The benchmark judges errors, gaps and each process's memory itself.
    assert run.returncode == 0, run.stdout + run.stderr
    assert "gaps on streams: 0" in run.stdout and "memory of server" in run.stdout, run.stdout
    assert "memory of actions" in run.stdout, run.stdout
