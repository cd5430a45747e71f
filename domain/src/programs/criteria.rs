//! Criteria as people write them: `partnerSourcedRevenue >= 5000000`.

use rust_decimal::Decimal;

use crate::kpis::catalogue::{GroupBy, Kpi};

/// What is measured: a KPI of one partner, or its certified users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// A KPI that can be asked for one partner.
    Kpi(Kpi),
    /// How many of its users hold a valid certification.
    CertifiedUsers,
}

/// How a measured value is compared with the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `>=`
    AtLeast,
    /// `>`
    MoreThan,
    /// `<=`
    AtMost,
    /// `<`
    LessThan,
    /// `=`
    Exactly,
}

/// One condition: metric, comparison, number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Criterion {
    /// What is measured.
    pub metric: Metric,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what; money in minor units, ratios as fractions of 1.
    pub number: Decimal,
}

/// Why a criterion was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum InvalidCriterion {
    /// Not three parts.
    #[error("a criterion is written `metric >= number`, with one of >=, >, <=, <, =; not `{0}`")]
    CriterionUnreadable(String),
    /// Nothing we measure.
    #[error("`{0}` is not measured; use certifiedUsers or a KPI such as partnerSourcedRevenue")]
    CriterionMetricUnknown(String),
    /// Nothing we measure of one partner.
    #[error("`{0}` is not measured for single partners; use a KPI that can be grouped by partner")]
    CriterionMetricNotOfPartner(String),
}

/// The longer sign first: `>=` starts with `>`.
const SIGNS: [(&str, Comparison); 5] = [
    (">=", Comparison::AtLeast),
    ("<=", Comparison::AtMost),
    (">", Comparison::MoreThan),
    ("<", Comparison::LessThan),
    ("=", Comparison::Exactly),
];

impl Criterion {
    /// Whether a measured value meets it; what could not be measured meets nothing.
    pub fn is_met_by(&self, value: Option<Decimal>) -> bool {
        value.is_some_and(|value| match self.comparison {
            Comparison::AtLeast => value >= self.number,
            Comparison::MoreThan => value > self.number,
            Comparison::AtMost => value <= self.number,
            Comparison::LessThan => value < self.number,
            Comparison::Exactly => value == self.number,
        })
    }
}

impl std::str::FromStr for Criterion {
    type Err = InvalidCriterion;

    fn from_str(text: &str) -> Result<Self, InvalidCriterion> {
        let unreadable = || InvalidCriterion::CriterionUnreadable(text.to_owned());
        let split = SIGNS.iter().find_map(|(sign, comparison)| Some((text.split_once(sign)?, *comparison)));
        let ((metric, number), comparison) = split.ok_or_else(unreadable)?;
        let metric = metric.trim();
        if !metric.chars().all(|it| it.is_alphanumeric() || it == '_') {
            return Err(unreadable());
        }
        let number = number.trim().parse().map_err(|_| unreadable())?;
        Ok(Self { metric: metric.parse()?, comparison, number })
    }
}

impl std::str::FromStr for Metric {
    type Err = InvalidCriterion;

    fn from_str(name: &str) -> Result<Self, InvalidCriterion> {
        if name == "certifiedUsers" {
            return Ok(Self::CertifiedUsers);
        }
        let kpi = Kpi::ALL.iter().find(|it| camel_case(it.code()) == name);
        let kpi = kpi.ok_or_else(|| InvalidCriterion::CriterionMetricUnknown(name.to_owned()))?;
        let is_of_partner = kpi.check_group_by(GroupBy::Partner);
        is_of_partner.map_err(|_| InvalidCriterion::CriterionMetricNotOfPartner(name.to_owned()))?;
        Ok(Self::Kpi(*kpi))
    }
}

impl std::fmt::Display for Metric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Kpi(kpi) => f.write_str(&camel_case(kpi.code())),
            Self::CertifiedUsers => f.write_str("certifiedUsers"),
        }
    }
}

impl std::fmt::Display for Criterion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = SIGNS.iter().find(|it| it.1 == self.comparison).expect("every comparison has a sign").0;
        write!(f, "{} {sign} {}", self.metric, self.number)
    }
}

impl TryFrom<String> for Criterion {
    type Error = InvalidCriterion;

    fn try_from(text: String) -> Result<Self, InvalidCriterion> {
        text.parse()
    }
}

impl From<Criterion> for String {
    fn from(criterion: Criterion) -> Self {
        criterion.to_string()
    }
}

impl serde::Serialize for Metric {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// `WIN_RATE` as people write it: `winRate`.
fn camel_case(code: &str) -> String {
    let mut words = code.split('_');
    let first = words.next().unwrap_or_default().to_lowercase();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(word.len().min(1));
        name + initial + &rest.to_lowercase()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, value: &str, is_met: bool) {
        let criterion: Criterion = text.parse().unwrap();
        assert_eq!(criterion.is_met_by(value.parse().ok()), is_met, "{text}: {value}");
    }

    #[test]
    fn a_criterion_compares_a_metric_with_a_number() {
        check("certifiedUsers >= 3", "3", true);
        check("certifiedUsers > 3", "3", false);
        check("winRate >= 0.25", "0.2499", false);
        check("averageLeadTime <= 45", "45", true);
        check("averageLeadTime<45", "45", false);
        check("dealCounts = 2", "2.0", true);
        check("certifiedUsers >= 0", "not measured", false);
    }

    #[test]
    fn an_unknown_metric_is_refused() {
        let refusal = |text: &str| text.parse::<Criterion>().unwrap_err();
        assert!(matches!(refusal("goodLooks >= 3"), InvalidCriterion::CriterionMetricUnknown(_)));
        assert!(matches!(refusal("CERTIFIED_USERS >= 3"), InvalidCriterion::CriterionMetricUnknown(_)));
        assert!(matches!(refusal("syncLag >= 3"), InvalidCriterion::CriterionMetricNotOfPartner(_)));
        for text in
            ["certifiedUsers", "certifiedUsers >= many", "certifiedUsers >= 3 4", "certifiedUsers => 3"]
        {
            assert!(matches!(refusal(text), InvalidCriterion::CriterionUnreadable(_)), "{text}");
        }
    }

    #[test]
    fn every_metric_reads_back_as_written() {
        for &kpi in Kpi::ALL {
            if kpi.check_group_by(GroupBy::Partner).is_ok() {
                let text = format!("{} >= 1.5", Metric::Kpi(kpi));
                assert_eq!(text.parse::<Criterion>().unwrap().to_string(), text);
            }
        }
    }
}
