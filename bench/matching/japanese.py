"""Japanese people at companies of the public list. Names: package `japanese-personal-name-dataset`."""

import csv
import pathlib
import re

import jaconv
from japanese_personal_name_dataset import load_dataset

from slips import slip, weighted

COMPANIES = pathlib.Path(__file__).parents[2] / "sandbox/data/companies.csv"
PREFECTURES = {"東京都": ("03", "100"), "大阪府": ("06", "530"), "愛知県": ("052", "450"), "福岡県": ("092", "810"),
               "北海道": ("011", "060"), "神奈川県": ("045", "220"), "宮城県": ("022", "980"), "広島県": ("082", "730")}
VARIANTS = [("高", "髙"), ("崎", "﨑"), ("辺", "邊"), ("辺", "邉"), ("斎", "齋"), ("斎", "齊"), ("沢", "澤"), ("浜", "濱"),
            ("桜", "櫻"), ("島", "嶋"), ("広", "廣"), ("国", "國"), ("関", "關"), ("恵", "惠"), ("真", "眞")]
FORMS = {"株式会社": ["㈱", "(株)", "（株）", "カ)"], "有限会社": ["㈲", "(有)"], "合同会社": ["(同)"]}
DIGITS = str.maketrans("0123456789-", "０１２３４５６７８９－")
KANJI = dict(zip("123456789", "一二三四五六七八九"))
FREE = ["gmail.com", "yahoo.co.jp", "outlook.jp", "docomo.ne.jp", "nifty.com"]
STYLES = [("shi", "si"), ("chi", "ti"), ("tsu", "tu"), ("ji", "zi"), ("fu", "hu")]


def romaji(kana):
    return jaconv.kana2alphabet(jaconv.kata2hira(kana)).replace("-", "")


def short(text):
    return re.sub(r"ou|oo", "o", text).replace("uu", "u")


