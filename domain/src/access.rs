//! Who may do what: roles, permissions, and which rows a caller sees.
//!
//! Here: the table of the domain model's roles, for what exists today, and the row scope that follows from a role.
//! Not here: how a token is checked or a scope becomes SQL (`gateway`).

use crate::ids::{PartnerId, PartnerUserId};

crate::codes! {
    /// What a caller is.
    pub enum Role {
        Admin("管理者", "Administrator"),
        ChannelManager("チャネルマネージャー", "Channel manager"),
        DataSteward("データスチュワード", "Data steward"),
        IntegrationJob("連携ジョブ", "Integration job"),
        PartnerAdmin("パートナー管理者", "Partner administrator"),
        PartnerRep("パートナー担当者", "Partner representative"),
    }

    /// One thing that can be done.
    pub enum Permission {
        ReadPartners("パートナー閲覧", "Read partners"),
        CreatePartners("パートナー登録", "Create partners"),
        UpdatePartners("パートナー更新", "Update partners"),
        ManagePartnerUsers("ユーザー管理", "Manage partner users"),
        ReadCustomers("顧客情報閲覧", "Read customers"),
        ReadContacts("責任者閲覧", "Read contacts"),
        AssignLeads("リード割当", "Assign leads"),
        ReadSync("連携状況閲覧", "Read synchronisation"),
        ManageSync("連携管理", "Manage synchronisation"),
        EditCustomers("顧客情報編集", "Edit customers"),
        ReadReviews("レビュー閲覧", "Read reviews"),
        ReadSources("連携元閲覧", "Read sources"),
        ReadHistory("履歴閲覧", "Read history"),
        ProposeMerges("統合の提案", "Propose merges"),
        MergeRecords("統合・統合解除", "Merge and unmerge"),
        PinFields("項目の固定", "Pin and lock fields"),
        ErasePersons("個人情報の消去", "Erase persons"),
        DecideReviews("レビュー判断", "Decide reviews"),
        ReadPolicies("ポリシー閲覧", "Read policies"),
        DraftMasterDataPolicies("名寄せ・優先度ポリシー起案", "Draft matching and precedence policies"),
        ApprovePolicies("ポリシー承認", "Approve policies"),
        ReadTerritories("担当エリア閲覧", "Read territories"),
        ReadTerritoryCoverage("エリアカバレッジ閲覧", "Read who covers what"),
        AssignTerritories("担当エリア割当", "Assign territories"),
        ReadContracts("契約閲覧", "Read contracts"),
        ManageContracts("契約管理", "Manage contracts"),
        ReadPrograms("プログラム閲覧", "Read programs and tiers"),
        ManagePrograms("プログラム管理", "Manage programs"),
        AssignTiers("ランク付与", "Assign tiers"),
        ReadProspectRatings("選定スコア閲覧", "Read how prospects are rated"),
        RateProspects("選定評価", "Rate prospects"),
        ManageNotifications("通知管理", "Manage notifications"),
        ReadRegistrations("案件登録閲覧", "Read deal registrations"),
        WriteRegistrations("案件登録", "Register deals"),
        DecideRegistrations("案件登録の判断", "Decide on deal registrations"),
        ReadConflicts("コンフリクト閲覧", "Read channel conflicts"),
        DecideConflicts("コンフリクトの判断", "Decide on channel conflicts"),
        DraftChannelPolicies("チャネルポリシー起案", "Draft channel policies"),
        ReadOffers("リード配布閲覧", "Read lead offers"),
        OfferLeads("リード配布", "Offer leads to partners and recall them"),
        AnswerOffers("リード配布への回答", "Accept and decline lead offers"),
        ReadEngagement("支援ログ閲覧", "Read the engagement log"),
        RecordEngagement("支援ログ記録", "Report engagement events"),
        ManageEngagement("支援ログ管理", "Switch kinds of engagement events"),
        ReadAlerts("アラート閲覧", "Read alerts about partners"),
        AcknowledgeAlerts("アラート対応", "Take alerts on"),
        ReadKpis("KPI閲覧", "Read KPIs of the channel"),
        ReadDataQuality("データ品質閲覧", "Read KPIs of the data"),
        ManageAccess("アクセス管理", "Manage API keys, and revoke tokens"),
        ReadAuditLog("監査ログ閲覧", "Read the audit log"),
        ReadEnablement("支援コンテンツ閲覧", "Read support content and assignments"),
        ManageEnablement("支援コンテンツ管理", "Publish and assign support content"),
        ReadTraining("トレーニング閲覧", "Read courses, enrolments and certifications"),
        TakeTraining("受講", "Begin courses"),
        EnrolUsers("受講登録", "Enrol users in courses"),
        RecordTraining("受講結果記録", "Record how courses ended"),
        ManageTraining("トレーニング管理", "Manage courses and certifications"),
    }
}

