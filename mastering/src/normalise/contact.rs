//! Postal codes, mail addresses and web sites.

use smol_str::SmolStr;

use super::text::folded;

/// Seven digits of a Japanese postal code, or a foreign one without spaces; of ZIP+4 the first five. `None` if it is none.
pub fn postal_code(text: &str) -> Option<SmolStr> {
    let mut kept: String = folded(text).chars().filter(|it| it.is_ascii_alphanumeric()).collect();
    if kept.len() == 9 && kept.bytes().all(|it| it.is_ascii_digit()) {
        kept.truncate(5);
    }
    let is_placeholder = kept.bytes().all(|it| it == b'0');
    (kept.len() >= 3 && !is_placeholder).then(|| kept.into())
}

/// A mail address without regard to case, width and wrapping. `None` if it is none.
pub fn email(text: &str) -> Option<String> {
    let folded = folded(text);
    let bare = folded.trim_start_matches("mailto:").trim_matches(['<', '>', '"', ' ', '\'']);
    let bare = bare.trim_end_matches('.');
    let (local, domain) = bare.rsplit_once('@')?;
    let is_address = !local.is_empty() && domain.contains('.') && !bare.contains(' ');
    is_address.then(|| bare.to_owned())
}

/// Host and path of a web site without scheme, `www.`, query and last slash.
pub fn website(text: &str) -> String {
    let folded = folded(text);
    let bare = folded.split_once("://").map_or(&*folded, |(_, it)| it);
    let bare = bare.split(['?', '#']).next().unwrap_or(bare);
    bare.trim_start_matches("www.").trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_without_case_and_wrapping() {
        assert_eq!(email(" <Taro@Example.CO.JP> ").as_deref(), Some("taro@example.co.jp"));
        assert_eq!(email("taro at example"), None);
        assert_eq!(postal_code("〒１００-0005").as_deref(), Some("1000005"));
        assert_eq!(postal_code("94105-1234").as_deref(), Some("94105"));
        assert_eq!(postal_code("SW1A 1AA"), postal_code("sw1a1aa"));
        assert_eq!(website("https://www.Example.co.jp/?utm=1"), "example.co.jp");
    }
}
