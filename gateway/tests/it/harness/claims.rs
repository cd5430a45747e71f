//! What partners claim: registrations entered through the API.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Answer, GivenPartner, TestGateway};

/// What a complete registration about a company says.
pub fn deal(company: &str) -> Value {
    json!({
        "companyName": company, "products": ["X"], "dealType": "NEW",
        "amount": { "amount": "1200000", "currency": "JPY" }, "expectedClose": "2026-12-31",
    })
}

/// What is wanted of a registration after a step.
const STANDING: &str = "dealRegistration { id version status priorityTime decideBy expiresAt }";

impl TestGateway {
    /// An active partner that may sell everything everywhere, with a representative.
    pub async fn given_seller(&self, name: &str) -> GivenPartner {
        let partner = self.given_partner(name).await;
        self.given_contract(&partner, json!({})).await;
        self.given_territory(&partner, json!({})).await;
        partner
    }

    /// A draft of a partner's representative.
    pub async fn given_registration_draft(&self, partner: &GivenPartner, says: Value) -> String {
        let answer =
            self.as_rep_of(partner).change("createRegistration", says, "dealRegistration { id }").await;
        answer.text_at("/createRegistration/dealRegistration/id").to_owned()
    }

    /// A registration that a partner's representative has handed in.
    pub async fn given_registration(&self, partner: &GivenPartner, says: Value) -> String {
        let id = self.given_registration_draft(partner, says).await;
        self.step(&self.as_rep_of(partner), "submitRegistration", &id).await.data();
        id
    }

    /// Moves a registration on, for a reason where one may be given.
    pub async fn step(&self, client: &super::Client<'_>, mutation: &str, id: &str) -> Answer {
        client.change(mutation, json!({ "registrationId": id }), STANDING).await
    }

    /// The same with a reason.
    pub async fn step_because(&self, client: &super::Client<'_>, mutation: &str, id: &str) -> Answer {
        let input = json!({ "registrationId": id, "reason": "顧客に確認済み" });
        client.change(mutation, input, STANDING).await
    }

    /// A field of a registration, as an administrator sees it.
    pub async fn of_registration(&self, id: &str, field: &str) -> Value {
        let question = format!("{{ dealRegistration(id: \"{id}\") {{ {field} }} }}");
        self.as_admin().ask(&question).await.at("/dealRegistration").clone()
    }

    /// Lets time pass until an instant.
    pub fn let_pass_until(&self, instant: &str) {
        let until: DateTime<Utc> = instant.parse().expect("an instant");
        self.let_pass((until - self.services.clock.now()).max(TimeDelta::zero()));
    }

    /// Gives a job a turn.
    pub async fn let_job_run(&self, name: &str) {
        self.services.run_job(name).await.expect("the job does its work");
    }
}
