//! What partners do with our support: kinds of events, which may be taken in, and what they count as.
//!
//! Here: the registry of kinds with the schemas of their payloads (data, in `kinds.toml`), the check of a reported
//! event, its key and canonical form. Pure: who belongs to which partner and when an event arrived are arguments.
//! Not here: storing events (`gateway`), the KPIs made of them (`kpis`).

mod canonical;
mod registry;
mod schema;
mod screening;

pub use canonical::{EventKey, InvalidEventKey, canonical_form};
pub use registry::{EventKind, InvalidRegistry, KindRefusal, Registry};
pub use schema::{FieldSchema, FieldType, PayloadRefusal, PayloadSchema};
pub use screening::{
    AcceptedEvent, Arrival, Channel, EventLimits, EventRefusal, ReportedEvent, Screening, read_line,
};

crate::codes! {
    /// What an event counts as; several kinds may count as the same.
    pub enum Measure {
        DocumentView("資料閲覧", "Document viewed"),
        DocumentDownload("資料ダウンロード", "Document downloaded"),
        VideoPlay("動画再生", "Video played"),
        VideoCompletion("動画視聴完了", "Video completed"),
        TrainingStart("トレーニング開始", "Training started"),
        TrainingCompletion("トレーニング完了", "Training completed"),
        TrainingFailure("トレーニング不合格", "Training failed"),
        FaqSearch("FAQ検索", "FAQ searched"),
        FaqView("FAQ閲覧", "FAQ viewed"),
        Chat("AIチャット", "AI chat"),
        ProposalToolUse("提案ツール利用", "Proposal tool used"),
        Login("ログイン", "Login"),
        CampaignExecution("販促実行", "Campaign executed"),
        NewsRead("お知らせ閲覧", "News read"),
        Inquiry("問い合わせ", "Inquiry opened"),
    }

    /// 実働アクション: what makes a partner active. Logging in does not.
    pub enum ProductiveAction {
        LeadSubmitted("リード登録", "Lead submitted"),
        LeadAccepted("リード応諾", "Lead accepted"),
        RegistrationSubmitted("案件登録", "Registration submitted"),
        StageAdvanced("商談の進展", "Opportunity advanced by the partner"),
        DealWon("受注", "Deal won"),
        TrainingCompleted("トレーニング完了", "Training completed"),
    }
}

impl Measure {
    /// The productive action that such an event is, if it is one. The others come from our own records, not from events.
    pub fn productive_action(self) -> Option<ProductiveAction> {
        (self == Self::TrainingCompletion).then_some(ProductiveAction::TrainingCompleted)
    }
}
