//! The fields of Campaign.

use super::field::{Field, boolean, currency, date, int, long_text, owner, picklist, reference, text};
use super::{Object, picklists};

pub(super) fn fields() -> Vec<Field> {
    vec![
        text("Name", "Name", 80).required().name_field(),
        reference("ParentId", "Parent Campaign ID", &[Object::Campaign], "Parent").children("ChildCampaigns"),
        picklist("Type", "Type", picklists::CAMPAIGN_TYPES),
        picklist("Status", "Status", picklists::CAMPAIGN_STATUSES),
        date("StartDate", "Start Date"),
        date("EndDate", "End Date"),
        boolean("IsActive", "Active"),
        currency("BudgetedCost", "Budgeted Cost"),
        currency("ActualCost", "Actual Cost"),
        currency("ExpectedRevenue", "Expected Revenue"),
        int("NumberSent", "Num Sent"),
        long_text("Description", "Description", 32_000),
        owner(),
        date("LastActivityDate", "Last Activity").read_only(),
        text("External_Id__c", "External Id", 64).external_id().unique(),
    ]
}
