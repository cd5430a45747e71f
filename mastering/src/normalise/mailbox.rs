//! Mail addresses as evidence: whose mailbox, and whose domain.

use std::sync::LazyLock;

use foldhash::HashSet;
use smol_str::SmolStr;

use super::contact::email;
use super::placeholders::is_placeholder;
use super::reading::loose;
use super::similarity::slips;
use super::web_domain;

static ROLES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| entries(include_str!("../../data/role_mailboxes.txt")));
static FREE: LazyLock<HashSet<&str>> =
    LazyLock::new(|| entries(include_str!("../../data/free_mail_domains.txt")));

/// Providers that deliver `name+anything@` to `name@`.
const TAGGING: &[&str] = &[
    "gmail.com",
    "outlook.com",
    "outlook.jp",
    "hotmail.com",
    "icloud.com",
    "me.com",
    "proton.me",
    "protonmail.com",
    "fastmail.com",
];

/// A mail address, read as evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The address in the form in which equal addresses reach the same mailbox.
    pub address: SmolStr,
    /// Whether it stands for a function (`info@`), not a person.
    pub is_role: bool,
    /// Registrable domain of a company: none for free mail.
    pub domain: Option<SmolStr>,
    /// Length of what stands before the `@`, in bytes.
    local_length: usize,
}

impl Mailbox {
    /// `None` when the text is no address, or one given to say nothing.
    pub fn of(text: &str) -> Option<Self> {
        let address = email(text)?;
        let (local, host) = address.rsplit_once('@')?;
        if is_placeholder(local) || local == "noemail" {
            return None;
        }
        let host = intended(host);
        let is_free = FREE.contains(host);
        let is_role = ROLES.contains(local.trim_end_matches(|it: char| it.is_ascii_digit()));
        let domain = if is_free { None } else { web_domain::registrable(host) };
        let address = delivered(local, host);
        let local_length = address.rfind('@')?;
        Some(Self { address, is_role, domain, local_length })
    }
}

impl Mailbox {
    /// Whether both are at one company.
    pub fn is_at_company_of(&self, other: &Self) -> bool {
        self.domain.is_some() && self.domain == other.domain
    }

    /// Whether one address is the other with a slip, or with a tag.
    ///
    /// A number that differs tells namesakes apart: john.smith2 is rarely john.smith.
    pub fn is_slip_of(&self, other: &Self) -> bool {
        let tagless = |it: &'_ str| it.split('+').next().unwrap_or_default().len();
        let (local, host) = self.parts();
        let (other_local, other_host) = other.parts();
        if host != other_host {
            return local == other_local && local.len() >= 5 && slips(host, other_host, 1).is_some();
        }
        local[..tagless(local)] == other_local[..tagless(other_local)]
            || (self.has_number_of(other) && local.len() >= 5 && slips(local, other_local, 1).is_some())
    }

    /// Whether the user name is the same and long enough to be somebody's own.
    pub fn has_user_name_of(&self, other: &Self) -> bool {
        self.local() == other.local() && self.local().len() >= 6
    }

    /// Whether the local parts sound the same without their digits.
    pub fn has_letters_of(&self, other: &Self) -> bool {
        let sound = |it: &Self| loose(&letters(it.local()));
        sound(self) == sound(other)
    }

    /// Whether the digits in the local parts are the same.
    pub fn has_number_of(&self, other: &Self) -> bool {
        let digits = |it: &'_ str| it.bytes().filter(u8::is_ascii_digit).count();
        digits(self.local()) == digits(other.local())
            && self
                .local()
                .bytes()
                .filter(u8::is_ascii_digit)
                .eq(other.local().bytes().filter(u8::is_ascii_digit))
    }

    /// Whether the local parts share a word that is long enough to be a name.
    pub fn shares_word(&self, other: &Self) -> bool {
        self.words().any(|a| other.words().any(|b| a.contains(b) || b.contains(a)))
    }

