"""English-speaking people at invented companies. Names: packages `names` (US census) and `nicknames`."""

import re

from names import FILES
from nicknames import NickNamer

from slips import slip, weighted

FIRST = ("Summit Pioneer Cascade Lumivia Northwind Granite Harbor Evergreen Vertex Keystone Redwood Falcon Beacon Atlas "
         "Sterling Maple Horizon Cobalt Juniper Meridian Prairie Quantum Riverbend Silverline Tidewater Union Vanguard "
         "Willow Zenith Bluebird Copper Delta Echo Frontier Galaxy Hawthorne Ironwood Jasper Kestrel Lakeside").split()
SECOND = ("Ridge Valley Point Creek Stone Bridge Field Light Wave Works Peak Hill Gate Path Shore").split()
TRADE = {"Consulting": "Consulting", "Logistics": "Logistics", "Technologies": "Tech", "Manufacturing": "Mfg",
         "Services": "Svcs", "Management": "Mgmt", "Partners": "Partners", "Systems": "Sys", "International": "Intl",
         "Engineering": "Eng", "Industries": "Ind", "Solutions": "Solutions", "Associates": "Assoc", "Foods": "Foods"}
FORMS = ["Inc.", "LLC", "Corp.", "Ltd.", "Co.", ""]
LONG = {"Inc.": "Incorporated", "Corp.": "Corporation", "Ltd.": "Limited", "Co.": "Company", "LLC": "L.L.C."}
CITIES = [("Denver", "CO", "Colorado", "802"), ("Austin", "TX", "Texas", "787"), ("Boston", "MA", "Massachusetts", "021"),
          ("Seattle", "WA", "Washington", "981"), ("Chicago", "IL", "Illinois", "606"), ("Atlanta", "GA", "Georgia", "303"),
          ("Phoenix", "AZ", "Arizona", "850"), ("Portland", "OR", "Oregon", "972"), ("Columbus", "OH", "Ohio", "432")]
STREETS = {"Street": "St", "Avenue": "Ave", "Road": "Rd", "Boulevard": "Blvd", "Drive": "Dr", "Lane": "Ln"}
STREET_NAMES = "Main Oak Maple Cedar Elm Washington Lake Hill Park Pine Walnut Spring North River Center Market".split()
FREE = ["gmail.com", "yahoo.com", "outlook.com", "comcast.net", "icloud.com"]


def census(kind, most):
    table = {}
    with open(FILES[kind]) as lines:
        for line in lines:
            name, share, *_ = line.split()
            table[name.capitalize()] = max(float(share), 0.001)
            if len(table) == most:
                break
    return table


def letters(text):
    return re.sub(r"[^a-z]", "", text.lower())


