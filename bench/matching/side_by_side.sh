#!/usr/bin/env bash
# The same leads through `gateway match` and through Splink on DuckDB, by turns, and how many times faster the one is.
#
#   ./side_by_side.sh /tmp/ja-100k        3 rounds
#   ./side_by_side.sh /tmp/ja-100k 5      5 rounds
#
# Both read the CSV, match and cluster; ours also writes its result. Splink clusters at one threshold.
# GATEWAY names our program, PYTHON an interpreter that has Splink, KIND what `splink_rival.py` calls the model.
set -euo pipefail

folder=$1
rounds=${2:-3}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
gateway=${GATEWAY:-$here/../../target/release/gateway}
python=${PYTHON:-python3}
kind=${KIND:-leads}

work=$(mktemp -d "${TMPDIR:-/tmp}/side-by-side.XXXXXX")
trap 'rm -rf "$work"' EXIT

measure() { # name, command…: notes processor time and time on the clock, in seconds
    local name=$1
    shift
    TIMEFORMAT='%R %U %S'
    { time "$@" >"$work/said" 2>&1; } 2>"$work/took" || { cat "$work/said" >&2; exit 1; }
    awk -v name="$name" '{ printf "%s %.2f %.2f\n", name, $2 + $3, $1 }' "$work/took" | tee -a "$work/all"
}

median() { # name, column
    awk -v name="$1" -v column="$2" '$1 == name { print $column }' "$work/all" | sort -n |
        awk '{ all[NR] = $1 } END { print (all[int((NR + 1) / 2)] + all[int((NR + 2) / 2)]) / 2 }'
}

ratio() { # column
    awk -v ours="$(median gateway "$1")" -v theirs="$(median splink "$1")" \
        'BEGIN { printf "gateway %.2f s, splink %.2f s: %.1f times\n", ours, theirs, theirs / ours }'
}

echo "program, processor time, time on the clock (s)"
for ((round = 0; round < rounds; round++)); do
    measure gateway "$gateway" match "$folder/leads.csv" --out "$work/clusters.csv"
    measure splink "$python" "$here/splink_rival.py" "$folder" --kind "$kind" --threshold 0.95
done
echo "median processor time: $(ratio 2)"
echo "median time on the clock: $(ratio 3)"
