#!/usr/bin/env bash
# All benchmarks, one after the other: each prints its own table beside a peer. Nothing is asserted.
set -uo pipefail
cd "$(dirname "$0")/.."
for file in benchmarks/*.py; do
  name=$(basename "$file" .py)
  case "$name" in __init__ | noise | load_servers) continue ;; esac
  printf '\n=== %s ===\n' "$name"
  .venv/bin/python -m "benchmarks.$name" || printf '(%s ended with an error)\n' "$name"
done
