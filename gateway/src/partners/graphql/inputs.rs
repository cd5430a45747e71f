//! What clients send about partners, and how it becomes checked details.

use async_graphql::{ID, InputObject, MaybeUndefined};
use domain::partners::{JobFunction, PartnerStatus, PartnerType, PartnerUserRole, PartnerUserStatus};
use domain::text::Name;
use entity::partners::{partner, partner_user};
use serde::Serialize;

use crate::error::{OfField as _, Result};
use crate::partners::service::PartnerDetails;
use crate::partners::users::PartnerUserDetails;
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// A new partner.
#[derive(Debug, InputObject)]
pub struct CreatePartnerInput {
    /// Registered name, legal form included.
    pub legal_name: String,
    /// Reading of the registered name.
    pub legal_name_kana: Option<String>,
    /// The name shown in Japanese.
    pub display_name_ja: Option<String>,
    /// The name shown in English.
    pub display_name_en: Option<String>,
    /// 法人番号: thirteen digits with a right check digit.
    pub corporate_number: Option<String>,
    /// 適格請求書発行事業者登録番号: `T` and thirteen digits.
    pub invoice_registration_no: Option<String>,
    /// What the partner does for us.
    #[graphql(default)]
    pub types: Vec<PartnerType>,
    /// Where the partner stands.
    #[graphql(default_with = "PartnerStatus::Prospect")]
    pub status: PartnerStatus,
    /// The distributor above it.
    pub parent_id: Option<ID>,
    /// Subjects of the channel managers responsible for it.
    #[graphql(default)]
    pub managers: Vec<String>,
    /// The partner as an account in the CRM.
    pub crm_account_ref: Option<String>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A change of a partner. What is left out stays; an explicit null clears.
#[derive(Debug, InputObject, Serialize)]
pub struct UpdatePartnerInput {
    /// The partner.
    pub id: ID,
    /// The version the change is based on.
    pub version: i32,
    /// Registered name, legal form included.
    pub legal_name: Option<String>,
    /// Reading of the registered name.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub legal_name_kana: MaybeUndefined<String>,
    /// The name shown in Japanese.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub display_name_ja: MaybeUndefined<String>,
    /// The name shown in English.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub display_name_en: MaybeUndefined<String>,
    /// 法人番号: thirteen digits with a right check digit.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub corporate_number: MaybeUndefined<String>,
    /// 適格請求書発行事業者登録番号: `T` and thirteen digits.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub invoice_registration_no: MaybeUndefined<String>,
    /// What the partner does for us; replaces the list.
    pub types: Option<Vec<PartnerType>>,
    /// Where the partner stands.
    pub status: Option<PartnerStatus>,
    /// The distributor above it.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub parent_id: MaybeUndefined<ID>,
    /// Subjects of the channel managers responsible for it; replaces the list.
    pub managers: Option<Vec<String>>,
    /// The partner as an account in the CRM.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub crm_account_ref: MaybeUndefined<String>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A new person at a partner.
#[derive(Debug, InputObject)]
pub struct CreatePartnerUserInput {
    /// The partner.
    pub partner_id: ID,
    /// 姓.
    pub family_name: String,
    /// 名.
    pub given_name: String,
    /// セイ.
    pub family_name_kana: Option<String>,
    /// メイ.
    pub given_name_kana: Option<String>,
    /// By which the person logs in; unique within the partner.
    pub email: String,
    /// What the person does.
    #[graphql(default_with = "JobFunction::Sales")]
    pub job_function: JobFunction,
    /// What the person may do here.
    #[graphql(default_with = "PartnerUserRole::PartnerRep")]
    pub role: PartnerUserRole,
    /// Whether the person may log in.
    #[graphql(default_with = "PartnerUserStatus::Invited")]
    pub status: PartnerUserStatus,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A change of a person at a partner. What is left out stays; an explicit null clears.
#[derive(Debug, InputObject, Serialize)]
pub struct UpdatePartnerUserInput {
    /// The person.
    pub id: ID,
    /// The version the change is based on.
    pub version: i32,
    /// 姓.
    pub family_name: Option<String>,
    /// 名.
    pub given_name: Option<String>,
    /// セイ.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub family_name_kana: MaybeUndefined<String>,
    /// メイ.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub given_name_kana: MaybeUndefined<String>,
    /// By which the person logs in; unique within the partner.
    pub email: Option<String>,
    /// What the person does.
    pub job_function: Option<JobFunction>,
    /// What the person may do here.
    pub role: Option<PartnerUserRole>,
    /// Whether the person may log in.
    pub status: Option<PartnerUserStatus>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

impl CreatePartnerInput {
    pub(super) fn details(self) -> Result<PartnerDetails> {
        Ok(PartnerDetails {
            legal_name: self.legal_name.parse().of_field("legalName")?,
            legal_name_kana: name(self.legal_name_kana.as_deref()).of_field("legalNameKana")?,
            display_name_ja: name(self.display_name_ja.as_deref()).of_field("displayNameJa")?,
            display_name_en: name(self.display_name_en.as_deref()).of_field("displayNameEn")?,
            corporate_number: self
                .corporate_number
                .map(|it| it.parse())
                .transpose()
                .of_field("corporateNumber")?,
            invoice_registration_no: self
                .invoice_registration_no
                .map(|it| it.parse())
                .transpose()
                .of_field("invoiceRegistrationNo")?,
            types: self.types.into_iter().collect(),
            status: self.status,
            parent: self
                .parent_id
                .map(|it| NodeId::decode(&it, NodeType::Partner))
                .transpose()
                .of_field("parentId")?,
            managers: self.managers.into_iter().collect(),
            crm_account_ref: name(self.crm_account_ref.as_deref()).of_field("crmAccountRef")?,
        })
    }
}

impl UpdatePartnerInput {
    pub(super) fn details(&self, before: &partner::Model, managers: Vec<String>) -> Result<PartnerDetails> {
        let number = kept(&self.corporate_number, &before.corporate_number);
        let invoice = kept(&self.invoice_registration_no, &before.invoice_registration_no);
        let parent = match &self.parent_id {
            MaybeUndefined::Undefined => before.parent_partner_id,
            MaybeUndefined::Null => None,
            MaybeUndefined::Value(id) => Some(NodeId::decode(id, NodeType::Partner).of_field("parentId")?),
        };
        let types = before.types.split(',').filter_map(|code| code.parse().ok()).collect();
        Ok(PartnerDetails {
            legal_name: self
                .legal_name
                .as_ref()
                .unwrap_or(&before.legal_name)
                .parse()
                .of_field("legalName")?,
            legal_name_kana: name(kept(&self.legal_name_kana, &before.legal_name_kana))
                .of_field("legalNameKana")?,
            display_name_ja: name(kept(&self.display_name_ja, &before.display_name_ja))
                .of_field("displayNameJa")?,
            display_name_en: name(kept(&self.display_name_en, &before.display_name_en))
                .of_field("displayNameEn")?,
            corporate_number: number.map(str::parse).transpose().of_field("corporateNumber")?,
            invoice_registration_no: invoice.map(str::parse).transpose().of_field("invoiceRegistrationNo")?,
            types: self.types.as_ref().map_or(types, |it| it.iter().copied().collect()),
            status: self.status.unwrap_or(before.status),
            parent,
            managers: self.managers.clone().unwrap_or(managers).into_iter().collect(),
            crm_account_ref: name(kept(&self.crm_account_ref, &before.crm_account_ref))
                .of_field("crmAccountRef")?,
        })
    }
}

impl CreatePartnerUserInput {
    pub(super) fn details(self) -> Result<PartnerUserDetails> {
        Ok(PartnerUserDetails {
            family_name: self.family_name.parse().of_field("familyName")?,
            given_name: self.given_name.parse().of_field("givenName")?,
            family_name_kana: name(self.family_name_kana.as_deref()).of_field("familyNameKana")?,
            given_name_kana: name(self.given_name_kana.as_deref()).of_field("givenNameKana")?,
            email: self.email.parse().of_field("email")?,
            job_function: self.job_function,
            role: self.role,
            status: self.status,
        })
    }
}

impl UpdatePartnerUserInput {
    pub(super) fn details(&self, before: &partner_user::Model) -> Result<PartnerUserDetails> {
        Ok(PartnerUserDetails {
            family_name: self
                .family_name
                .as_ref()
                .unwrap_or(&before.family_name)
                .parse()
                .of_field("familyName")?,
            given_name: self
                .given_name
                .as_ref()
                .unwrap_or(&before.given_name)
                .parse()
                .of_field("givenName")?,
            family_name_kana: name(kept(&self.family_name_kana, &before.family_name_kana))
                .of_field("familyNameKana")?,
            given_name_kana: name(kept(&self.given_name_kana, &before.given_name_kana))
                .of_field("givenNameKana")?,
            email: self.email.as_ref().unwrap_or(&before.email).parse().of_field("email")?,
            job_function: self.job_function.unwrap_or(before.job_function),
            role: self.role.unwrap_or(before.role),
            status: self.status.unwrap_or(before.status),
        })
    }
}

fn name(text: Option<&str>) -> Result<Option<Name>> {
    Ok(text.map(str::parse).transpose()?)
}

/// The value after the change: what is left out stays, an explicit null clears.
fn kept<'a>(given: &'a MaybeUndefined<String>, before: &'a Option<String>) -> Option<&'a str> {
    match given {
        MaybeUndefined::Undefined => before.as_deref(),
        MaybeUndefined::Null => None,
        MaybeUndefined::Value(value) => Some(value),
    }
}
