//! The values picklists offer out of the box, and what a stage implies.

/// The industries of the EDINET code list, which the demo's accounts carry.
pub(crate) const INDUSTRIES: &[&str] = &[
    "水産・農林業",
    "鉱業",
    "建設業",
    "食料品",
    "繊維製品",
    "パルプ・紙",
    "化学",
    "医薬品",
    "石油・石炭製品",
    "ゴム製品",
    "ガラス・土石製品",
    "鉄鋼",
    "非鉄金属",
    "金属製品",
    "機械",
    "電気機器",
    "輸送用機器",
    "精密機器",
    "その他製品",
    "電気・ガス業",
    "陸運業",
    "海運業",
    "空運業",
    "倉庫・運輸関連",
    "情報・通信業",
    "卸売業",
    "小売業",
    "銀行業",
    "証券、商品先物取引業",
    "保険業",
    "その他金融業",
    "不動産業",
    "サービス業",
];

pub(crate) const LEAD_SOURCES: &[&str] =
    &["Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Trade Show", "Seminar", "Other"];

pub(crate) const LEAD_STATUSES: &[&str] =
    &["Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted"];

/// The status that says a lead was converted.
pub(crate) const CONVERTED_STATUS: &str = "Closed - Converted";

pub(crate) const RATINGS: &[&str] = &["Hot", "Warm", "Cold"];
pub(crate) const SALUTATIONS: &[&str] = &["Mr.", "Ms.", "Mrs.", "Dr.", "Prof."];
pub(crate) const ACCOUNT_TYPES: &[&str] = &["Prospect", "Customer - Direct", "Customer - Channel", "Other"];
pub(crate) const OWNERSHIPS: &[&str] = &["Public", "Private", "Subsidiary", "Other"];
pub(crate) const OPPORTUNITY_TYPES: &[&str] = &["Existing Business", "New Business"];
pub(crate) const DEAL_TYPES: &[&str] = &["NEW", "EXPANSION", "RENEWAL"];
pub(crate) const LOSS_REASONS: &[&str] =
    &["PRICE", "COMPETITOR", "NO_BUDGET", "NO_DECISION", "FUNCTIONALITY", "TIMING", "OTHER"];
pub(crate) const CURRENCIES: &[&str] = &["JPY", "USD", "EUR"];
pub(crate) const FORECAST_CATEGORIES: &[&str] =
    &["Omitted", "Pipeline", "BestCase", "MostLikely", "Forecast", "Closed"];
pub(crate) const FORECAST_CATEGORY_NAMES: &[&str] =
    &["Omitted", "Pipeline", "Best Case", "Most Likely", "Commit", "Closed"];
pub(crate) const TASK_STATUSES: &[&str] =
    &["Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"];
pub(crate) const TASK_PRIORITIES: &[&str] = &["High", "Normal", "Low"];
pub(crate) const TASK_SUBTYPES: &[&str] = &["Task", "Email", "Call"];
pub(crate) const CAMPAIGN_TYPES: &[&str] =
    &["Conference", "Webinar", "Trade Show", "Partners", "Email", "Advertisement", "Other"];
pub(crate) const CAMPAIGN_STATUSES: &[&str] = &["Planned", "In Progress", "Completed", "Aborted"];
pub(crate) const USER_TYPES: &[&str] = &["Standard", "PowerPartner", "Guest"];

pub(crate) const STAGE_NAMES: &[&str] = &[
    "Prospecting",
    "Qualification",
    "Needs Analysis",
    "Value Proposition",
    "Id. Decision Makers",
    "Perception Analysis",
    "Proposal/Price Quote",
    "Negotiation/Review",
    "Closed Won",
    "Closed Lost",
];

/// What being in a stage implies for an opportunity.
pub(crate) struct Stage {
    /// Percent.
    pub(crate) probability: f64,
    pub(crate) forecast_category: &'static str,
    pub(crate) forecast_category_name: &'static str,
    pub(crate) is_closed: bool,
    pub(crate) is_won: bool,
}

/// An unknown stage is treated as an open one without a forecast.
pub(crate) fn stage(name: &str) -> Stage {
    let (probability, forecast) = match name {
        "Prospecting" | "Qualification" => (10.0, 1),
        "Needs Analysis" => (20.0, 1),
        "Value Proposition" => (50.0, 1),
        "Id. Decision Makers" => (60.0, 1),
        "Perception Analysis" => (70.0, 2),
        "Proposal/Price Quote" => (75.0, 2),
        "Negotiation/Review" => (90.0, 4),
        "Closed Won" => (100.0, 5),
        _ => (0.0, 0),
    };
    Stage {
        probability,
        forecast_category: FORECAST_CATEGORIES[forecast],
        forecast_category_name: FORECAST_CATEGORY_NAMES[forecast],
        is_closed: matches!(name, "Closed Won" | "Closed Lost"),
        is_won: name == "Closed Won",
    }
}
