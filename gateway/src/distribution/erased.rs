//! Offers without a person that was erased: why they were made and how they ended was written by people.

use entity::distribution::lead_offer::Model;
use sea_orm::DatabaseTransaction;

use super::store;
use crate::error::Result;
use crate::golden::service::Person;

/// Scrubs a person out of the offers of the person's lead. What partners were told of it names nobody.
pub async fn erase_person(txn: &DatabaseTransaction, person: &Person) -> Result<()> {
    let scrub = |text: &Option<String>| text.as_deref().map(|it| person.words.scrub(it));
    for offer in store::of_lead(txn, &person.goldens).await? {
        let scrubbed = Model {
            offer_reason: scrub(&offer.offer_reason),
            end_reason: scrub(&offer.end_reason),
            recall_reason: scrub(&offer.recall_reason),
            ..offer.clone()
        };
        if scrubbed != offer {
            store::replace(txn, scrubbed).await?;
        }
    }
    Ok(())
}