class World:
    def __init__(self, dice):
        self.dice = dice
        self.family = census("last", 4000)
        self.given = {**census("first:female", 700), **census("first:male", 500)}
        self.nick = NickNamer()

    def company(self):
        dice = self.dice
        first = dice.choice(FIRST) + (" " + dice.choice(SECOND) if dice.random() < 0.5 else "")
        core = f"{first} {dice.choice(list(TRADE))}"
        city, state, state_name, code = dice.choice(CITIES)
        domain = letters(first if dice.random() < 0.5 else core) + dice.choice(["", "", "-us", "inc"])
        street, short = dice.choice(list(STREETS.items()))
        return {"core": core, "form": dice.choice(FORMS), "domain": f"{domain}{dice.randrange(1000)}.example.com",
                "phone": self.number(), "house": str(dice.randrange(1, 9900)), "suite": dice.randrange(100, 900),
                "street": f"{dice.choice(STREET_NAMES)} {street}", "short": short, "city": city, "state": state,
                "state_name": state_name, "code": f"{code}{dice.randrange(100):02}", "pattern": dice.randrange(4)}

    def number(self):
        dice = self.dice
        return f"{dice.randrange(201, 980)}{dice.randrange(201, 999)}{dice.randrange(10000):04}"

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
        person = {"given": weighted(dice, self.given), "family": weighted(dice, self.family), "company": company,
                  "mobile": self.number(), "ext": dice.randrange(100, 999), "generation": "", "number": "",
                  "middle": dice.choice("ABCDEFGHJKLMRSTW"), "has_direct": dice.random() < 0.5}
        trick = dice.random()
        if staff and trick < 0.05:  # a relative in the firm
            person["family"] = dice.choice(staff)["family"]
        elif staff and trick < 0.07:  # a namesake in the firm
            other = dice.choice(staff)
            person.update(given=other["given"], family=other["family"], number="2")
        elif staff and trick < 0.08:  # father and son
            other = dice.choice(staff)
            if not other["generation"]:
                other["generation"] = "Sr."
                person.update(given=other["given"], family=other["family"], generation="Jr.", number="jr")
        elif staff and trick < 0.11:  # the successor keeps the telephone
            person["mobile"] = dice.choice(staff)["mobile"]
            person["has_direct"] = True
        given, family = letters(person["given"]), letters(person["family"])
        local = [f"{given}.{family}", f"{given[0]}{family}", f"{given}", f"{family}{given[0]}"][company["pattern"]]
        taken = {it["email"] for it in staff}
        email = f"{local}{person['number']}@{company['domain']}"
        while email in taken:
            email = f"{local}{dice.randrange(2, 99)}@{company['domain']}"
        person["email"] = email
        person["private"] = f"{given}{family}{dice.randrange(100)}@{dice.choice(FREE)}"
        if staff and dice.random() < 0.03:  # two write through one mailbox
            person["email"] = dice.choice(staff)["email"]
        return person

    def lead(self, person):
        company, dice = person["company"], self.dice
        phone = person["mobile"] if person["has_direct"] else company["phone"]
        row = {"first_name": person["given"], "last_name": " ".join(filter(None, [person["family"], person["generation"]])),
               "company": f"{company['core']} {company['form']}".strip(), "email": person["email"],
               "phone": f"({phone[:3]}) {phone[3:6]}-{phone[6:]}", "street": f"{company['house']} {company['street']}",
               "city": company["city"], "region": company["state"], "postal_code": company["code"], "country": "US",
               "website": f"www.{company['domain']}"}
        for column, share in {"email": 0.12, "phone": 0.25, "street": 0.3, "website": 0.5, "postal_code": 0.3}.items():
            if dice.random() < share:
                row[column] = ""
        if row["email"] and dice.random() < 0.03:
            row["email"] = f"{dice.choice(['info', 'sales', 'office'])}@{company['domain']}"
        return row

    def retype(self, row, person):
        weighted(self.dice, HABITS)(self, row, person)

    def nickname(self, row, person):
        nicks = sorted(self.nick.nicknames_of(person["given"].lower()))
        if nicks:
            row["first_name"] = self.dice.choice(nicks).capitalize()

    def name_slip(self, row, person):
        column = self.dice.choice(["first_name", "last_name"])
        row[column] = slip(self.dice, row[column])

    def other_order(self, row, person):
        kind = self.dice.randrange(4)
        first, last = row["first_name"], row["last_name"]
        if kind == 0:
            row.update(first_name=last, last_name=first)
        elif kind == 1:
            row.update(first_name="", last_name=f"{first} {last}")
        elif kind == 2:
            row.update(first_name="", last_name=f"{last}, {first}" if "." not in last else f"{first} {last}")
        else:
            row.update(first_name=f"{first} {person['middle']}.")

    def initial(self, row, person):
        if row["first_name"]:
            row["first_name"] = row["first_name"][0] + "."

    def title(self, row, person):
        if self.dice.random() < 0.5 and row["first_name"]:
            row["first_name"] = f"{self.dice.choice(['Mr.', 'Dr.', 'Ms.'])} {row['first_name']}"
        else:
            row["last_name"] += self.dice.choice([", PhD", ", MBA", ", CPA"])

    def married(self, row, person):
        if self.dice.random() < 0.3:
            row["last_name"] = f"{person['family']}-{weighted(self.dice, self.family)}"

    def company_form(self, row, person):
        company, dice = person["company"], self.dice
        core, form = company["core"], company["form"]
        row["company"] = dice.choice([
            core, f"The {core}", f"{core} {LONG.get(form, form)}", f"{core}, {form}", core.upper(), f"{core} - {company['city']}",
            " ".join(TRADE.get(it, it) for it in core.split()), core.replace(" ", "", 1), slip(dice, core)]).strip(" ,")

    def acronym(self, row, person):
        words = person["company"]["core"].split()
        if len(words) > 2:
            row["company"] = "".join(it[0] for it in words)

    def other_mailbox(self, row, person):
        given, family = letters(person["given"]), letters(person["family"])
        local, domain = person["email"].split("@")
        row["email"] = self.dice.choice([
            person["private"], f"{given[0]}.{family}{person['number']}@{domain}", f"{family}.{given}{person['number']}@{domain}",
            f"{slip(self.dice, local)}@{domain}", f"{local}+crm@{domain}", person["email"].upper(), ""])

    def role(self, row, person):
        row["email"] = f"{self.dice.choice(['info', 'sales', 'contact'])}@{person['company']['domain']}"

    def other_phone(self, row, person):
        dice, office, own = self.dice, person["company"]["phone"], person["mobile"]
        row["phone"] = dice.choice([
            own, f"+1 {own[:3]} {own[3:6]} {own[6:]}", f"{own[:3]}.{own[3:6]}.{own[6:]}", f"1-{own[:3]}-{own[3:6]}-{own[6:]}",
            f"{office[:3]}-{office[3:6]}-{office[6:]} x{person['ext']}", "", "555-555-5555", "n/a"])

    def other_address(self, row, person):
        company, dice = person["company"], self.dice
        row["street"] = dice.choice([
            f"{company['house']} {company['street'].rsplit(' ', 1)[0]} {company['short']}.", "",
            f"{company['house']} {company['street']}, Suite {company['suite']}", f"{company['house']} {company['street'].upper()}"])
        row["region"] = dice.choice([company["state"], company["state_name"], ""])
        row["postal_code"] = dice.choice([company["code"], f"{company['code']}-{dice.randrange(1000, 9999)}", ""])

    def left_out(self, row, person):
        for column in self.dice.sample(["company", "street", "city", "postal_code", "website", "phone", "region"], 3):
            row[column] = ""

    def new_job(self, row, person):
        # Only what belongs to the person carries over.
        company = self.company()
        row.update({**self.lead({**person, "company": company}), "phone": person["mobile"], "email": person["private"]})


HABITS = {World.nickname: 10, World.name_slip: 10, World.other_order: 10, World.initial: 3, World.title: 6, World.married: 4,
          World.company_form: 16, World.acronym: 2, World.other_mailbox: 14, World.role: 3, World.other_phone: 12,
          World.other_address: 12, World.left_out: 8}
