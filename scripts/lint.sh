#!/usr/bin/env bash
# Lint, format, types and import rules. Stops at the first that fails.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
"$bin/ruff" check .
"$bin/ruff" format --check .
"$bin/mypy" zhtext nlu wealth journeys actions channels robot desk server benchmarks
"$bin/lint-imports" --no-cache
