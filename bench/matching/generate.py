"""Invented leads with known truth: people at companies, typed again in other ways, among hard negatives.

Writes <out>/leads.csv (columns as `gateway match` reads them) and <out>/truth.csv (id, entity).
Same arguments, same files.

    python generate.py --language ja --people 6000 --seed 1 --out /tmp/ja-1
"""

import argparse
import csv
import pathlib
import random

import english
import japanese

COLUMNS = ("id source source_id first_name last_name company email phone street city region postal_code country "
           "website corporate_number created_at").split()
SOURCES = ["CRM", "MA", "CSV", "EVENT", "WEB"]


def copies(dice):
    return dice.choices([1, 2, 3, 4, 5], [58, 24, 11, 5, 2])[0]


def leads(language, people, dice):
    """Yields (entity, row) for each lead, in the order of the people."""
    world = {"ja": japanese, "en": english}[language].World(dice)
    for entity, person in enumerate(world.people(people)):
        for number in range(copies(dice)):
            row = world.lead(person)
            if number:
                for _ in range(dice.choices([1, 2, 3], [50, 35, 15])[0]):
                    world.retype(row, person)
            yield entity, row


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", choices=["ja", "en"], required=True)
    parser.add_argument("--people", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    given = parser.parse_args()
    dice = random.Random(f"{given.language} {given.seed}")
    rows = list(leads(given.language, given.people, dice))
    dice.shuffle(rows)
    given.out.mkdir(parents=True, exist_ok=True)
    with open(given.out / "leads.csv", "w", newline="") as leads_file, open(given.out / "truth.csv", "w") as truth:
        writer = csv.DictWriter(leads_file, COLUMNS, restval="")
        writer.writeheader()
        truth.write("id,entity\n")
        for number, (entity, row) in enumerate(rows):
            name = f"L{number:07}"
            source = dice.choice(SOURCES)
            writer.writerow({**row, "id": name, "source": source, "source_id": f"{source}-{number}"})
            truth.write(f"{name},{entity}\n")


if __name__ == "__main__":
    main()
