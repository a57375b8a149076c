#!/usr/bin/env bash
# Story tests with the trained model: dialogue only, so they need neither the action server nor the network.
set -euo pipefail
cd "$(dirname "$0")/.."
model=$(.venv/bin/python -c 'from server.train import model_path; print(model_path())')
.venv/bin/python -m rasa test core --model "$model" --stories tests/stories --out results/stories --fail-on-prediction-errors