class World:
    def __init__(self, dice):
        self.dice = dice
        with open(COMPANIES) as rows:
            self.companies = list(csv.DictReader(rows))
        self.family, self.given = family_names(), given_names(dice)

    def company(self):
        dice, listed = self.dice, self.dice.choice(self.companies)
        prefecture, (area, code) = dice.choice(list(PREFECTURES.items()))
        name = listed["name_ja"]
        form = next((it for it in FORMS if it in name), "")
        core = name.replace(form, "").strip("　 ") if form else name
        town, numbers = split_address(listed["address"], dice)
        english = listed["name_en"]
        stem = re.sub(r"[^a-z]", "", english.lower().split(" ")[0]) if english else "kaisha"
        if dice.random() < 0.35:  # a namesake somewhere else, or a subsidiary
            core = core + dice.choice(["", "販売", "サービス", "物流"])
            number, english = "", ""
        else:
            number = listed["corporate_number"]
        return {"core": core, "form": form, "is_front": name.startswith(form), "english": english, "number": number,
                "domain": f"{stem}{dice.randrange(10000)}.example.co.jp", "prefecture": prefecture, "town": town,
                "numbers": numbers, "code": f"{code}-{dice.randrange(10000):04}", "area": area,
                "phone": f"{area}-{dice.randrange(1000, 9999)}-{dice.randrange(10000):04}", "pattern": dice.randrange(4)}

    def people(self, count):
        made = 0
        while made < count:
            company = self.company()
            staff = []
            for _ in range(min(weighted(self.dice, {1: 30, 2: 20, 4: 20, 8: 15, 15: 10, 30: 5}), count - made)):
                staff.append(self.person(company, staff))
            made += len(staff)
            yield from staff

    def person(self, company, staff):
        dice = self.dice
        person = {"family": weighted(dice, self.family), "given": dice.choice(self.given), "company": company, "number": "",
                  "mobile": f"0{dice.choice('789')}0-{dice.randrange(1000, 9999)}-{dice.randrange(10000):04}",
                  "ext": dice.randrange(10, 999), "has_direct": dice.random() < 0.4}
        trick = dice.random()
        if staff and trick < 0.05:  # a relative in the firm
            person["family"] = dice.choice(staff)["family"]
        elif staff and trick < 0.07:  # a namesake in the firm
            other = dice.choice(staff)
            person.update(family=other["family"], given=other["given"], number="2")
        elif staff and trick < 0.10:  # the successor keeps the telephone
            person["mobile"] = dice.choice(staff)["mobile"]
            person["has_direct"] = True
        family, given = short(romaji(person["family"][1])), short(romaji(person["given"][1]))
        local = [f"{given}.{family}", f"{given[0]}-{family}", f"{family}.{given}", f"{family}"][company["pattern"]]
        taken = {it["email"] for it in staff}
        email = f"{local}{person['number']}@{company['domain']}"
        while email in taken:
            email = f"{local}{dice.randrange(2, 99)}@{company['domain']}"
        person["email"], person["romaji"] = email, (family, given)
        person["private"] = f"{given}{family}{dice.randrange(100)}@{dice.choice(FREE)}"
        if staff and dice.random() < 0.03:  # two write through one mailbox
            person["email"] = dice.choice(staff)["email"]
        return person

    def lead(self, person):
        company, dice = person["company"], self.dice
        row = {"last_name": person["family"][0], "first_name": person["given"][0], "company": self.written(company),
               "email": person["email"], "phone": person["mobile"] if person["has_direct"] else company["phone"],
               "street": self.street(company), "city": company["town"], "region": company["prefecture"],
               "postal_code": company["code"], "country": "日本", "website": f"https://www.{company['domain']}/",
               "corporate_number": company["number"]}
        shares = {"email": 0.12, "phone": 0.25, "street": 0.3, "website": 0.5, "postal_code": 0.3, "corporate_number": 0.7}
        for column, share in shares.items():
            if dice.random() < share:
                row[column] = ""
        if row["email"] and dice.random() < 0.03:
            row["email"] = f"{dice.choice(['info', 'eigyo', 'soumu'])}@{company['domain']}"
        return row

    def written(self, company, form=None):
        form = company["form"] if form is None else form
        return f"{form}{company['core']}" if company["is_front"] else f"{company['core']}{form}"

    def street(self, company):
        return "-".join(company["numbers"])

    def retype(self, row, person):
        weighted(self.dice, HABITS)(self, row, person)

    def in_kana(self, row, person):
        family, given = person["family"][1], person["given"][1]
        change = self.dice.choice([lambda it: it, jaconv.kata2hira, lambda it: jaconv.z2h(it, kana=True)])
        row.update(last_name=change(family), first_name=change(given))

    def in_romaji(self, row, person):
        family, given = romaji(person["family"][1]), romaji(person["given"][1])
        if self.dice.random() < 0.5:
            family, given = short(family), short(given)
        if self.dice.random() < 0.2:
            for one, other in STYLES:
                family, given = family.replace(one, other), given.replace(one, other)
        row.update(last_name=family.capitalize(), first_name=given.capitalize())
        if self.dice.random() < 0.2:
            row["last_name"] = row["last_name"].upper()

    def other_order(self, row, person):
        first, last = row["first_name"], row["last_name"]
        row.update(self.dice.choice([
            {"first_name": last, "last_name": first}, {"first_name": "", "last_name": f"{last}　{first}"},
            {"first_name": "", "last_name": f"{last}{first}"}, {"first_name": f"{first} 様"}]))

    def kanji_variant(self, row, person):
        for one, other in self.dice.sample(VARIANTS, len(VARIANTS)):
            for column in ("last_name", "first_name"):
                if one in row[column]:
                    row[column] = row[column].replace(one, other)
                    return

    def wrong_kanji(self, row, person):
        same = [it for it in self.given if it[1] == person["given"][1] and it != person["given"]]
        if same and person["email"] == row["email"]:
            row["first_name"] = self.dice.choice(same)[0]

    def company_form(self, row, person):
        company, dice = person["company"], self.dice
        shorts = FORMS.get(company["form"], [company["form"]])
        row["company"] = dice.choice([
            self.written(company, dice.choice(shorts)), company["core"], jaconv.h2z(row["company"], ascii=True, digit=True),
            self.written(company, company["form"] + " " if company["is_front"] else company["form"]),
            f"{self.written(company)}　{dice.choice(['東京支店', '本社', '営業部', '大阪営業所'])}"])

    def company_side(self, row, person):
        company = person["company"]
        if self.dice.random() < 0.3:
            row["company"] = f"{company['core']}{company['form']}" if company["is_front"] else f"{company['form']}{company['core']}"

    def company_english(self, row, person):
        if person["company"]["english"]:
            row["company"] = person["company"]["english"]

    def other_mailbox(self, row, person):
        family, given = person["romaji"]
        local, domain = person["email"].split("@")
        row["email"] = self.dice.choice([
            person["private"], f"{given[0]}.{family}{person['number']}@{domain}", f"{family}_{given}{person['number']}@{domain}",
            f"{slip(self.dice, local)}@{domain}", person["email"].upper(), jaconv.h2z(person["email"], ascii=True), ""])

    def role(self, row, person):
        row["email"] = f"{self.dice.choice(['info', 'sales', 'eigyo'])}@{person['company']['domain']}"

    def other_phone(self, row, person):
        dice, office, own = self.dice, person["company"]["phone"], person["mobile"]
        row["phone"] = dice.choice([
            own, own.replace("-", ""), f"+81 {own[1:]}", own.translate(DIGITS), f"{office}（内線{person['ext']}）",
            f"TEL:{office}", f"{office} / {own}", "", "000-0000-0000", office.replace("-", "")])

    def other_address(self, row, person):
        company, dice = person["company"], self.dice
        one, *rest = company["numbers"]
        block = "番".join(rest[:1]) or ""
        kanji = "".join(KANJI.get(it, it) for it in one) if len(one) == 1 else one
        row["street"] = dice.choice([
            f"{kanji}丁目{'-'.join(rest)}", "-".join(company["numbers"]).translate(DIGITS), "",
            f"{one}丁目{rest[0]}番{rest[1] if len(rest) > 1 else ''}{'号' if len(rest) > 1 else ''}", "ー".join(company["numbers"]).translate(DIGITS),
            f"{'-'.join(company['numbers'])} 第一ビル{dice.randrange(2, 20)}階"])
        if dice.random() < 0.3:
            row.update(street=f"{company['prefecture']}{company['town']}{row['street']}", city="", region="")
        row["postal_code"] = dice.choice([company["code"], "〒" + company["code"], company["code"].replace("-", ""), ""])

    def left_out(self, row, person):
        for column in self.dice.sample(["company", "street", "city", "postal_code", "website", "phone", "region"], 3):
            row[column] = ""


