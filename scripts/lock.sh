#!/usr/bin/env bash
# Compiles requirements/*.txt from pyproject.toml: hashes, no index addresses. Run by hand after editing pyproject.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=.venv/bin/uv
common=(--python-version 3.10 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links -q)
# One resolution for all, so that the parts agree on versions when they share an environment.
"$uv" pip compile "${common[@]}" --extra robot --extra web --extra test pyproject.toml -o requirements/all.txt
"$uv" pip compile "${common[@]}" -c requirements/all.txt pyproject.toml -o requirements/server.txt
for part in robot web test; do
  sed -n "/^$part = \[/,/^\]/p" pyproject.toml | sed -nE 's/^ +"(.*)",?$/\1/p' > "requirements/$part.in"
  "$uv" pip compile "${common[@]}" -c requirements/all.txt "requirements/$part.in" -o "requirements/$part.txt"
  rm "requirements/$part.in"
done
rm requirements/all.txt
echo "uv==$("$uv" --version | cut -d" " -f2)" | "$uv" pip compile "${common[@]}" - -o requirements/uv.txt
