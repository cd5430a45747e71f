//! Mail addresses as evidence: whose mailbox, and whose domain.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::contact::email;
use super::placeholders::is_placeholder;
use super::reading::loose;
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
    pub address: String,
    /// Whether it stands for a function (`info@`), not a person.
    pub is_role: bool,
    /// Registrable domain of a company: none for free mail.
    pub domain: Option<String>,
}

impl Mailbox {
    /// `None` when the text is no address, or one given to say nothing.
    pub fn of(text: &str) -> Option<Self> {
        let address = email(text)?;
        let (local, host) = address.rsplit_once('@')?;
        if is_placeholder(local) || local == "noemail" {
            return None;
        }
        let is_free = FREE.contains(host);
        let is_role = ROLES.contains(local.trim_end_matches(|it: char| it.is_ascii_digit()));
        let domain = if is_free { None } else { web_domain::registrable(host) };
        Some(Self { address: delivered(local, host), is_role, domain })
    }
}

impl Mailbox {
    /// Whether both are at one company.
    pub fn is_at_company_of(&self, other: &Self) -> bool {
        self.domain.is_some() && self.domain == other.domain
    }

    /// Whether the local parts are spelled from one name, or one is the other with a slip.
    ///
    /// A number that differs tells namesakes apart: john.smith2 is rarely john.smith.
    pub fn resembles(&self, other: &Self) -> bool {
        let number = |it: &Self| it.local().chars().filter(char::is_ascii_digit).collect::<String>();
        let is_slip = || strsim::osa_distance(self.local(), other.local()) == 1;
        number(self) == number(other) && (self.shares_word(other) || is_slip())
    }

    /// The reading of a name of two parts, where the local part spells both (`taro.yamada2@`).
    pub fn reading(&self) -> Option<String> {
        let words = self.local().split(|it: char| !it.is_alphabetic()).filter(|it| !it.is_empty());
        let mut parts: Vec<String> = words.map(loose).collect();
        parts.sort();
        let [a, b] = parts.as_slice() else { return None };
        (a.len() > 1 && b.len() > 1).then(|| format!("{a} {b}"))
    }

    fn shares_word(&self, other: &Self) -> bool {
        self.words().any(|a| other.words().any(|b| a.contains(b) || b.contains(a)))
    }

    /// The parts of the local part that are long enough to be a name.
    fn words(&self) -> impl Iterator<Item = &str> {
        self.local().split(|it: char| !it.is_alphabetic()).filter(|it| it.len() >= 4)
    }

    fn local(&self) -> &str {
        self.address.rsplit_once('@').map_or("", |(local, _)| local)
    }
}

/// The address after the rules of its provider.
fn delivered(local: &str, host: &str) -> String {
    let host = if host == "googlemail.com" { "gmail.com" } else { host };
    let local = match TAGGING.contains(&host) {
        true => local.split('+').next().unwrap_or(local),
        false => local,
    };
    match host {
        "gmail.com" => format!("{}@{host}", local.replace('.', "")),
        _ => format!("{local}@{host}"),
    }
}

fn entries(text: &'static str) -> HashSet<&'static str> {
    text.lines().filter(|it| !it.is_empty() && !it.starts_with('#')).collect()
}

#[cfg(test)]
mod tests {
    use super::Mailbox;

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
    fn a_second_mailbox_is_spelled_from_the_same_name() {
        let resembles = |a, b| Mailbox::of(a).unwrap().resembles(&Mailbox::of(b).unwrap());
        assert!(resembles("t.yamada@kyokuyo.co.jp", "taro.yamada@kyokuyo.co.jp"));
        assert!(resembles("tyamada@kyokuyo.co.jp", "yamada@mail.kyokuyo.co.jp"));
        assert!(!resembles("john.smith2@kyokuyo.co.jp", "john.smith@kyokuyo.co.jp"));
        assert!(!resembles("taro@kyokuyo.co.jp", "hanako@kyokuyo.co.jp"));
        assert!(resembles("hara932@kyokuyo.co.jp", "ahra932@kyokuyo.co.jp"));
    }

    #[test]
    fn a_mailbox_may_spell_its_owners_name() {
        let reading = |text| Mailbox::of(text).unwrap().reading();
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
