#!/usr/bin/env bash
# Installs the pinned AWS SDKs for Python and JavaScript below target/clients, for the tests with real clients.
# Does nothing if they are there already; installs them anew if a pin has changed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/../../target}
mkdir -p "$target"
into=$(cd "$target" && pwd)/clients

need() {
  command -v "$1" >/dev/null || { echo "install.sh: there is no $1 here; $2" >&2; exit 1; }
}
need python3 "install Python 3.10 or newer, with its venv module"
need npm "install Node 20 or newer"

pins=$(cat "$here/requirements.txt" "$here/package.json" "$here/package-lock.json" | sha256sum)
if [ "$(cat "$into/installed" 2>/dev/null)" = "$pins" ]; then
  exit 0
fi
failed() {
  echo "install.sh: $1 failed. The packages come from PyPI and the npm registry (or the caches and mirrors that pip and npm" \
    "are configured for): check that they can be reached and run this again. What is there already is kept." >&2
  exit 1
}
mkdir -p "$into"
rm -f "$into/installed"
echo "installing the AWS SDKs for Python and JavaScript into $into"
if ! "$into/python/bin/python" -c "" 2>/dev/null; then
  rm -rf "$into/python"
  python3 -m venv "$into/python" || failed "python3 -m venv (on Debian: apt install python3-venv)"
fi
"$into/python/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
  --requirement "$here/requirements.txt" || failed "pip install"
cp "$here/package.json" "$here/package-lock.json" "$into/"
(cd "$into" && npm ci --prefer-offline --ignore-scripts --no-audit --no-fund --loglevel=error) || failed "npm ci"
echo "$pins" >"$into/installed"
