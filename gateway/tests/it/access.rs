//! Nothing of one partner's reaches another: every query and every edge of the contract, asked by everybody.
//!
//! The questions are made from the contract itself, so that a query that is added later cannot be forgotten.

mod contract;

use std::collections::BTreeMap;

use domain::access::Role;
use domain::fields::{RecordKind, account, contact, lead, opportunity};
use gateway::platform::auth::signing::Claims;
use serde_json::{Value, json};

use self::contract::Contract;
use crate::harness::{Client, GivenPartner, START, Said, TestGateway, deal, on_every_store};

/// What belongs to one partner, and what only others would say of it.
struct Secrets {
    partner: GivenPartner,
    /// One global id of each type, by the name of the type.
    ids: BTreeMap<&'static str, String>,
    /// Texts that must not reach anybody else.
    texts: Vec<String>,
}

/// A partner with a lead of everything: duplicates, an account that others know too, an opportunity, a contact.
async fn given_secrets(gateway: &TestGateway, name: &str, key: &str) -> Secrets {
    let partner = gateway.given_partner(&format!("秘密{name}社")).await;
    let secret = |what: &str| format!("{what}-{name}");
    let lead_said = |id: &str, system: &str| {
        let said = Said::lead(&format!("{id}{key}")).with(lead::last_name, &secret("lead"));
        let said = said.with(lead::email, &format!("{}@a.example", secret("mail"))).by(system);
        said.with(lead::converted_account, "0010").with(lead::converted_opportunity, &format!("006{key}"))
    };
    gateway
        .hears([
            Said::opportunity(&format!("006{key}"), &secret("deal")).with(opportunity::account, "0010"),
            Said::opportunity(&format!("006s{key}"), &secret("sourced"))
                .with(opportunity::sourcing_partner, &partner.key.to_string())
                .with(opportunity::account, "0010"),
            lead_said("00Q", "CRM"),
            lead_said("M", "MA").with(lead::title, &secret("title")),
            Said::contact(&format!("003{key}"), &secret("contact")).with(contact::account, "0010"),
        ])
        .await;
    let lead = gateway.id_of(RecordKind::Lead, &format!("00Q{key}")).await;
    gateway.given_assignment(&lead, &partner).await;
    let terms = json!({ "priceTerms": secret("price") });
    let contract =
        gateway.given_contract(&partner, json!({ "number": secret("contract"), "terms": terms })).await;
    let territory = gateway.given_territory(&partner, json!({ "products": [secret("product")] })).await;
    let tier = json!({ "partnerId": partner.id, "tier": "GOLD", "reason": secret("reason") });
    gateway.as_admin().change("assignTier", tier, "partner { id }").await.data();
    let registration = gateway.given_registration(&partner, deal(&secret("registered"))).await;
    let offered = Said::lead(&format!("00O{key}")).with(lead::last_name, &format!("打診{key}"));
    let offered = offered.with(lead::company, &secret("offered")).with(lead::consent_to_share, "true");
    let offer = json!({
        "leadId": gateway.given(offered).await, "partnerId": partner.id, "reason": secret("chosen"),
    });
    let offer = gateway.as_admin().change("offerLead", offer, "leadOffer { id }").await;
    let offer = offer.text_at("/offerLead/leadOffer/id").to_owned();
    let claims = gateway.claims(&[Role::IntegrationJob], "faq", None);
    let faq = gateway.with_claims(&Claims { scopes: vec!["engagement:faq".to_owned()], ..claims });
    let search = json!({
        "eventId": secret("event"), "kind": "faq.searched", "payload": { "keyword": secret("searched") },
        "partnerId": partner.id, "userId": partner.rep.id, "occurredAt": START,
    });
    faq.change("recordEngagementEvents", json!({ "events": [search] }), "accepted").await.data();
    let (asset, version) = gateway.given_asset("DOCUMENT", &secret("asset"), json!({})).await;
    let package = json!({ "nameJa": secret("package"), "assetIds": [asset] });
    let package = gateway.as_admin().change("createSupportPackage", package, "supportPackage { id }").await;
    let package = package.text_at("/createSupportPackage/supportPackage/id").to_owned();
    let give = json!({ "partnerId": partner.id, "packageId": package });
    let given = gateway.as_admin().change("assignSupport", give, "supportAssignments { id }").await;
    let given = given.text_at("/assignSupport/supportAssignments/0/id").to_owned();
    let course = gateway.given_course(&format!("C{key}"), json!({ "validityMonths": 12 })).await;
    let enrolment = gateway.given_enrolment(&partner.rep, &course, json!({})).await;
    gateway.given_pass(&enrolment, Value::Null).await;
    let of =
        format!("{{ certifications(filter: {{ partnerId: \"{}\" }}) {{ nodes {{ id }} }} }}", partner.id);
    let certification = gateway.as_admin().ask(&of).await.text_at("/certifications/nodes/0/id").to_owned();
    // Only who was given it sees it from now on.
    gateway
        .as_admin()
        .change("retireEnablementAsset", json!({ "assetId": asset }), "__typename")
        .await
        .data();
    let ids = BTreeMap::from([
        ("Account", gateway.id_of(RecordKind::Account, "0010").await),
        ("Contact", gateway.id_of(RecordKind::Contact, &format!("003{key}")).await),
        ("Lead", lead.clone()),
        ("Opportunity", gateway.id_of(RecordKind::Opportunity, &format!("006{key}")).await),
        ("Partner", partner.id.clone()),
        ("PartnerUser", partner.rep.id.clone()),
        ("Contract", contract.clone()),
        ("TerritoryAssignment", territory.clone()),
        ("DealRegistration", registration),
        ("LeadOffer", offer.clone()),
        ("EnablementAsset", asset),
        ("AssetVersion", version),
        ("SupportPackage", package),
        ("SupportAssignment", given),
        ("Enrolment", enrolment.clone()),
        ("Certification", certification.clone()),
    ]);
    let words = [
        "lead",
        "mail",
        "deal",
        "sourced",
        "title",
        "contact",
        "contract",
        "price",
        "product",
        "reason",
        "registered",
        "offered",
        "chosen",
        "event",
        "searched",
        "asset",
        "package",
    ];
    let words = words.map(secret);
    let own = [format!("秘密{name}社"), partner.key.to_string(), partner.rep.key.to_string(), lead];
    let own = own.into_iter().chain([partner.id.clone(), partner.rep.id.clone(), contract, territory, offer]);
    let own = own.chain([enrolment, certification]);
    Secrets { texts: words.into_iter().chain(own).collect(), ids, partner }
}