    /// How the letters before the `@` sound. Worked out when asked for: few pairs come so far.
    pub fn spelling(&self) -> Spelling {
        Spelling::of(self.local())
    }

    /// How a name of two parts sounds, where the local part spells both (`taro.yamada2@`). In the order of the alphabet.
    pub fn spelled_name(&self) -> Option<[SmolStr; 2]> {
        let mut words = self.local().split(|it: char| !it.is_alphabetic()).filter(|it| !it.is_empty());
        let (Some(one), Some(other), None) = (words.next(), words.next(), words.next()) else { return None };
        let mut parts = [loose(one), loose(other)];
        parts.sort_unstable();
        parts.iter().all(|it| it.len() > 1).then_some(parts)
    }

    /// The parts of the local part that are long enough to be a name.
    fn words(&self) -> impl Iterator<Item = &str> {
        self.local().split(|it: char| !it.is_alphabetic()).filter(|it| it.len() >= 4)
    }

    /// What stands before the `@`.
    pub fn local(&self) -> &str {
        &self.address[..self.local_length]
    }

    fn parts(&self) -> (&str, &str) {
        (self.local(), &self.address[self.local_length + 1..])
    }
}

/// How a local part sounds, in loose form. An initial would melt into the word behind it (t.yamada is no "tya"), so it is
/// kept apart.
#[derive(Debug)]
pub struct Spelling {
    whole: SmolStr,
    first: Option<char>,
    behind_first: SmolStr,
    last: Option<char>,
    before_last: SmolStr,
}

impl Spelling {
    fn of(local: &str) -> Self {
        let letters = letters(local);
        let (first, last) = (letters.chars().next(), letters.chars().next_back());
        let end = letters.len() - last.map_or(0, char::len_utf8);
        Self {
            behind_first: loose(&letters[first.map_or(0, char::len_utf8)..]),
            before_last: loose(&letters[..end]),
            whole: loose(&letters),
            first,
            last,
        }
    }

    /// Whether it can be spelled from a name that sounds so: first.last, f.last, lastf, first, last.
    pub fn fits(&self, family: &str, given: &str) -> bool {
        if family.is_empty() || given.is_empty() {
            return !self.whole.is_empty() && (self.whole == family || self.whole == given);
        }
        let is_joined = |a: &str, b: &str| self.whole.strip_prefix(a) == Some(b);
        let has_initial = |long: &str, short: &str| {
            (self.behind_first == long && is_initial(self.first, short))
                || (self.before_last == long && is_initial(self.last, short))
        };
        self.whole == family
            || self.whole == given
            || is_joined(family, given)
            || is_joined(given, family)
            || has_initial(family, given)
            || has_initial(given, family)
    }
}

fn letters(local: &str) -> String {
    local.chars().filter(|it| it.is_alphabetic()).collect()
}

/// Whether a written letter may begin a word in loose form, where chi is ti, ji is zi and fu is hu.
fn is_initial(letter: Option<char>, loose: &str) -> bool {
    let loose = loose.chars().next();
    loose == letter
        || matches!((letter, loose), (Some('c'), Some('t')) | (Some('j'), Some('z')) | (Some('f'), Some('h')))
}

/// Domains so frequent that one slip away from them nobody is meant but they.
const FREQUENT: &[&str] = &[
    "gmail.com",
    "yahoo.com",
    "yahoo.co.jp",
    "hotmail.com",
    "outlook.com",
    "outlook.jp",
    "icloud.com",
    "docomo.ne.jp",
    "ezweb.ne.jp",
    "softbank.ne.jp",
];

/// The domain that was meant: gmial.com, gmail.con.
fn intended(host: &str) -> &str {
    if FREE.contains(host) {
        return host;
    }
    FREQUENT.iter().find(|it| slips(host, it, 1).is_some()).copied().unwrap_or(host)
}

/// The address after the rules of its provider.
fn delivered(local: &str, host: &str) -> SmolStr {
    let host = if host == "googlemail.com" { "gmail.com" } else { host };
    let local = match TAGGING.contains(&host) {
        true => local.split('+').next().unwrap_or(local),
        false => local,
    };
    match host {
        "gmail.com" => [&local.replace('.', ""), "@", host].into_iter().collect(),
        _ => [local, "@", host].into_iter().collect(),
    }
}

