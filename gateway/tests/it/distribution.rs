//! Lead distribution: who is offered a lead and why, what follows from each answer, and what time does.

mod known;
mod policy;
mod steps;
mod time;

use domain::fields::lead;
use serde_json::{Value, json};

use crate::harness::{Answer, GivenPartner, Said, TestGateway};

const JOB: &str = "distribution.due";
const OFFER: &str = "leadOffer { id outcome acceptBy company rank basis endReason partner { id }
    lead { lastName } ranking { policy ranked { rank behindBy partner { id } } excluded { reasons partner { id } } } }";

/// A new lead of the vendor's whose person agreed to be passed on.
fn shareable(id: &str) -> Said {
    let said = Said::lead(id).with(lead::last_name, &format!("佐藤{id}")).with(lead::region, "東京都");
    said.with(lead::consent_to_share, "true").with(lead::company, &format!("サンプル商事{id}"))
}

impl TestGateway {
    /// Offers a lead to whoever is first.
    async fn offers(&self, lead: &str) -> Answer {
        self.as_admin().change("offerLead", json!({ "leadId": lead }), OFFER).await
    }

    /// A lead that is offered to whoever is first: its id, and that of the offer.
    async fn given_offer(&self, said: Said) -> (String, String) {
        let lead = self.given(said).await;
        let offer = self.offers(&lead).await.text_at("/offerLead/leadOffer/id").to_owned();
        (lead, offer)
    }

    /// A partner's representative answers, or somebody else says something to an offer.
    async fn answers(&self, partner: &GivenPartner, mutation: &str, offer: &str) -> Answer {
        self.as_rep_of(partner).change(mutation, json!({ "leadOfferId": offer }), OFFER).await
    }

    /// The offers of a lead, oldest first: to whom, and what came of it.
    async fn offers_of(&self, lead: &str) -> Vec<(String, String)> {
        let question = format!("{{ lead(id: \"{lead}\") {{ offers {{ outcome partner {{ id }} }} }} }}");
        let answer = self.as_admin().ask(&question).await;
        let offers = answer.at("/lead/offers").as_array().unwrap().iter().rev();
        let text = |it: &Value| it.as_str().unwrap().to_owned();
        offers.map(|it| (text(&it["partner"]["id"]), text(&it["outcome"]))).collect()
    }

    /// Where a lead stands, and who works it.
    async fn stands(&self, lead: &str) -> (String, Value) {
        let question = format!("{{ lead(id: \"{lead}\") {{ stage assignedPartner {{ id }} }} }}");
        let answer = self.as_admin().ask(&question).await;
        let partner = answer.at("/lead/assignedPartner").get("id").cloned().unwrap_or_default();
        (answer.text_at("/lead/stage").to_owned(), partner)
    }

    /// The open questions of a kind to people, by what they say.
    async fn asked(&self, kind: &str) -> Vec<String> {
        let filter = format!("{{ kind: [{kind}], state: [OPEN] }}");
        let question =
            format!("{{ reviewTasks(filter: {filter}) {{ nodes {{ details {{ name value }} }} }} }}");
        let answer = self.as_admin().ask(&question).await;
        let tasks = answer.at("/reviewTasks/nodes").as_array().unwrap().iter();
        tasks.map(ToString::to_string).collect()
    }
}