async fn given_two_partners(gateway: &TestGateway) -> (Secrets, Secrets) {
    let shared = Said::account("0010", "共通の客先").with(account::phone, "03-0000-0000");
    gateway.hears([shared]).await;
    let program = "name = \"P\"\nfiscal_year = 2026\n[[tiers]]\ncode = \"GOLD\"\nrank = 1\n";
    gateway.given_program(program).await;
    (given_secrets(gateway, "alpha", "1").await, given_secrets(gateway, "beta", "2").await)
}

async fn ask_everything(
    client: &Client<'_>,
    ids: &BTreeMap<&'static str, String>,
) -> Vec<(String, String, String)> {
    let mut answers = Vec::new();
    for (name, question) in Contract::read().await.questions(ids) {
        let answer = client.ask(&question).await;
        answers.push((name, question, answer.text));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rival_learns_nothing_from_any_query() {
    on_every_store(async |gateway| {
        let (own, rival) = given_two_partners(gateway).await;
        for client in [gateway.as_admin_of(&rival.partner), gateway.as_rep_of(&rival.partner)] {
            for (name, question, answer) in ask_everything(&client, &own.ids).await {
                for secret in &own.texts {
                    assert!(!answer.contains(secret), "{name} tells {secret}: {question}\n{answer}");
                }
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_questions_do_find_what_they_must_not_tell() {
    on_every_store(async |gateway| {
        let (own, _) = given_two_partners(gateway).await;
        let all = async |client: Client<'_>| {
            let answers = ask_everything(&client, &own.ids).await;
            answers.into_iter().map(|(_, _, answer)| answer).collect::<String>()
        };
        let staff = all(gateway.as_admin()).await;
        let raw = [own.partner.key.to_string(), own.partner.rep.key.to_string()];
        for secret in own.texts.iter().filter(|it| !raw.contains(it)) {
            assert!(staff.contains(secret), "no question of an administrator finds {secret}");
        }
        let partner = all(gateway.as_rep_of(&own.partner)).await;
        let found = [
            "lead-alpha",
            "mail-alpha",
            "deal-alpha",
            "秘密alpha社",
            "共通の客先",
            "registered-alpha",
            "offered-alpha",
            "searched-alpha",
            "asset-alpha",
            "package-alpha",
        ];
        for secret in found {
            assert!(partner.contains(secret), "no question of the partner finds {secret}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_token_without_a_partner_sees_no_row() {
    on_every_store(async |gateway| {
        let (own, _) = given_two_partners(gateway).await;
        let rep = own.partner.rep.key.to_string();
        for client in [
            gateway.known(&[Role::PartnerAdmin], "somebody", None),
            gateway.known(&[Role::PartnerRep], &rep, None),
            gateway.known(&[Role::PartnerRep], "somebody", Some(own.partner.key)),
            gateway.known(&[], "somebody", Some(own.partner.key)),
        ] {
            for (name, question, answer) in ask_everything(&client, &own.ids).await {
                let is_own_profile = answer.contains("秘密alpha社");
                for secret in own.texts.iter().filter(|it| !it.contains("秘密") && !is_own_profile) {
                    assert!(!answer.contains(secret), "{name} tells {secret}: {question}\n{answer}");
                }
                for secret in [
                    "lead-",
                    "mail-",
                    "deal-",
                    "sourced-",
                    "title-",
                    "contact-",
                    "price-",
                    "reason-",
                    "registered-",
                    "offered-",
                    "chosen-",
                    "searched-",
                    "asset-",
                    "package-",
                    "共通の客先",
                ] {
                    assert!(!answer.contains(secret), "{name} tells {secret}: {question}\n{answer}");
                }
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_invisible_is_not_there() {
    on_every_store(async |gateway| {
        let (own, rival) = given_two_partners(gateway).await;
        let client = gateway.as_admin_of(&rival.partner);
        for (field, kind) in [
            ("lead", "Lead"),
            ("opportunity", "Opportunity"),
            ("partner", "Partner"),
            ("partnerUser", "PartnerUser"),
            ("contact", "Contact"),
            ("contract", "Contract"),
            ("territory", "TerritoryAssignment"),
            ("dealRegistration", "DealRegistration"),
            ("leadOffer", "LeadOffer"),
            ("enablementAsset", "EnablementAsset"),
        ] {
            let id = &own.ids[kind];
            let question = format!("{{ {field}(id: \"{id}\") {{ id }} node(id: \"{id}\") {{ id }} }}");
            assert_eq!(client.ask(&question).await.data(), &json!({ field: null, "node": null }));
        }
        let input = json!({ "leadId": own.ids["Lead"], "partnerId": rival.partner.id });
        client.change("assignLead", input, "lead { id }").await.assert_refused("NOT_FOUND");
        for (mutation, input, code) in [
            ("acceptLeadOffer", json!({ "leadOfferId": own.ids["LeadOffer"] }), "NOT_FOUND"),
            ("declineLeadOffer", json!({ "leadOfferId": own.ids["LeadOffer"] }), "NOT_FOUND"),
            ("closeLeadOffer", json!({ "leadOfferId": own.ids["LeadOffer"], "reason": "x" }), "FORBIDDEN"),
            ("offerLead", json!({ "leadId": own.ids["Lead"] }), "FORBIDDEN"),
            ("recallLead", json!({ "leadId": own.ids["Lead"], "reason": "x" }), "FORBIDDEN"),
            ("startLead", json!({ "leadId": own.ids["Lead"] }), "NOT_FOUND"),
            ("qualifyLead", json!({ "leadId": own.ids["Lead"] }), "NOT_FOUND"),
            ("disqualifyLead", json!({ "leadId": own.ids["Lead"], "reason": "NO_NEED" }), "NOT_FOUND"),
            ("reopenLead", json!({ "leadId": own.ids["Lead"], "reason": "x" }), "FORBIDDEN"),
            ("assignSupport", json!({ "partnerId": own.partner.id, "assetIds": [] }), "FORBIDDEN"),
        ] {
            client.change(mutation, input, "__typename").await.assert_refused(code);
        }
        for kind in ["Lead", "Contact", "Account"] {
            let input = json!({ "recordId": own.ids[kind], "reason": "x" });
            client.change("eraseRecord", input, "recordId").await.assert_refused("FORBIDDEN");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_filters_and_cursors_tell_a_rival_nothing() {
    on_every_store(async |gateway| {
        let (own, rival) = given_two_partners(gateway).await;
        let client = gateway.as_admin_of(&rival.partner);
        let count = async |client: &Client<'_>, list: &str, filter: &str| {
            let question = format!("{{ {list}(filter: {{ {filter} }}) {{ totalCount }} }}");
            client.ask(&question).await.at(&format!("/{list}/totalCount")).clone()
        };
        let (partner, account) = (&own.ids["Partner"], &own.ids["Account"]);
        for (list, filter, for_staff) in [
            ("leads", "lastName: { contains: \"alpha\" }".to_owned(), 1),
            ("leads", "email: { contains: \"mail-alpha\" }".to_owned(), 1),
            ("leads", format!("assignedPartnerId: \"{partner}\""), 1),
            ("opportunities", "name: { contains: \"alpha\" }".to_owned(), 2),
            ("opportunities", format!("sourcingPartnerId: \"{partner}\""), 1),
            ("partners", "legalName: { contains: \"alpha\" }".to_owned(), 1),
            ("contracts", "number: { contains: \"alpha\" }".to_owned(), 1),
            ("contracts", format!("partnerId: \"{partner}\""), 1),
            ("territories", format!("partnerId: \"{partner}\""), 1),
            ("dealRegistrations", "companyName: { contains: \"alpha\" }".to_owned(), 1),
            ("dealRegistrations", format!("partnerId: \"{partner}\""), 1),
            ("leadOffers", format!("partnerId: \"{partner}\""), 1),
            ("engagementEvents", format!("partnerId: \"{partner}\""), 1),
            ("supportAssignments", format!("partnerId: \"{partner}\""), 1),
            ("enrolments", format!("partnerId: \"{partner}\""), 1),
            ("certifications", format!("partnerId: \"{partner}\""), 1),
        ] {
            assert_eq!(count(&client, list, &filter).await, 0, "{list} {filter}");
            assert_eq!(count(&gateway.as_admin(), list, &filter).await, for_staff, "{list} {filter}");
        }
        assert_eq!(count(&client, "leads", &format!("accountId: \"{account}\"")).await, 1);
        let staff = gateway.as_admin().ask("{ leads { pageInfo { endCursor startCursor } } }").await;
        for cursor in ["endCursor", "startCursor"] {
            let cursor = staff.text_at(&format!("/leads/pageInfo/{cursor}"));
            for place in ["after", "before"] {
                let question = format!("{{ leads({place}: \"{cursor}\") {{ nodes {{ lastName }} }} }}");
                assert!(!client.ask(&question).await.text.contains("alpha"));
            }
        }
    })
    .await;
}
