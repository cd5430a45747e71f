//! One KPI with its receipt: what was divided by what, which records are behind it, and what was left out.
//!
//! Here: the figure and its parts. Not here: how a KPI is computed (one file per subject), what it means
//! (`catalogue`).

use std::collections::BTreeSet;

use uuid::Uuid;

use super::catalogue::Kpi;
use super::fraction::Fraction;
use super::statistics::wilson::{Interval, wilson};

crate::codes! {
    /// Why a KPI has no value.
    #[cfg_attr(feature = "graphql", graphql(name = "KpiAbsence"))]
    pub enum Absence {
        NoDenominator("分母がありません", "There is nothing to divide by"),
        TooFew("件数が不足しています", "There are too few records"),
        NoPrevious("比較対象の期間がゼロです", "The period compared with is zero"),
        NotMeasured("測定できる項目がありません", "None of its components can be measured"),
        NotRecorded("記録する仕組みがありません", "Nothing here records what it counts"),
        PerPartner("パートナー別の指標です", "It is a figure of one partner: group it by partner"),
    }

    /// What the reader must know before using a KPI.
    #[cfg_attr(feature = "graphql", graphql(name = "KpiFlag"))]
    pub enum Flag {
        LowSample("標本数が少ない", "Fewer than 10 units in a group"),
        NonAdditive("合計不可", "Parts may count the same record twice; do not add them up"),
        Immature("未成熟", "Part of the cohort still has time to convert"),
        Renormalised("重み再配分", "Weights were spread over the ratings that exist"),
    }

    /// What kind of record an id behind a KPI names.
    #[cfg_attr(feature = "graphql", graphql(name = "KpiSubject"))]
    pub enum Subject {
        Partner("パートナー", "Partner"),
        User("ユーザー", "User"),
        Assignment("支援項目", "Support item"),
        Enrolment("受講", "Enrolment"),
        SearchSession("検索セッション", "Search session"),
        Event("行動ログ", "Engagement event"),
        Deal("商談", "Deal"),
        Lead("リード", "Lead"),
        Offer("リード配布", "Lead offer"),
        Registration("案件登録", "Deal registration"),
        Transaction("取引", "Transaction"),
        Initiative("共同施策", "Joint initiative"),
        Response("回答", "Survey response"),
        Invitation("配布", "Survey invitation"),
        Budget("販促支援金", "MDF budget"),
        Period("期間", "Window"),
        Golden("統合レコード", "Golden record"),
        SourceRecord("ソースレコード", "Source record"),
        Task("レビュータスク", "Review task"),
        Week("週", "Week"),
    }

    /// Why a record is not in a KPI.
    #[cfg_attr(feature = "graphql", graphql(name = "KpiExclusionReason"))]
    pub enum ExclusionReason {
        TestPartner("テスト用パートナー", "Test partner"),
        NotActive("有効ではない", "Not active when it counts"),
        PartialExposure("期間の一部のみ", "Active for only part of the period"),
        NotContracted("契約中ではない", "No contract in force when it counts"),
        NoAccess("ポータル利用権なし", "No access to the portal"),
        NotEntitled("利用対象外", "Not entitled to any"),
        Cancelled("取消", "Cancelled before it was consumed"),
        Waived("免除", "Waived"),
        CancelledByVendor("自社都合の中止", "Cancelled by the vendor"),
        Withdrawn("取下げ", "Withdrawn"),
        Duplicate("重複によるクローズ", "Closed as a duplicate"),
        Reversed("取消済み売上", "Reversed"),
        NoAmount("金額なし", "No amount is known"),
        NoRate("為替レートなし", "No exchange rate for its day"),
        MissingStart("開始日なし", "No start is known"),
        Blank("無回答", "Blank or not applicable"),
        Repeated("重複回答", "An earlier answer of the same respondent"),
        NoResult("結果未記録", "No result recorded"),
        NoScore("スコアなし", "No score can be computed"),
        NotAnswered("回答前に終了", "Closed before the partner could answer"),
        Explained("説明済み", "Explained by an open error, task, lock or pin"),
        Undated("期限なし", "No instant by which it was due"),
    }

    /// A figure beside the value.
    #[cfg_attr(feature = "graphql", graphql(name = "KpiAspect"))]
    pub enum Aspect {
        OnTime("期限内", "On time"),
        Cancelled("取消", "Cancelled"),
        Rate("比率", "Rate"),
        Mean("平均", "Mean"),
        Median("中央値", "Median"),
        ResponseRate("回答率", "Response rate"),
        Churn("解約率", "Churn"),
        Growth("伸び率", "Growth"),
        Attached("関与売上比率", "Sourced and influenced together"),
        Installs("導入件数", "First purchases"),
        Transactions("取引件数", "Paid transactions"),
        Downloads("資料DL数", "Document downloads"),
        FaqViews("FAQ閲覧回数", "FAQ views"),
        ChatSessions("AIチャット回数", "AI chat sessions"),
        Available("残額", "Available"),
        OldestAge("最長滞留日数", "Oldest age"),
        Correlation("順位相関", "Rank correlation"),
    }
}

/// Above or below the line: a total and the records that made it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Part {
    /// The sum.
    pub total: Fraction,
    /// What kind of record the ids name.
    pub subject: Subject,
    /// The records behind it, in order of their ids.
    pub ids: Vec<Uuid>,
}

/// Records that were left out, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Exclusion {
    /// Why.
    pub reason: ExclusionReason,
    /// What kind of record the ids name.
    pub subject: Subject,
    /// The records, in order of their ids.
    pub ids: Vec<Uuid>,
}

