#!/usr/bin/env bash
# Everything `make test` checks, in the order in which a mistake is cheapest to find. Stops at the first that fails.
set -euo pipefail
cd "$(dirname "$0")/.."
py=.venv/bin/python
export PYTHONWARNINGS=ignore TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1 RASA_TELEMETRY_ENABLED=false
export SQLALCHEMY_SILENCE_UBER_WARNING=1
started=$SECONDS
mkdir -p results var/log

step() { # title, then the command; long output goes to a file and is shown only when it fails
  local title=$1 log
  shift
  log="var/log/test-$(echo "$title" | tr -c 'a-z0-9\n' '-' | head -c 40).log"
  local begun=$SECONDS
  printf '· %-52s' "$title"
  if "$@" >"$log" 2>&1; then
    printf 'ok  %4ds\n' $((SECONDS - begun))
  else
    printf 'FAILED\n'
    tail -n 80 "$log"
    exit 1
  fi
}

step "lint, types, import rules" bash scripts/lint.sh
step "pages build" "$py" -m server.pages
step "model trains (cached by hash)" "$py" -m server.train
step "rasa data validate" "$py" -m rasa data validate --data data/nlu data/rules data/stories --domain domain.yml --config config.yml
step "story tests (rasa test core)" bash scripts/test_stories.sh
step "nlu gate and report" bash -c "$py -m nlu.check && $py -m nlu.report --quick"
# Playwright keeps an event loop of its own running, so the tests in a browser have processes of their own.
echo "· unit tests"
"$py" -m pytest -q --durations=15 tests --ignore tests/e2e --ignore tests/robot/test_kiosk.py
echo "· the robot's screen in Chromium"
"$py" -m pytest -q tests/robot/test_kiosk.py
echo "· end to end: the page, whole conversations on both channels, a spoken turn"
"$py" -m pytest -q --durations=10 tests/e2e
printf 'all checks passed in %d s\n' $((SECONDS - started))