impl Role {
    /// Whether the role belongs to a partner's people.
    pub fn is_partner(self) -> bool {
        matches!(self, Self::PartnerAdmin | Self::PartnerRep)
    }

    /// Whether the role may do it at all; which rows it may do it to is the [`RowScope`]'s matter.
    pub fn may(self, permission: Permission) -> bool {
        use Permission::*;
        match self {
            Self::Admin => true,
            Self::ChannelManager => !matches!(
                permission,
                MergeRecords
                    | PinFields
                    | ErasePersons
                    | DecideReviews
                    | DraftMasterDataPolicies
                    | ApprovePolicies
                    | ManageSync
                    | ManagePrograms
                    | ManageNotifications
                    | WriteRegistrations
                    | AnswerOffers
                    | RecordEngagement
                    | ManageEngagement
                    | ReadDataQuality
                    | ManageAccess
                    | ReadAuditLog
            ),
            Self::DataSteward => !matches!(
                permission,
                CreatePartners
                    | UpdatePartners
                    | ManagePartnerUsers
                    | AssignLeads
                    | EditCustomers
                    | ErasePersons
                    | ApprovePolicies
                    | AssignTerritories
                    | ReadContracts
                    | ManageContracts
                    | ManagePrograms
                    | AssignTiers
                    | RateProspects
                    | ManageNotifications
                    | WriteRegistrations
                    | DecideRegistrations
                    | DraftChannelPolicies
                    | OfferLeads
                    | AnswerOffers
                    | RecordEngagement
                    | ManageEngagement
                    | ReadAlerts
                    | AcknowledgeAlerts
                    | ReadKpis
                    | ManageAccess
                    | ReadAuditLog
                    | ManageEnablement
                    | TakeTraining
                    | EnrolUsers
                    | RecordTraining
                    | ManageTraining
            ),
            Self::IntegrationJob => matches!(
                permission,
                ReadPartners
                    | ReadCustomers
                    | ReadContacts
                    | ReadSync
                    | ManageSync
                    | ReadRegistrations
                    | RecordEngagement
                    | TakeTraining
                    | RecordTraining
            ),
            Self::PartnerAdmin => matches!(
                permission,
                ReadPartners
                    | ManagePartnerUsers
                    | ReadCustomers
                    | EditCustomers
                    | AssignLeads
                    | ReadTerritories
                    | ReadContracts
                    | ReadPrograms
                    | ReadRegistrations
                    | WriteRegistrations
                    | ReadOffers
                    | AnswerOffers
                    | ReadEngagement
                    | RecordEngagement
                    | ReadKpis
                    | ReadEnablement
                    | ReadTraining
                    | TakeTraining
                    | EnrolUsers
            ),
            Self::PartnerRep => matches!(
                permission,
                ReadPartners
                    | ReadCustomers
                    | EditCustomers
                    | ReadTerritories
                    | ReadPrograms
                    | ReadRegistrations
                    | WriteRegistrations
                    | ReadOffers
                    | AnswerOffers
                    | ReadEngagement
                    | RecordEngagement
                    | ReadKpis
                    | ReadEnablement
                    | ReadTraining
                    | TakeTraining
            ),
        }
    }
}

/// Which rows a caller sees. A row outside is not found, never forbidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowScope {
    /// Every row.
    Everything,
    /// Rows of the partners that this subject manages, and rows that belong to no partner yet.
    ManagedBy(String),
    /// Rows of one partner.
    OfPartner(PartnerId),
    /// Rows of one partner that are this user's own.
    OfPartnerUser(PartnerId, PartnerUserId),
    /// No row.
    Nothing,
}

/// Who is asking, as far as rules care.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// The token's subject.
    pub subject: &'a str,
    /// The roles it carries.
    pub roles: &'a [Role],
    /// The partner it belongs to.
    pub partner: Option<PartnerId>,
    /// The partner user it is.
    pub partner_user: Option<PartnerUserId>,
}

/// The widest scope that the caller's roles give over customers' rows (leads, opportunities, accounts).
///
/// A partner role without a partner in the token sees nothing: a broken token must never widen a scope.
pub fn customer_scope(caller: Identity<'_>) -> RowScope {
    let has = |role| caller.roles.contains(&role);
    if has(Role::Admin) || has(Role::DataSteward) || has(Role::IntegrationJob) {
        return RowScope::Everything;
    }
    if has(Role::ChannelManager) {
        return RowScope::ManagedBy(caller.subject.to_owned());
    }
    match (caller.partner, caller.partner_user) {
        (Some(partner), _) if has(Role::PartnerAdmin) => RowScope::OfPartner(partner),
        (Some(partner), Some(user)) if has(Role::PartnerRep) => RowScope::OfPartnerUser(partner, user),
        _ => RowScope::Nothing,
    }
}

