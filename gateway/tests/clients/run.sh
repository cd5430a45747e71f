#!/usr/bin/env bash
# The clients and the audit that frontend teams use, against the demo. Needs cargo and npm.
# Installs them into a temporary folder, starts the demo on a free port, and ends exactly the process it started.
#
# GATEWAY, when set, names the program to ask instead of the one that is built here.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=$(mktemp -d)
demo=
cleanup() {
  if [[ -n $demo ]]; then
    kill "$demo" 2>/dev/null || true
    wait "$demo" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT

cp "$here"/{package.json,package-lock.json,.npmrc,*.mjs} "$work/"
npm --prefix "$work" ci --silent --no-audit --no-fund

if [[ -z ${GATEWAY:-} ]]; then
  cargo build --quiet --manifest-path "$root/Cargo.toml" -p gateway
  GATEWAY=$(cargo metadata --manifest-path "$root/Cargo.toml" --format-version 1 --no-deps |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')/debug/gateway
fi
"$GATEWAY" --json demo --leads 200 --data "$work/demo" --listen 127.0.0.1:0 >"$work/ready" 2>"$work/log" &
demo=$!
for _ in $(seq 1200); do
  [[ -s $work/ready ]] && break
  kill -0 "$demo" || { cat "$work/log" >&2; exit 1; }
  sleep 0.1
done
address=$(python3 -c 'import json, sys; print(json.loads(open(sys.argv[1]).readline())["address"])' "$work/ready")
token=$(python3 -c 'import json, sys; print(json.loads(open(sys.argv[1]).readline())["tokens"][0]["token"])' "$work/ready")

for client in audit sockets streams; do
  node "$work/$client.mjs" "$address" "$token"
done