fn entries(text: &'static str) -> HashSet<&'static str> {
    text.lines().filter(|it| !it.is_empty() && !it.starts_with('#')).collect()
}

#[cfg(test)]
mod tests {
    use super::{Mailbox, loose};

    #[test]
    fn a_mailbox_has_one_address() {
        let address = |text| Mailbox::of(text).unwrap().address;
        assert_eq!(address("Taro.Yamada+crm@GoogleMail.com"), "taroyamada@gmail.com");
        assert_eq!(address("taro.yamada+crm@kyokuyo.co.jp"), "taro.yamada+crm@kyokuyo.co.jp");
        assert_eq!(address("a..b.@docomo.ne.jp"), "a..b.@docomo.ne.jp");
    }

    #[test]
    fn a_function_is_no_person_and_a_provider_no_company() {
        assert!(Mailbox::of("info@kyokuyo.co.jp").unwrap().is_role);
        assert!(Mailbox::of("sales2@kyokuyo.co.jp").unwrap().is_role);
        assert!(!Mailbox::of("taro@kyokuyo.co.jp").unwrap().is_role);
        assert_eq!(Mailbox::of("taro@yahoo.co.jp").unwrap().domain, None);
        assert_eq!(Mailbox::of("taro@mail.kyokuyo.co.jp").unwrap().domain.as_deref(), Some("kyokuyo.co.jp"));
    }

    #[test]
    fn a_slip_is_no_other_mailbox() {
        let is_slip = |a, b| Mailbox::of(a).unwrap().is_slip_of(&Mailbox::of(b).unwrap());
        assert!(is_slip("hara932@kyokuyo.co.jp", "ahra932@kyokuyo.co.jp"));
        assert!(is_slip("taro.yamada+crm@kyokuyo.co.jp", "taro.yamada@kyokuyo.co.jp"));
        assert!(is_slip("yamada@kyokuyo.co.jp", "yamada@kyokuyou.co.jp"));
        assert!(!is_slip("john.smith2@kyokuyo.co.jp", "john.smith@kyokuyo.co.jp"));
        assert!(!is_slip("jan@kyokuyo.co.jp", "jon@kyokuyo.co.jp"));
        let address = |text| Mailbox::of(text).unwrap().address;
        assert_eq!(address("taroyamada@gmial.com"), address("taro.yamada@gmail.con"));
    }

    #[test]
    fn a_local_part_fits_the_names_it_can_be_spelled_from() {
        let fits = |text: &str, family, given| {
            Mailbox::of(&format!("{text}@kyokuyo.co.jp"))
                .unwrap()
                .spelling()
                .fits(&loose(family), &loose(given))
        };
        for local in ["t.yamada", "yamada-t", "taro.yamada", "YamadaTarou", "taro", "yamada3", "ytaro"] {
            assert!(fits(local, "ヤマダ", "タロウ"), "{local}");
        }
        assert!(fits("jsmith", "smith", "john") && fits("jsmith", "smith", "jane"));
        assert!(!fits("h.yamada", "ヤマダ", "タロウ"));
    }

    #[test]
    fn a_mailbox_may_spell_its_owners_name() {
        let reading = |text| Mailbox::of(text).unwrap().spelled_name();
        assert_eq!(reading("taro.yamada2@kyokuyo.co.jp"), reading("yamada_tarou@gmail.com"));
        assert_eq!(reading("t.yamada@kyokuyo.co.jp"), None);
        assert_eq!(reading("yamada@kyokuyo.co.jp"), None);
    }

    #[test]
    fn an_address_that_says_nothing_is_missing() {
        for text in ["test@test.com", "none@none.com", "noemail@kyokuyo.co.jp", "taro"] {
            assert_eq!(Mailbox::of(text), None, "{text}");
        }
    }
}
