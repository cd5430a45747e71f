//! The words of messages, in Japanese and English.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::notifications::NotificationTopic;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Result};

/// What one message says in one language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// In one line.
    pub(super) subject: String,
    /// The whole.
    pub(super) body: String,
}

static WORDS: LazyLock<BTreeMap<String, BTreeMap<String, Words>>> =
    LazyLock::new(|| toml::from_str(include_str!("words.toml")).expect("a test reads every text"));

/// What a message says in a language; in Japanese where there is no other.
pub(super) fn of(topic: NotificationTopic, locale: &str, details: &Value) -> Result<Words> {
    let texts =
        WORDS.get(topic.code()).ok_or_else(|| Error::internal(anyhow::anyhow!("{topic} has no words")))?;
    let words = texts.get(locale).or_else(|| texts.get("ja"));
    let words = words.ok_or_else(|| Error::internal(anyhow::anyhow!("{topic} has no words in Japanese")))?;
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let filling = minijinja::Value::from(Serde(details));
    let fill = |text: &str| environment.render_str(text, filling.clone()).map_err(Error::internal);
    Ok(Words {
        subject: fill(&words.subject)?.trim().to_owned(),
        body: fill(&words.body)?.trim_start().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_topic_has_words_in_both_languages() {
        let in_both = |ja: &str, en: &str| json!({ "ja": ja, "en": en });
        let details = json!({
            "number": "C-1", "partner": "極洋", "deadline": "2026-12-31", "endDate": "2027-03-31", "autoRenew": true,
            "decision": in_both("承認", "Approved"), "account": "株式会社サンプル商事", "reference": "DR-1",
            "code": in_both("登録済み", "Already registered"), "reason": "重複", "expiresOn": "2026-07-09",
            "decideBy": "2026-04-10", "kind": in_both("重複登録", "Duplicate registration"),
            "parties": in_both("極洋、直販", "極洋, direct sales"), "status": in_both("検知", "Detected"), "outcome": in_both("個別判断", "Manual"),
            "rule": in_both("先着", "First registered"), "company": "サンプル商事", "acceptBy": "2026-04-10",
            "recallOn": "2026-05-08", "titles": "提案書、料金表", "more": 0, "course": "基礎講座",
            "one": "極洋", "other": "ニッスイ", "territories": "T-1, T-2",
        });
        for topic in NotificationTopic::ALL {
            for locale in ["ja", "en"] {
                assert!(WORDS[topic.code()].contains_key(locale), "{topic} {locale}");
                let words = of(*topic, locale, &details).unwrap();
                assert!(!words.subject.contains(['{', '\n']) && !words.body.contains("{{"), "{words:?}");
            }
        }
    }

    #[test]
    fn a_detail_that_is_missing_is_an_error_and_another_language_is_japanese() {
        assert!(of(NotificationTopic::LeadOffered, "ja", &json!({ "company": "極洋" })).is_err());
        let details = json!({ "company": "極洋", "acceptBy": "2026-04-10 18:00" });
        let words = of(NotificationTopic::LeadOffered, "zh", &details).unwrap();
        assert_eq!(words.subject, "新しいリードのご紹介（回答期限 2026-04-10 18:00）");
    }
}
