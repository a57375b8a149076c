"""Ten minutes of load: no error, nothing missing on a stream, memory flat."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from app_client import ROOT


@pytest.mark.soak
def test_memory_stays_flat_under_load() -> None:
    command = [sys.executable, "-m", "benchmarks.app_load", "--engine", "none", "--minutes", "20"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    found = re.search(r"memory: (\d+) MB before, (\d+) MB after", run.stdout)
    assert found is not None, run.stdout
    before, after = map(int, found.groups())
    # Allocators breathe; a leak of one message per turn would be many times this.
    assert after < before * 1.3
