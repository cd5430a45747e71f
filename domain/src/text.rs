//! Texts that people enter: languages of labels, names, mail addresses.

crate::codes! {
    /// A language that every label exists in.
    #[derive(Default)]
    pub enum Language {
        #[default]
        Ja("日本語", "Japanese"),
        En("英語", "English"),
    }
}

impl Language {
    /// The language of a locale such as `ja`, `ja-JP` or `en_US`; Japanese when it is neither.
    pub fn of_locale(locale: &str) -> Self {
        match locale.split(['-', '_']).next() {
            Some("en") => Self::En,
            _ => Self::Ja,
        }
    }
}

/// Longest name, in characters.
const MAX_NAME: usize = 255;
/// Longest mail address, in characters (RFC 5321).
const MAX_EMAIL: usize = 254;

/// A name: 1 to 255 characters after trimming, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct Name(String);

/// A mail address that could exist: one `@` with something before it and a dotted host behind it.
///
/// Not stricter on purpose: Japanese carriers gave out addresses that the standards forbid.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

/// Longest passage, in characters.
const MAX_PASSAGE: usize = 20_000;

/// Plain text of several lines, such as a clause: 1 to 20,000 characters after trimming.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Passage(String);

/// Why a text was refused. The text itself is not repeated: it may be personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum InvalidText {
    /// Nothing but blanks.
    #[error("a name must not be blank")]
    NameBlank,
    /// More characters than we keep.
    #[error("a name has at most {MAX_NAME} characters")]
    NameTooLong,
    /// Line breaks or other control characters.
    #[error("a name must not contain control characters")]
    NameInvalid,
    /// Blank, too long, or with control characters.
    #[error("a passage has 1 to {MAX_PASSAGE} characters, none of them a control character; correct it")]
    PassageInvalid,
    /// No mail address.
    #[error("a mail address looks like name@example.com and has at most {MAX_EMAIL} characters")]
    EmailInvalid,
}

impl std::str::FromStr for Name {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        match text {
            "" => Err(InvalidText::NameBlank),
            _ if text.chars().count() > MAX_NAME => Err(InvalidText::NameTooLong),
            _ if text.chars().any(char::is_control) => Err(InvalidText::NameInvalid),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

impl std::str::FromStr for Passage {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let is_odd = |it: char| it.is_control() && !matches!(it, '\n' | '\r' | '\t');
        match text.is_empty() || text.contains(is_odd) || text.chars().count() > MAX_PASSAGE {
            true => Err(InvalidText::PassageInvalid),
            false => Ok(Self(text.to_owned())),
        }
    }
}

impl From<Passage> for String {
    fn from(passage: Passage) -> Self {
        passage.0
    }
}

impl std::str::FromStr for EmailAddress {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (local, host) = text.split_once('@').ok_or(InvalidText::EmailInvalid)?;
        let has_label_dots = host.contains('.') && host.split('.').all(|label| !label.is_empty());
        let is_plain = !text.chars().any(|it| it.is_whitespace() || it.is_control()) && !host.contains('@');
        match !local.is_empty() && has_label_dots && is_plain && text.chars().count() <= MAX_EMAIL {
            true => Ok(Self(text.to_owned())),
            false => Err(InvalidText::EmailInvalid),
        }
    }
}

impl EmailAddress {
    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In lower case: nobody's mailbox depends on case.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_that_is_neither_falls_back_to_japanese() {
        assert_eq!(Language::of_locale("en-US"), Language::En);
        assert_eq!(Language::of_locale("ja"), Language::Ja);
        assert_eq!(Language::of_locale("zh"), Language::Ja);
    }

    #[test]
    fn a_name_has_bounds() {
        assert_eq!("　".parse::<Name>(), Err(InvalidText::NameBlank));
        assert_eq!("株".repeat(256).parse::<Name>(), Err(InvalidText::NameTooLong));
        assert_eq!("a\nb".parse::<Name>(), Err(InvalidText::NameInvalid));
        assert_eq!(" 極洋 ".parse::<Name>().map(String::from), Ok("極洋".to_owned()));
    }

    #[test]
    fn a_passage_has_lines() {
        assert_eq!(" 第1条\n第2条 ".parse::<Passage>().map(String::from), Ok("第1条\n第2条".to_owned()));
        for wrong in ["", " \n", "a\0b"] {
            assert_eq!(wrong.parse::<Passage>(), Err(InvalidText::PassageInvalid));
        }
    }

    #[test]
    fn an_address_of_a_carrier_is_an_address() {
        assert!("a..b.@docomo.ne.jp".parse::<EmailAddress>().is_ok());
        for text in ["", "a", "a@b", "@b.jp", "a b@c.jp", "a@b@c.jp", "a@.jp"] {
            assert_eq!(text.parse::<EmailAddress>(), Err(InvalidText::EmailInvalid), "{text}");
        }
    }
}
