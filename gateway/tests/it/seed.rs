//! A store that is filled without a CRM.

use domain::registrations::RegistrationStatus;
use entity::leads::golden_lead;
use entity::opportunities::golden_opportunity;
use entity::partners::{partner, partner_user};
use entity::registrations::deal_registration;
use sea_orm::{ColumnTrait, Database, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::Value;

use crate::cli;

const ARGUMENTS: &[&str] =
    &["--json", "seed", "--partners", "3", "--leads", "4", "--opportunities", "2", "--registrations", "1"];

#[tokio::test(flavor = "multi_thread")]
async fn each_partner_has_leads_opportunities_and_registrations_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    // The second time changes nothing.
    for _ in 0..2 {
        let (status, out, err) = cli::run(folder.path(), ARGUMENTS);
        assert_eq!(status, 0, "{err}");
        let told: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
        assert_eq!(told["leads"], 12);

        let address = format!("sqlite://{}/gateway.db", folder.path().display());
        let store = Database::connect(address).await.unwrap();
        assert_eq!(partner::Entity::find().count(&store).await.unwrap(), 3);
        assert_eq!(partner_user::Entity::find().count(&store).await.unwrap(), 3);
        let leads = golden_lead::Entity::find().filter(golden_lead::Column::AssignedPartnerId.is_not_null());
        assert_eq!(leads.count(&store).await.unwrap(), 12);
        let opportunities = golden_opportunity::Entity::find()
            .filter(golden_opportunity::Column::SourcingPartnerId.is_not_null())
            .filter(golden_opportunity::Column::AccountId.is_not_null());
        assert_eq!(opportunities.count(&store).await.unwrap(), 6);
        let is_submitted = deal_registration::Column::Status.ne(RegistrationStatus::Draft);
        let submitted = deal_registration::Entity::find().filter(is_submitted);
        assert_eq!(submitted.count(&store).await.unwrap(), 3);
    }
}
