#!/usr/bin/env bash
# Real Salesforce client libraries against the sandbox. Needs cargo, python3, npm, openssl.
# Installs both libraries into a temporary folder, starts the sandbox on a free port, and ends
# exactly the process it started. Fails when any assertion does.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=$(mktemp -d)
sandbox=
cleanup() {
  if [[ -n $sandbox ]]; then
    kill "$sandbox" 2>/dev/null || true
    wait "$sandbox" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT

openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/app.pem" 2>/dev/null ||
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/app.pem" 2>/dev/null
openssl pkey -in "$work/app.pem" -pubout -out "$work/app-public.pem"

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
cp "$here"/{package.json,package-lock.json,.npmrc,jsforce.mjs} "$work/"
npm --prefix "$work" ci --silent --no-audit --no-fund

cargo build --quiet --manifest-path "$root/Cargo.toml" -p sandbox --example serve
target=$(cargo metadata --manifest-path "$root/Cargo.toml" --format-version 1 --no-deps |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')

# Standard input stays open for as long as the sandbox shall live.
mkfifo "$work/stdin"
"$target/debug/examples/serve" 2500 0 "$work/app-public.pem" <"$work/stdin" >"$work/address" &
sandbox=$!
exec 3>"$work/stdin"
for _ in $(seq 100); do
  [[ -s $work/address ]] && break
  kill -0 "$sandbox"
  sleep 0.1
done
url=$(head -n 1 "$work/address")

credentials=("$url" partner-gateway-demo demo-client-secret integration@demo.example.com "$work/app.pem")
"$work/venv/bin/python" "$here/simple_salesforce.py" "${credentials[@]}"
node "$work/jsforce.mjs" "${credentials[@]}"
echo "both clients passed"
