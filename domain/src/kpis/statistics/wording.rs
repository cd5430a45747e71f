//! What may be said of figures that go together. Never that one brings about the other: nobody was assigned by lot.

use rust_decimal::Decimal;

use super::comparison::Comparison;
use crate::kpis::value::{Flag, KpiValue};
use crate::text::Language;

crate::codes! {
    /// Two things looked at together.
    pub enum Association {
        TrainingAndConversion("研修完了とリード転換率", "Completed training and lead conversion"),
        ViewsAndDealSize("資料閲覧数と受注単価", "Document views and deal size"),
        AssetAndWinning("資料の利用と成約率", "Use of the asset and the win rate"),
        SupportAndRevenue("支援消化率と売上", "Support consumption and revenue"),
    }
}

/// Correlations from here on are called strong; the convention of the field, not a law.
const STRONG_FROM: Decimal = Decimal::from_parts(7, 0, 0, false, 1);
/// Correlations below this are called weak.
const WEAK_BELOW: Decimal = Decimal::from_parts(3, 0, 0, false, 1);

/// Says how two groups differ, how many units each has, and whether that is enough to tell.
pub fn of_comparison(association: Association, comparison: &Comparison, language: Language) -> String {
    let (with, without) = (rate(&comparison.with, language), rate(&comparison.without, language));
    let topic = association.label(language);
    let told_apart = match (comparison.is_apart(), language) {
        (Some(true), Language::Ja) => "区間は重なっていません。",
        (Some(true), Language::En) => "The intervals do not overlap.",
        (Some(false), Language::Ja) => "区間が重なるため、差があるとは言えません。",
        (Some(false), Language::En) => "The intervals overlap, so the sample does not tell the two apart.",
        (None, Language::Ja) => "比較できるデータがありません。",
        (None, Language::En) => "There is nothing to compare.",
    };
    let sentence = match language {
        Language::Ja => format!("{topic}: あり {with}、なし {without}。{told_apart}"),
        Language::En => format!("{topic}: with {with}, without {without}. {told_apart}"),
    };
    close(sentence, comparison.flags.contains(&Flag::LowSample), language)
}

/// Says how strongly two things rise together over so many pairs.
pub fn of_correlation(
    association: Association,
    rho: Option<Decimal>,
    pairs: usize,
    language: Language,
) -> String {
    let topic = association.label(language);
    let sentence = match (rho, language) {
        (None, Language::Ja) => format!("{topic}: 件数が不足しており順位相関を計算できません（n={pairs}）。"),
        (None, Language::En) => format!("{topic}: too few pairs for a rank correlation (n = {pairs})."),
        (Some(rho), Language::Ja) => {
            format!("{topic}: 順位相関 {rho}（n={pairs}）、{}。", strength(rho, language))
        }
        (Some(rho), Language::En) => {
            format!("{topic}: rank correlation {rho} (n = {pairs}), {}.", strength(rho, language))
        }
    };
    close(sentence, pairs < super::comparison::LOW_SAMPLE_BELOW, language)
}

fn strength(rho: Decimal, language: Language) -> &'static str {
    let (weak, strong) = (rho.abs() < WEAK_BELOW, rho.abs() >= STRONG_FROM);
    match (weak, strong, rho.is_sign_negative(), language) {
        (true, _, _, Language::Ja) => "関連は弱い",
        (true, _, _, Language::En) => "a weak association",
        (_, true, false, Language::Ja) => "ともに増える強い傾向",
        (_, true, false, Language::En) => "a strong tendency to rise together",
        (_, true, true, Language::Ja) => "一方が増えると他方が減る強い傾向",
        (_, true, true, Language::En) => "a strong tendency of one to fall as the other rises",
        (_, _, false, Language::Ja) => "ともに増える傾向",
        (_, _, false, Language::En) => "a tendency to rise together",
        (_, _, true, Language::Ja) => "一方が増えると他方が減る傾向",
        (_, _, true, Language::En) => "a tendency of one to fall as the other rises",
    }
}

