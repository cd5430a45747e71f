//! One id type per kind of record, so that one cannot be passed as another.
//!
//! Ids are opaque and ordered by creation (UUID version 7). Who makes them decides when: this crate has no clock.

use uuid::Uuid;

macro_rules! ids {
    ($( $(#[$meta:meta])* $name:ident ),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "store", derive(sea_orm::DeriveValueType))]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        #[cfg(feature = "store")]
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::Custom(concat!(stringify!($name), " is never made by the database").to_owned()))
            }
        }
    )+};
}

ids! {
    /// A partner in our store.
    PartnerId,
    /// A person at a partner who may log in.
    PartnerUserId,
    /// One dated territory of one partner.
    TerritoryAssignmentId,
    /// A contract with a partner; a renewal is another one.
    ContractId,
    /// What is agreed in a contract from one date on.
    ContractVersionId,
    /// A document that a contract refers to.
    ContractDocumentId,
    /// One note of what was said about a contract.
    NegotiationEntryId,
    /// What the partner program says in one fiscal year, in one version.
    ProgramVersionId,
    /// The tier of a partner from one instant on.
    PartnerTierId,
    /// One evaluation of a partner's tier.
    TierEvaluationId,
    /// One event of the engagement log.
    EngagementEventId,
    /// A document, video or other thing to sell with.
    EnablementAssetId,
    /// One version of an enablement asset.
    AssetVersionId,
    /// Assets for one purpose.
    SupportPackageId,
    /// One version of an asset given to one partner.
    AssignmentId,
    /// A course.
    CourseId,
    /// One user's registration for one course.
    EnrolmentId,
    /// One try at the test of a course.
    AttemptId,
    /// What passing a course is worth to a user.
    CertificationId,
    /// One alert.
    AlertId,
    /// A golden record of any kind; resolves for ever.
    GoldenId,
    /// One record in one source.
    SourceRecordId,
    /// One membership of a source record in a golden record.
    RecordLinkId,
    /// One answer of a person about a pair of records.
    MatchDecisionId,
    /// One merge of golden records.
    MergeOperationId,
    /// One pin or lock.
    HoldId,
    /// One run of a synchronisation.
    SyncRunId,
    /// One logged failure of a synchronisation.
    SyncErrorId,
    /// One change that a system is to be told of.
    OutboundChangeId,
    /// Something that changed in what a source says of its objects.
    SchemaChangeId,
    /// Something that a source pushed to us.
    WebhookDeliveryId,
    /// One thing that happened to a review task.
    ReviewEventId,
    /// Review tasks decided at once.
    ReviewBatchId,
    /// One decision asked of a person.
    ReviewTaskId,
    /// One version of a policy.
    PolicyVersionId,
    /// One dry run of a policy version.
    PolicyDryRunId,
    /// One field that a dry run would change.
    PolicyDryRunExampleId,
    /// One message to somebody by one channel.
    NotificationId,
    /// One entry of the audit log.
    AuditEventId,
    /// One deal registration.
    RegistrationId,
    /// One thing that happened to a deal registration.
    RegistrationEventId,
    /// One verdict on a registration.
    VerdictId,
    /// One channel conflict.
    ConflictId,
    /// One product that an account runs.
    InstalledProductId,
    /// One check before a registration.
    ClaimCheckId,
    /// One lead offered to one partner.
    LeadOfferId,
    /// A key of an integration job.
    ApiKeyId,
    /// Tokens that do not count any more.
    TokenRevocationId,
}
