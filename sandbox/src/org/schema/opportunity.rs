//! The fields of Opportunity.

use super::field::{
    Default, Field, boolean, currency, date, datetime, int, long_text, number, owner, percent, picklist,
    reference, restricted_picklist, text,
};
use super::{Object, picklists};

pub(super) fn fields() -> Vec<Field> {
    let mut fields = vec![
        reference("AccountId", "Account ID", &[Object::Account], "Account")
            .children("Opportunities")
            .cascading(),
        text("Name", "Name", 120).required().name_field(),
        long_text("Description", "Description", 32_000),
        picklist("StageName", "Stage", picklists::STAGE_NAMES).required(),
        currency("Amount", "Amount"),
        percent("Probability", "Probability (%)"),
        currency("ExpectedRevenue", "Expected Amount").read_only(),
        number("TotalOpportunityQuantity", "Quantity", 18, 2),
        date("CloseDate", "Close Date").required(),
        picklist("Type", "Opportunity Type", picklists::OPPORTUNITY_TYPES),
        text("NextStep", "Next Step", 255),
        picklist("LeadSource", "Lead Source", picklists::LEAD_SOURCES),
    ];
    fields.extend(standing());
    fields.extend([
        reference("CampaignId", "Campaign ID", &[Object::Campaign], "Campaign").children("Opportunities"),
        owner(),
        reference("ContactId", "Contact ID", &[Object::Contact], "Contact").create_only(),
        reference("PartnerAccountId", "Partner Account ID", &[Object::Account], "PartnerAccount").read_only(),
        date("LastActivityDate", "Last Activity").read_only(),
        restricted_picklist("CurrencyIsoCode", "Opportunity Currency", picklists::CURRENCIES)
            .required()
            .default(Default::Text("JPY")),
        text("External_Id__c", "External Id", 64).external_id().unique(),
        restricted_picklist("Loss_Reason__c", "Loss Reason", picklists::LOSS_REASONS),
        restricted_picklist("Deal_Type__c", "Deal Type", picklists::DEAL_TYPES),
    ]);
    fields
}

/// What follows from stage and close date.
fn standing() -> Vec<Field> {
    vec![
        boolean("IsClosed", "Closed").read_only(),
        boolean("IsWon", "Won").read_only(),
        picklist("ForecastCategory", "Forecast Category", picklists::FORECAST_CATEGORIES)
            .required()
            .read_only(),
        picklist("ForecastCategoryName", "Forecast Category", picklists::FORECAST_CATEGORY_NAMES).read_only(),
        boolean("HasOpportunityLineItem", "Has Line Item").read_only(),
        int("FiscalQuarter", "Fiscal Quarter").read_only(),
        int("FiscalYear", "Fiscal Year").read_only(),
        text("Fiscal", "Fiscal Period", 6).read_only(),
        datetime("LastStageChangeDate", "Last Stage Change Date").read_only(),
    ]
}
