//! The root of the API, merged from the features.

use async_graphql::{
    Context, ID, Interface, MergedObject, MergedSubscription, Object, Schema, SchemaBuilder,
};

use crate::accounts::graphql::{Account, AccountQueries};
use crate::alerts::graphql::{AlertMutations, AlertQueries, AlertSubscription, PartnerAlert};
use crate::audit_log::graphql::AuditQueries;
use crate::conflicts::graphql::{ChannelConflict, ConflictMutations, ConflictQueries};
use crate::contacts::graphql::{Contact, ContactQueries};
use crate::contracts::graphql::{Contract, ContractMutations, ContractPaperMutations, ContractQueries};
use crate::credentials::graphql::{CredentialMutations, CredentialQueries};
use crate::distribution::graphql::{
    DistributionMutations, DistributionQueries, DistributionSubscription, LeadOffer,
};
use crate::enablement::graphql::{
    AssetVersion, EnablementAsset, EnablementMutations, EnablementQueries, SupportAssignment, SupportPackage,
};
use crate::engagement::graphql::{EngagementMutations, EngagementQueries};
use crate::erasure::graphql::ErasureMutations;
use crate::error::Result;
use crate::golden::edits::graphql::EditMutations;
use crate::golden::graphql::{
    HistoryQueries, MatchDecisionMutations, MatchDecisionQueries, MergeMutations, MergeQueries, PinMutations,
    PinQueries,
};
use crate::kpis::graphql::KpiQueries;
use crate::leads::graphql::{Lead, LeadMutations, LeadQueries};
use crate::notifications::graphql::{NotificationMutations, NotificationQueries};
use crate::opportunities::graphql::{Opportunity, OpportunityQueries};
use crate::partners::graphql::{
    Partner, PartnerMutations, PartnerQueries, PartnerUser, ProspectMutations, ProspectQueries,
};
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::policies::graphql::{PolicyMutations, PolicyQueries};
use crate::programs::graphql::{ProgramMutations, ProgramQueries};
use crate::registrations::graphql::{
    DealRegistration, RegistrationMutations, RegistrationQueries, RegistrationSubscription,
};
use crate::review::graphql::{ReviewMutations, ReviewQueries, ReviewSubscription};
use crate::sync::graphql::{
    SchemaChangeQueries, SyncErrorQueries, SyncMutations, SyncQueries, SyncReportQueries, SyncSubscription,
};
use crate::sync::outbound::graphql::{OutboundMutations, OutboundQueries};
use crate::territories::graphql::{TerritoryAssignment, TerritoryMutations, TerritoryQueries};
use crate::training::graphql::{Certification, Course, Enrolment, TrainingMutations, TrainingQueries};
use crate::{
    accounts, alerts, conflicts, contracts, distribution, enablement, leads, opportunities, partners,
    registrations, territories, training,
};

/// The whole API.
pub type GatewaySchema = Schema<Query, Mutation, Subscription>;

/// Deepest nesting of a query; the introspection query of common tools is 15 deep.
const MAX_DEPTH: usize = 15;
/// Most that a query may cost: one per field, times the rows of the lists around it.
const MAX_COMPLEXITY: usize = 50_000;

/// Everything with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "&ID", desc = "Global id; resolves for ever."))]
pub enum Node {
    /// A customer organisation.
    Account(Box<Account>),
    /// A person at a customer.
    Contact(Box<Contact>),
    /// A lead.
    Lead(Box<Lead>),
    /// An opportunity.
    Opportunity(Box<Opportunity>),
    /// A partner.
    Partner(Box<Partner>),
    /// A person at a partner.
    PartnerUser(Box<PartnerUser>),
    /// A contract with a partner.
    Contract(Box<Contract>),
    /// A dated territory of a partner.
    TerritoryAssignment(Box<TerritoryAssignment>),
    /// A partner's claim on a deal.
    DealRegistration(Box<DealRegistration>),
    /// A deal that several claim.
    ChannelConflict(Box<ChannelConflict>),
    /// A lead offered to a partner.
    LeadOffer(Box<LeadOffer>),
    /// A thing that partners sell with.
    EnablementAsset(Box<EnablementAsset>),
    /// One version of it in one language.
    AssetVersion(Box<AssetVersion>),
    /// Several of them for one purpose.
    SupportPackage(Box<SupportPackage>),
    /// One of them given to a partner.
    SupportAssignment(Box<SupportAssignment>),
    /// A course.
    Course(Box<Course>),
    /// One user's registration for a course.
    Enrolment(Box<Enrolment>),
    /// What passing a course is worth to a user.
    Certification(Box<Certification>),
    /// Something about a partner that somebody should look at.
    PartnerAlert(Box<PartnerAlert>),
}

