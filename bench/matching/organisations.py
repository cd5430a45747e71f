"""Accounts with known truth: companies of the public list, entered again in other ways, among companies that look like them.

Hard negatives: namesakes in other prefectures, some with the legal form at the other end, and subsidiaries that share
name, house, and at times the web domain or the switchboard of their parent.

Writes <out>/accounts.csv (columns as `bench --bin organisations` reads them) and <out>/truth.csv (id, entity).
Same arguments, same files.

    python organisations.py --seed 1 --out /tmp/accounts-1
"""

import argparse
import csv
import pathlib
import random
import re

import jaconv

from japanese import COMPANIES, DIGITS, FORMS, PREFECTURES, VARIANTS, split_address
from slips import slip

COLUMNS = "id name name_kana name_en corporate_number website phone street city region postal_code".split()
ADDED = ["販売", "サービス", "物流", "エンジニアリング", "ホールディングス"]
BRANCHES = ["大阪支店", "東京本社", "営業部", "福岡営業所"]
# Shares of accounts that do not say it.
MISSING = {"name_kana": 0.6, "name_en": 0.7, "corporate_number": 0.5, "website": 0.2, "phone": 0.15, "street": 0.4, "city": 0.2,
           "region": 0.2, "postal_code": 0.25}


def corporate_number(dice):
    """A number with a right check digit."""
    base = f"{dice.randrange(10**11, 10**12)}"
    weighed = sum(int(digit) * (1 if place % 2 == 0 else 2) for place, digit in enumerate(reversed(base)))
    return f"{9 - weighed % 9}{base}"


def place(dice, besides=None):
    """Prefecture, a telephone and a postal code there."""
    prefecture, (area, code) = dice.choice([it for it in PREFECTURES.items() if it[0] != besides])
    phone = f"{area}-{dice.randrange(1000, 9999)}-{dice.randrange(10000):04}"
    return {"region": prefecture, "phone": phone, "postal_code": f"{code}-{dice.randrange(10000):04}"}


def listed(row, dice):
    form = next((it for it in FORMS if it in row["name_ja"]), "")
    town, numbers = split_address(row["address"], dice)
    stem = re.sub(r"[^a-z]", "", row["name_en"].lower().split(" ")[0]) or "kaisha"
    return {"core": row["name_ja"].replace(form, "").strip("　 "), "form": form, "is_front": row["name_ja"].startswith(form),
            "name_kana": row["name_kana"].replace("カブシキガイシャ", "").strip("　 "), "name_en": row["name_en"],
            "corporate_number": row["corporate_number"], "domain": f"{stem}{dice.randrange(10000)}.example.co.jp",
            "city": town, "street": "-".join(numbers), **place(dice)}


def namesake(company, dice):
    other = {**company, "corporate_number": corporate_number(dice), "name_en": "", **place(dice, company["region"])}
    other.update(domain=f"kaisha{dice.randrange(100000)}.example.co.jp", street=f"{dice.randrange(1, 9)}-{dice.randrange(1, 30)}",
                 city="本町")
    return {**other, "is_front": not company["is_front"]} if dice.random() < 0.3 else other


def subsidiary(company, dice):
    word = dice.choice(ADDED)
    other = {**company, "core": company["core"] + word, "name_kana": "", "name_en": "", "corporate_number": corporate_number(dice)}
    if dice.random() < 0.7:
        other["domain"] = f"kaisha{dice.randrange(100000)}.example.co.jp"
    if dice.random() < 0.8:
        other["phone"] = company["phone"][:-4] + f"{dice.randrange(10000):04}"
    return other


def world(dice):
    with open(COMPANIES) as rows:
        companies = [listed(row, dice) for row in csv.DictReader(rows)]
    for company in companies:
        yield company
        if dice.random() < 0.4:
            yield namesake(company, dice)
        if dice.random() < 0.4:
            yield subsidiary(company, dice)


def written(company, form):
    return f"{form}{company['core']}" if company["is_front"] else f"{company['core']}{form}"


def name(company, dice):
    full = written(company, company["form"])
    return dice.choice([
        full, full, written(company, dice.choice(FORMS.get(company["form"], [""]))), company["core"],
        jaconv.h2z(full, ascii=True, digit=True), f"{full}　{dice.choice(BRANCHES)}", other_kanji(full, dice),
        company["name_en"] or full, company["name_kana"] or full, slip(dice, full) if dice.random() < 0.3 else full])


def other_kanji(text, dice):
    for one, other in dice.sample(VARIANTS, len(VARIANTS)):
        if one in text:
            return text.replace(one, other)
    return text


def account(company, dice):
    row = {column: company.get(column, "") for column in COLUMNS}
    row.update(name=name(company, dice), website=dice.choice(["https://www.{}/", "{}", "http://{}/company?x=1"]).format(company["domain"]))
    row["phone"] = dice.choice([str, lambda it: it.replace("-", ""), lambda it: "+81 " + it[1:], lambda it: it.translate(DIGITS)])(row["phone"])
    if dice.random() < 0.06:  # a branch: another house, the same company
        row.update(place(dice, company["region"]), city="", street="")
    if dice.random() < 0.04:
        row["website"] = "https://www.facebook.com/" + company["domain"].split(".")[0]
    for column, share in MISSING.items():
        if dice.random() < share:
            row[column] = ""
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    given = parser.parse_args()
    dice = random.Random(f"organisations {given.seed}")
    rows = [(entity, account(company, dice)) for entity, company in enumerate(world(dice))
            for _ in range(dice.choices([1, 2, 3, 4], [35, 35, 20, 10])[0])]
    dice.shuffle(rows)
    given.out.mkdir(parents=True, exist_ok=True)
    with open(given.out / "accounts.csv", "w", newline="") as accounts, open(given.out / "truth.csv", "w") as truth:
        writer = csv.DictWriter(accounts, COLUMNS)
        writer.writeheader()
        truth.write("id,entity\n")
        for number, (entity, row) in enumerate(rows):
            writer.writerow({**row, "id": f"A{number:05}"})
            truth.write(f"A{number:05},{entity}\n")


if __name__ == "__main__":
    main()