/// A rate with its interval and sample, such as `44.44% (8/18, 95% 24.56–66.28%)`.
fn rate(value: &KpiValue, language: Language) -> String {
    let Ok(rate) = value.value else {
        return match language {
            Language::Ja => "値なし".to_owned(),
            Language::En => "no value".to_owned(),
        };
    };
    let percent = |it: Decimal| it * Decimal::ONE_HUNDRED;
    let interval = value
        .interval
        .map(|it| format!(", 95% {}–{}%", percent(it.low).round_dp(2), percent(it.high).round_dp(2)));
    let (hits, all) = (value.numerator.ids.len(), value.sample_size());
    format!("{}% ({hits}/{all}{})", percent(rate.rounded(4)).round_dp(2), interval.unwrap_or_default())
}

fn close(sentence: String, is_low_sample: bool, language: Language) -> String {
    let (low, note) = match language {
        Language::Ja => (
            "標本数が少ない点に注意してください。",
            "同時に観測された関連であり、原因を示すものではありません。",
        ),
        Language::En => (
            "The sample is small. ",
            "They were observed together; neither is shown to bring about the other.",
        ),
    };
    let low = if is_low_sample { low } else { "" };
    match language {
        Language::Ja => format!("{sentence}{low}{note}"),
        Language::En => format!("{sentence} {low}{note}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::catalogue::Kpi;
    use crate::kpis::value::{Part, Subject};
    use crate::kpis::worked::id;

    /// Words that claim a cause.
    const CLAIMS: [&str; 12] = [
        "because",
        "due to",
        "thanks to",
        "leads to",
        "improve",
        "increase",
        "effect",
        "impact",
        "によって",
        "おかげ",
        "効果",
        "ため上が",
    ];

    fn comparison(with: (u128, u128), without: (u128, u128)) -> Comparison {
        let part = |count| Part::count(Subject::Lead, (0..count).map(id));
        let rate = |(hits, all)| KpiValue::proportion(Kpi::LeadConversionRate, part(hits), part(all));
        Comparison::of(rate(with), rate(without))
    }

    #[test]
    fn a_sentence_gives_rates_samples_and_intervals() {
        let text =
            of_comparison(Association::TrainingAndConversion, &comparison((8, 18), (1, 12)), Language::En);
        assert!(
            text.starts_with("Completed training and lead conversion: with 44.44% (8/18, 95% "),
            "{text}"
        );
        assert!(text.contains("without 8.33% (1/12, 95% "), "{text}");
        assert!(text.contains("so the sample does not tell the two apart"), "{text}");
    }

    #[test]
    fn no_sentence_claims_a_cause_and_each_says_so() {
        let comparisons = [((8, 18), (1, 12)), ((90, 100), (1, 100)), ((0, 0), (1, 2))];
        let correlations = [None, Some("0.9"), Some("-0.9"), Some("0.5"), Some("-0.5"), Some("0.1")];
        for (language, note) in
            [(Language::Ja, "原因を示すものではありません"), (Language::En, "neither is shown")]
        {
            for association in Association::ALL {
                let compared = comparisons
                    .map(|(with, without)| of_comparison(*association, &comparison(with, without), language));
                let correlated = correlations
                    .map(|rho| of_correlation(*association, rho.map(|it| it.parse().unwrap()), 5, language));
                for text in compared.iter().chain(&correlated) {
                    assert!(text.contains(note), "{text}");
                    assert!(!CLAIMS.iter().any(|it| text.to_lowercase().contains(it)), "{text}");
                }
            }
        }
    }

    #[test]
    fn a_small_sample_is_said() {
        let rho = "0.9".parse().ok();
        assert!(
            of_correlation(Association::ViewsAndDealSize, rho, 5, Language::En).contains("sample is small")
        );
        assert!(
            !of_correlation(Association::ViewsAndDealSize, rho, 10, Language::En).contains("sample is small")
        );
        assert!(of_correlation(Association::ViewsAndDealSize, None, 2, Language::Ja).contains("n=2"));
    }
}
