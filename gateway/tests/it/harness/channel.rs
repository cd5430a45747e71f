//! What partners and the vendor have agreed, entered through the API.

use serde_json::{Value, json};

use super::{GivenPartner, TestGateway};

impl TestGateway {
    /// A contract in force with a partner: a reseller's from April 2026 to March 2027 over everything, unless told otherwise.
    /// Gives its global id.
    pub async fn given_contract(&self, partner: &GivenPartner, changes: Value) -> String {
        let drafted = self.given_draft(partner, changes).await;
        let id = drafted["id"].clone();
        for (version, to) in [(1, "LEGAL_REVIEW"), (2, "SENT")] {
            let input = json!({ "id": id, "version": version, "to": to });
            self.as_admin().change("moveContract", input, "contract { id }").await.data();
        }
        let input = json!({ "id": id, "version": 3 });
        self.as_admin().change("signContract", input, "contract { id }").await.data();
        id.as_str().expect("ids are texts").to_owned()
    }

    /// The same before anybody has seen it. Gives the contract.
    pub async fn given_draft(&self, partner: &GivenPartner, changes: Value) -> Value {
        let number = format!("C-{}", self.services.clock.new_id::<uuid::Uuid>());
        let mut input = json!({
            "partnerId": partner.id, "contractType": "RESELLER", "number": number,
            "startDate": "2026-04-01", "endDate": "2027-03-31", "terms": {},
        });
        merge(&mut input, changes);
        let answer = self.as_admin().change("createContract", input, "contract { id version number }").await;
        answer.at("/createContract/contract").clone()
    }

    /// A program in force, given as TOML.
    pub async fn given_program(&self, document: &str) {
        let admin = self.as_admin();
        let drafted = admin.change("draftProgram", json!({ "document": document }), "program { id }").await;
        let id = drafted.at("/draftProgram/program/id");
        admin.change("activateProgram", json!({ "id": id }), "program { id }").await.data();
    }

    /// A territory of a partner: everything from April 2026 on, unless told otherwise. Gives its global id.
    pub async fn given_territory(&self, partner: &GivenPartner, changes: Value) -> String {
        let mut input = json!({ "partnerId": partner.id, "validFrom": "2026-04-01" });
        merge(&mut input, changes);
        let answer = self.as_admin().change("assignTerritory", input, "territory { id }").await;
        answer.text_at("/assignTerritory/territory/id").to_owned()
    }
}

/// Lays the members of one object over another's.
fn merge(object: &mut Value, changes: Value) {
    let changes = changes.as_object().expect("an object").clone();
    object.as_object_mut().expect("an object").extend(changes);
}
