//! What we give partners to sell with: assets in versions, who is given which, and when something counts as consumed.
//!
//! Here: kinds, versions and tier gates (`asset`), the criterion of each kind (`consumption`), the life of one
//! assignment (`assignment`), rules that assign (`rules`), what a text is found by (`search`). Pure.
//! Not here: files (`gateway`), courses and tests (`training`), the KPIs made of it (`kpis`).

mod asset;
mod assignment;
mod consumption;
mod deeds;
mod rules;
mod search;

pub use asset::{AssetVersion, GateRefusal, TierGate, current_version};
pub use assignment::{Assignment, AssignmentRefusal, Replacement, supersede};
pub use consumption::{Consumption, ConsumptionSettings, Deed, Watched};
pub use rules::{AssignmentRule, PartnerProfile, Planned, SupportPackage, plan};
pub use search::{InvalidSearch, SearchWords, fold, terms};

crate::codes! {
    /// What an asset is.
    pub enum AssetKind {
        Document("資料", "Document"),
        Video("動画", "Video"),
        Faq("FAQ記事", "FAQ article"),
        Template("提案テンプレート", "Proposal template"),
        Tool("提案ツール", "Proposal tool"),
        TalkScript("トークスクリプト", "Talk script"),
        PriceList("価格表", "Price list"),
        CaseStudy("導入事例", "Case study"),
        Course("コース", "Course"),
        CampaignKit("販促キット", "Campaign kit"),
    }

    /// Who writes an asset.
    pub enum OwnerDepartment {
        Marketing("マーケティング", "Marketing"),
        Product("製品", "Product"),
        Sales("営業", "Sales"),
        Support("サポート", "Support"),
        PartnerSuccess("パートナーサクセス", "Partner success"),
    }

    /// How far an assignment has come.
    pub enum AssignmentStage {
        Assigned("割当", "Assigned"),
        Delivered("到達", "Delivered"),
        Opened("開封", "Opened"),
        Consumed("消化", "Consumed"),
        Acted("行動", "Acted"),
        Cancelled("取消", "Cancelled"),
    }
}