HABITS = {World.in_kana: 10, World.in_romaji: 9, World.other_order: 10, World.kanji_variant: 8, World.wrong_kanji: 2,
          World.company_form: 18, World.company_side: 4, World.company_english: 4, World.other_mailbox: 12, World.role: 3,
          World.other_phone: 12, World.other_address: 12, World.left_out: 8}


def split_address(address, dice):
    """The town, and an invented block number."""
    town = re.split(r"[0-9０-９一二三四五六七八九十]+(?:丁目|番|－|-)", address)[0]
    return town, [str(dice.randrange(1, 9)), str(dice.randrange(1, 40)), str(dice.randrange(1, 30))]


def family_names():
    """(kanji, katakana) with how many bear it."""
    import japanese_personal_name_dataset as package
    path = pathlib.Path(package.__file__).parent / "dataset/last_name_org.csv"
    with open(path) as rows:
        return {(name, jaconv.hira2kata(kana)): int(count) for name, count, kana, _ in csv.reader(rows)}


def given_names(dice):
    """(kanji, katakana): of each reading a few spellings."""
    men, women = load_dataset()
    names = []
    for table in (men, women):
        for kana, found in table.items():
            spellings = [it for it in found["kanji"] if re.fullmatch(r"[一-龥々]+", it)]
            names += [(it, jaconv.hira2kata(kana)) for it in dice.sample(sorted(spellings), min(4, len(spellings)))]
    return sorted(names)