/// Any record by its global id.
#[derive(Default)]
pub struct NodeQueries;

#[Object]
impl NodeQueries {
    /// Any record by its global id; null when there is none or the caller does not see it.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global id.")] id: ID,
    ) -> Option<Result<Node>> {
        node(ctx.data_unchecked(), &id).await.transpose()
    }
}

/// Any record by its global id, if the caller sees it.
pub async fn node(ctx: &RequestContext, id: &ID) -> Result<Option<Node>> {
    let id: NodeId = id.parse()?;
    Ok(match id.node_type {
        NodeType::Account => {
            accounts::graphql::by_id(ctx, id.id.into()).await?.map(|it| Node::Account(Box::new(it)))
        }
        NodeType::Contact => {
            crate::contacts::graphql::by_id(ctx, id.id.into()).await?.map(|it| Node::Contact(Box::new(it)))
        }
        NodeType::Lead => leads::graphql::by_id(ctx, id.id.into()).await?.map(|it| Node::Lead(Box::new(it))),
        NodeType::Opportunity => {
            opportunities::graphql::by_id(ctx, id.id.into()).await?.map(|it| Node::Opportunity(Box::new(it)))
        }
        NodeType::Partner => {
            partners::graphql::by_id(ctx, id.id.into()).await?.map(|it| Node::Partner(Box::new(it)))
        }
        NodeType::PartnerUser => {
            partners::graphql::user_by_id(ctx, id.id.into()).await?.map(|it| Node::PartnerUser(Box::new(it)))
        }
        NodeType::Contract => {
            contracts::graphql::by_id(ctx, id.id.into()).await?.map(|it| Node::Contract(Box::new(it)))
        }
        NodeType::TerritoryAssignment => territories::graphql::by_id(ctx, id.id.into())
            .await?
            .map(|it| Node::TerritoryAssignment(Box::new(it))),
        NodeType::DealRegistration => registrations::graphql::by_id(ctx, id.id.into())
            .await?
            .map(|it| Node::DealRegistration(Box::new(it))),
        NodeType::ChannelConflict => {
            conflicts::graphql::by_id(ctx, id.id.into()).await?.map(|it| Node::ChannelConflict(Box::new(it)))
        }
        NodeType::LeadOffer => {
            distribution::graphql::by_id(ctx, id.id.into()).await?.map(|it| Node::LeadOffer(Box::new(it)))
        }
        NodeType::EnablementAsset => enablement::graphql::asset_by_id(ctx, id.id.into())
            .await?
            .map(|it| Node::EnablementAsset(Box::new(it))),
        NodeType::AssetVersion => enablement::graphql::version_by_id(ctx, id.id.into())
            .await?
            .map(|it| Node::AssetVersion(Box::new(it))),
        NodeType::SupportPackage => enablement::graphql::package_by_id(ctx, id.id.into())
            .await?
            .map(|it| Node::SupportPackage(Box::new(it))),
        NodeType::SupportAssignment => enablement::graphql::assignment_by_id(ctx, id.id.into())
            .await?
            .map(|it| Node::SupportAssignment(Box::new(it))),
        NodeType::Course => {
            training::graphql::course_by_id(ctx, id.id.into()).await?.map(|it| Node::Course(Box::new(it)))
        }
        NodeType::Enrolment => training::graphql::enrolment_by_id(ctx, id.id.into())
            .await?
            .map(|it| Node::Enrolment(Box::new(it))),
        NodeType::Certification => training::graphql::certification_by_id(ctx, id.id.into())
            .await?
            .map(|it| Node::Certification(Box::new(it))),
        NodeType::PartnerAlert => {
            alerts::graphql::by_id(ctx, id.id.into()).await?.map(|it| Node::PartnerAlert(Box::new(it)))
        }
    })
}