/// The scope over partner profiles: staff see all, partners their own.
pub fn partner_scope(caller: Identity<'_>) -> RowScope {
    let is_staff = caller.roles.iter().any(|role| !role.is_partner());
    match caller.partner {
        _ if is_staff => RowScope::Everything,
        Some(partner) if !caller.roles.is_empty() => RowScope::OfPartner(partner),
        _ => RowScope::Nothing,
    }
}

/// The scope over contracts: channel managers see those of their own set, and of a partner only its administrators.
pub fn contract_scope(caller: Identity<'_>) -> RowScope {
    let has = |role| caller.roles.contains(&role);
    match caller.partner {
        _ if has(Role::Admin) => RowScope::Everything,
        _ if has(Role::ChannelManager) => RowScope::ManagedBy(caller.subject.to_owned()),
        Some(partner) if has(Role::PartnerAdmin) => RowScope::OfPartner(partner),
        _ => RowScope::Nothing,
    }
}

/// The scope over KPIs: channel managers see those of their own set, and everybody at a partner the partner's.
pub fn kpi_scope(caller: Identity<'_>) -> RowScope {
    let has = |role| caller.roles.contains(&role);
    match caller.partner {
        _ if has(Role::Admin) => RowScope::Everything,
        _ if has(Role::ChannelManager) => RowScope::ManagedBy(caller.subject.to_owned()),
        Some(partner) if has(Role::PartnerAdmin) || has(Role::PartnerRep) => RowScope::OfPartner(partner),
        _ => RowScope::Nothing,
    }
}

/// How much of a value's history a caller is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProvenanceView {
    /// Sources and losers.
    Full,
    /// Values the partner supplied itself; everything else is "system".
    OwnSupplied,
}

/// The view of provenance that the roles give.
pub fn provenance_view(roles: &[Role]) -> ProvenanceView {
    if roles.iter().any(|role| !role.is_partner()) {
        ProvenanceView::Full
    } else {
        ProvenanceView::OwnSupplied
    }
}

/// Whether mail addresses and phones of a lead are masked: for representatives, after the lead has closed.
pub fn masks_contact_details(roles: &[Role], lead_is_closed: bool) -> bool {
    let only_rep = roles.contains(&Role::PartnerRep) && roles.iter().all(|role| *role == Role::PartnerRep);
    only_rep && lead_is_closed
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn scope(roles: &[Role], partner: Option<PartnerId>) -> RowScope {
        customer_scope(Identity { subject: "s", roles, partner, partner_user: None })
    }

    #[test]
    fn a_partner_token_without_a_partner_sees_nothing() {
        assert_eq!(scope(&[Role::PartnerAdmin], None), RowScope::Nothing);
        assert_eq!(scope(&[], Some(PartnerId(Uuid::nil()))), RowScope::Nothing);
    }

    #[test]
    fn a_representative_without_a_user_sees_nothing() {
        assert_eq!(scope(&[Role::PartnerRep], Some(PartnerId(Uuid::nil()))), RowScope::Nothing);
    }

    #[test]
    fn a_channel_manager_sees_the_own_set() {
        assert_eq!(scope(&[Role::ChannelManager], None), RowScope::ManagedBy("s".to_owned()));
    }

    #[test]
    fn contracts_are_for_those_who_answer_for_them() {
        let own = PartnerId(Uuid::nil());
        let scope = |roles: &[Role]| {
            contract_scope(Identity { subject: "s", roles, partner: Some(own), partner_user: None })
        };
        assert_eq!(scope(&[Role::Admin]), RowScope::Everything);
        assert_eq!(scope(&[Role::ChannelManager]), RowScope::ManagedBy("s".to_owned()));
        assert_eq!(scope(&[Role::PartnerAdmin]), RowScope::OfPartner(own));
        for role in [Role::PartnerRep, Role::DataSteward, Role::IntegrationJob] {
            assert_eq!(scope(&[role]), RowScope::Nothing, "{role}");
        }
    }

    #[test]
    fn a_representative_cannot_assign() {
        assert!(!Role::PartnerRep.may(Permission::AssignLeads));
        assert!(Role::PartnerAdmin.may(Permission::AssignLeads));
        assert!(!Role::PartnerAdmin.may(Permission::ReadContacts));
    }

    #[test]
    fn only_administrators_erase() {
        let may = Role::ALL.iter().filter(|it| it.may(Permission::ErasePersons));
        assert_eq!(may.collect::<Vec<_>>(), [&Role::Admin]);
    }

    #[test]
    fn details_are_masked_for_representatives_after_the_close() {
        assert!(masks_contact_details(&[Role::PartnerRep], true));
        assert!(!masks_contact_details(&[Role::PartnerRep], false));
        assert!(!masks_contact_details(&[Role::PartnerAdmin], true));
    }
}