/// A figure, or why there is none.
pub type Figure = Result<Fraction, Absence>;

/// One bar of a KPI that is a distribution.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Bar {
    /// What the bar stands for: a loss reason, a quarter, a bucket.
    pub key: String,
    /// How many records are in it.
    pub size: usize,
    /// Its height.
    pub value: Figure,
}

/// One KPI, with everything needed to check it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct KpiValue {
    /// Which KPI.
    pub kpi: Kpi,
    /// The value, exact.
    pub value: Figure,
    /// What is above the line.
    pub numerator: Part,
    /// What is below the line; none for counts and sums.
    pub denominator: Option<Part>,
    /// ISO 4217 code, when it is money.
    pub currency: Option<String>,
    /// What was left out.
    pub exclusions: Vec<Exclusion>,
    /// What the reader must know.
    pub flags: BTreeSet<Flag>,
    /// 95 % Wilson interval; only for proportions.
    pub interval: Option<Interval>,
    /// Further figures of the same KPI.
    pub beside: Vec<(Aspect, Figure)>,
    /// Its bars, when it is a distribution.
    pub bars: Vec<Bar>,
}

impl Part {
    /// A number of records.
    pub fn count(subject: Subject, ids: impl IntoIterator<Item = impl Into<Uuid>>) -> Self {
        let ids = sorted(ids);
        Self { total: Fraction::from(ids.len()), subject, ids }
    }

    /// A sum over records.
    pub fn sum(subject: Subject, terms: impl IntoIterator<Item = (impl Into<Uuid>, i128)>) -> Self {
        let terms: Vec<(Uuid, i128)> = terms.into_iter().map(|(id, amount)| (id.into(), amount)).collect();
        let total = terms.iter().map(|(_, amount)| amount).sum::<i128>();
        Self { total: Fraction::from(total), subject, ids: sorted(terms.into_iter().map(|(id, _)| id)) }
    }

    /// A total that is more than a count or a sum of its records.
    pub fn weighed(
        total: Fraction,
        subject: Subject,
        ids: impl IntoIterator<Item = impl Into<Uuid>>,
    ) -> Self {
        Self { total, subject, ids: sorted(ids) }
    }

    /// This divided by another.
    pub fn over(&self, other: &Self) -> Figure {
        self.total.over(other.total).ok_or(Absence::NoDenominator)
    }
}

impl Exclusion {
    /// Records left out for a reason; `None` when there are none.
    pub fn of(
        reason: ExclusionReason,
        subject: Subject,
        ids: impl IntoIterator<Item = impl Into<Uuid>>,
    ) -> Option<Self> {
        let ids = sorted(ids);
        (!ids.is_empty()).then_some(Self { reason, subject, ids })
    }
}

impl KpiValue {
    /// A share of records: each is counted below the line, some also above it. Has an interval.
    pub fn proportion(kpi: Kpi, hits: Part, all: Part) -> Self {
        let interval = wilson(hits.ids.len(), all.ids.len());
        Self { interval, ..Self::quotient(kpi, hits, all) }
    }

    /// One total divided by another.
    pub fn quotient(kpi: Kpi, numerator: Part, denominator: Part) -> Self {
        Self {
            value: numerator.over(&denominator),
            denominator: Some(denominator),
            ..Self::total(kpi, numerator)
        }
    }

    /// A count or a sum, divided by nothing.
    pub fn total(kpi: Kpi, numerator: Part) -> Self {
        Self {
            kpi,
            value: Ok(numerator.total),
            numerator,
            denominator: None,
            currency: None,
            exclusions: Vec::new(),
            flags: BTreeSet::new(),
            interval: None,
            beside: Vec::new(),
            bars: Vec::new(),
        }
    }

    /// A count, with the records it was counted among; the share stands beside it.
    pub fn count_among(kpi: Kpi, hits: Part, all: Part) -> Self {
        let share = hits.over(&all);
        let interval = wilson(hits.ids.len(), all.ids.len());
        Self { denominator: Some(all), interval, ..Self::total(kpi, hits) }.with(Aspect::Rate, share)
    }

    /// No figure at all: there is nothing to count, so nothing stands above the line either.
    pub fn absent(kpi: Kpi, reason: Absence) -> Self {
        let none: [Uuid; 0] = [];
        Self { value: Err(reason), ..Self::total(kpi, Part::count(Subject::Period, none)) }
    }

    /// Adds a figure beside the value.
    pub fn with(mut self, aspect: Aspect, figure: Figure) -> Self {
        self.beside.push((aspect, figure));
        self
    }

    /// Says what was left out.
    pub fn excluding(mut self, exclusions: impl IntoIterator<Item = Exclusion>) -> Self {
        self.exclusions.extend(exclusions);
        self
    }

    /// Adds a warning.
    pub fn flagged(mut self, flag: Flag) -> Self {
        self.flags.insert(flag);
        self
    }

    /// Gives it a currency.
    pub fn in_currency(mut self, currency: &str) -> Self {
        self.currency = Some(currency.to_owned());
        self
    }

    /// How many units it rests on.
    pub fn sample_size(&self) -> usize {
        self.denominator.as_ref().unwrap_or(&self.numerator).ids.len()
    }

    /// The figure of an aspect, when it has one.
    pub fn beside(&self, aspect: Aspect) -> Option<Figure> {
        self.beside.iter().find(|(it, _)| *it == aspect).map(|(_, figure)| *figure)
    }
}

fn sorted(ids: impl IntoIterator<Item = impl Into<Uuid>>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = ids.into_iter().map(Into::into).collect();
    ids.sort();
    ids
}
