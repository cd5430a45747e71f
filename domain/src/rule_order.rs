//! Orders that are data: which rules or keys a policy asks, and in which order.
//!
//! Here: proving that such a list is total, so that equal input always has one answer.
//! Not here: what the rules mean (`conflicts`, `distribution`).

/// Why a policy document was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum InvalidPolicy {
    /// Not the expected form, an unknown rule or an unknown key.
    #[error("the policy cannot be read: {0}")]
    PolicyUnreadable(String),
    /// One rule twice.
    #[error("`{rule}` stands twice in `{list}`; keep the first")]
    PolicyRuleTwice {
        /// The list.
        list: &'static str,
        /// The rule.
        rule: &'static str,
    },
    /// The last rule may leave several.
    #[error("`{list}` must end in `{last}`, which always decides, and name it nowhere else")]
    PolicyNotTotal {
        /// The list.
        list: &'static str,
        /// The rule that always decides.
        last: &'static str,
    },
    /// A number that makes no sense.
    #[error("`{field}` is out of range; {allowed}")]
    PolicyNumber {
        /// Where it stands.
        field: &'static str,
        /// What would be right.
        allowed: &'static str,
    },
}

/// Checks that a list names each rule once.
pub(crate) fn check_unique<T>(list: &'static str, rules: &[T]) -> Result<(), InvalidPolicy>
where
    T: Copy + PartialEq + Into<&'static str>,
{
    let repeated = rules.iter().enumerate().find(|(at, rule)| rules[..*at].contains(rule));
    match repeated {
        Some((_, rule)) => Err(InvalidPolicy::PolicyRuleTwice { list, rule: (*rule).into() }),
        None => Ok(()),
    }
}

/// Checks that an order names each rule once and ends in the one that always decides.
pub(crate) fn check_total<T>(list: &'static str, order: &[T], last: T) -> Result<(), InvalidPolicy>
where
    T: Copy + PartialEq + Into<&'static str>,
{
    check_unique(list, order)?;
    match order.last() == Some(&last) {
        true => Ok(()),
        false => Err(InvalidPolicy::PolicyNotTotal { list, last: last.into() }),
    }
}

/// Checks one number of a policy.
pub(crate) fn check_number(
    field: &'static str,
    is_right: bool,
    allowed: &'static str,
) -> Result<(), InvalidPolicy> {
    if is_right { Ok(()) } else { Err(InvalidPolicy::PolicyNumber { field, allowed }) }
}

/// Reads a policy document.
pub(crate) fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, InvalidPolicy> {
    toml::from_str(text).map_err(|it| InvalidPolicy::PolicyUnreadable(it.to_string()))
}