/// What customers' data is: leads, accounts, contacts, opportunities.
#[derive(MergedObject, Default)]
pub struct CustomerQueries(LeadQueries, AccountQueries, ContactQueries, OpportunityQueries, HistoryQueries);

/// What is agreed with partners.
#[derive(MergedObject, Default)]
pub struct ChannelQueries(
    PartnerQueries,
    ProspectQueries,
    ProgramQueries,
    ContractQueries,
    TerritoryQueries,
    ClaimQueries,
);

/// Changing what is agreed with partners.
#[derive(MergedObject, Default)]
pub struct ChannelMutations(
    PartnerMutations,
    ProspectMutations,
    ProgramMutations,
    ContractMutations,
    ContractPaperMutations,
    TerritoryMutations,
    ClaimMutations,
);

/// How the gateway itself is doing.
#[derive(MergedObject, Default)]
pub struct OperationQueries(
    MergeQueries,
    MatchDecisionQueries,
    PinQueries,
    ReviewQueries,
    SynchronisationQueries,
    PolicyQueries,
    WatchQueries,
);

/// Who is told what, who comes in, and who did what.
#[derive(MergedObject, Default)]
pub struct WatchQueries(NotificationQueries, CredentialQueries, AuditQueries);

/// Runs, the error log, what is written back, and how fresh everything is.
#[derive(MergedObject, Default)]
pub struct SynchronisationQueries(
    SyncQueries,
    SyncErrorQueries,
    SyncReportQueries,
    SchemaChangeQueries,
    OutboundQueries,
);

/// What partners are offered, what they claim, and who goes first.
#[derive(MergedObject, Default)]
pub struct ClaimQueries(DistributionQueries, RegistrationQueries, ConflictQueries);

/// What partners are given to sell with, what they do with it, and what comes of it.
#[derive(MergedObject, Default)]
pub struct SupportQueries(EnablementQueries, TrainingQueries, EngagementQueries, KpiQueries, AlertQueries);

/// Reading.
#[derive(MergedObject, Default)]
pub struct Query(NodeQueries, ChannelQueries, CustomerQueries, SupportQueries, OperationQueries);

/// Changing what partners are offered, what they claim, and who goes first.
#[derive(MergedObject, Default)]
pub struct ClaimMutations(DistributionMutations, RegistrationMutations, ConflictMutations);

/// Changing what partners are given to sell with, and saying what they do with it.
#[derive(MergedObject, Default)]
pub struct SupportMutations(EnablementMutations, TrainingMutations, EngagementMutations, AlertMutations);

/// Changing.
#[derive(MergedObject, Default)]
pub struct Mutation(
    ChannelMutations,
    SupportMutations,
    LeadMutations,
    MergeMutations,
    MatchDecisionMutations,
    EditMutations,
    PinMutations,
    NotificationMutations,
    CredentialMutations,
    ErasureMutations,
    OutboundMutations,
    PolicyMutations,
    ReviewMutations,
    SyncMutations,
);

/// Hearing of changes.
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    ReviewSubscription,
    SyncSubscription,
    RegistrationSubscription,
    DistributionSubscription,
    AlertSubscription,
);

/// The schema with the limits that hold for every request; [`Guarded`](crate::platform::graphql::executor::Guarded) stands before it.
pub fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .register_output_type::<Node>()
        .limit_depth(MAX_DEPTH)
        .limit_complexity(MAX_COMPLEXITY)
        .disable_suggestions()
}

/// The API contract in the schema definition language.
pub fn sdl() -> String {
    builder().finish().sdl()
}
