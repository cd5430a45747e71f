//! The rules that are watched, as data.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use domain::alerts::AlertRule;

use crate::kpis::signals;

static RULES: LazyLock<Vec<AlertRule>> =
    LazyLock::new(|| parse(include_str!("rules.toml")).expect("a test reads the rules"));

/// A document with rules.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    rules: Vec<AlertRule>,
}

/// The rules that are watched.
pub(super) fn rules() -> &'static [AlertRule] {
    &RULES
}

/// The rules of a document, if they ask for nothing that nobody measures.
fn parse(text: &str) -> anyhow::Result<Vec<AlertRule>> {
    let document: Document = toml::from_str(text)?;
    let metrics: BTreeSet<String> = signals::ALL.iter().map(|it| (*it).to_owned()).collect();
    document.rules.iter().try_for_each(|it| it.check(&metrics))?;
    Ok(document.rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_asks_for_figures_that_there_are() {
        let codes: Vec<_> = rules().iter().map(|it| it.code.as_str()).collect();
        assert_eq!(codes, ["INACTIVE", "NOT_DELIVERED", "NOT_REACHING_SALES"]);
    }

    #[test]
    fn a_rule_about_nothing_that_is_measured_is_refused() {
        let text = include_str!("rules.toml").replace("\"daysSinceAccess\"", "\"happiness\"");
        assert!(parse(&text).unwrap_err().to_string().contains("no figure is called `happiness`"));
    }
}
