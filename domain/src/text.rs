//! Languages of labels.

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

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn a_locale_that_is_neither_falls_back_to_japanese() {
        assert_eq!(Language::of_locale("en-US"), Language::En);
        assert_eq!(Language::of_locale("ja"), Language::Ja);
        assert_eq!(Language::of_locale("zh"), Language::Ja);
    }
}
