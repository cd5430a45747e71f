"""Two halves of some sets, person by person: one to learn from, one that stays unseen until the end.

Writes <out>/seen/leads.csv, the seen halves of all sets together, and <out>/<set>/ for each unseen half, as `evaluate.py` reads it.

    python halves.py /tmp/ja-12 /tmp/en-12 /tmp/febrl-1 /tmp/febrl-2 --out /tmp/halves
"""

import argparse
import csv
import hashlib
import pathlib

from evaluate import truth_of

# Of these only `match` learns; which system a lead is from would say nothing about other files.
COLUMNS = ("id first_name last_name company email phone street city region postal_code country website "
           "corporate_number").split()


def is_seen(folder, entity):
    return hashlib.sha256(f"{folder.name} {entity}".encode()).digest()[0] < 128


def split(folder, out, seen):
    """Writes the unseen half, and adds the other to the seen ones. Ids may repeat from set to set."""
    truth, half = truth_of(folder), out / folder.name
    half.mkdir(parents=True, exist_ok=True)
    with (open(folder / "leads.csv") as leads, open(half / "leads.csv", "w", newline="") as unseen,
          open(half / "truth.csv", "w") as unseen_truth):
        rows = csv.DictReader(leads)
        writer = csv.DictWriter(unseen, rows.fieldnames)
        writer.writeheader()
        unseen_truth.write("id,entity\n")
        for row in rows:
            entity = truth[row["id"]]
            if is_seen(folder, entity):
                seen.writerow({**row, "id": f"{folder.name} {row['id']}"})
            else:
                writer.writerow(row)
                unseen_truth.write(f"{row['id']},{entity}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=pathlib.Path, nargs="+")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    given = parser.parse_args()
    (given.out / "seen").mkdir(parents=True, exist_ok=True)
    with open(given.out / "seen/leads.csv", "w", newline="") as leads:
        seen = csv.DictWriter(leads, COLUMNS, restval="", extrasaction="ignore")
        seen.writeheader()
        for folder in given.folders:
            split(folder, given.out, seen)


if __name__ == "__main__":
    main()
