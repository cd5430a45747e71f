//! Training: courses, who takes them, and what passing them is worth.

use chrono::TimeDelta;
use domain::access::Role;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, GivenUser, TestGateway, on_every_store};

const ENROLMENT: &str = "enrolment { id status isOverdue completedAt attempts { score isPassed } }";

impl TestGateway {
    /// A course with this code.
    pub(crate) async fn given_course(&self, code: &str, changes: Value) -> String {
        let mut input = json!({ "code": code, "titleJa": format!("講座 {code}"), "mode": "SELF_PACED" });
        input.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let answer = self.as_admin().change("createCourse", input, "course { id }").await;
        answer.text_at("/createCourse/course/id").to_owned()
    }

    /// A user enrolled in a course.
    pub(crate) async fn given_enrolment(&self, user: &GivenUser, course: &str, changes: Value) -> String {
        let mut input = json!({ "partnerUserId": user.id, "courseId": course });
        input.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let answer = self.as_admin().change("enrolUser", input, ENROLMENT).await;
        answer.text_at("/enrolUser/enrolment/id").to_owned()
    }

    /// A user who passes a course now.
    pub(crate) async fn given_pass(&self, enrolment: &str, score: Value) {
        step(&self.as_admin(), "startEnrolment", enrolment, json!({})).await.data();
        step(&self.as_admin(), "finishEnrolment", enrolment, json!({ "score": score })).await.data();
    }
}

async fn step(client: &Client<'_>, mutation: &str, enrolment: &str, changes: Value) -> Answer {
    let mut input = json!({ "enrolmentId": enrolment });
    input.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    client.change(mutation, input, ENROLMENT).await
}

async fn certifications(client: &Client<'_>) -> Value {
    let question = "{ certifications { nodes { id status expiresAt recertifyBy } } }";
    client.ask(question).await.at("/certifications/nodes").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_is_tried_until_it_is_passed_and_certifies() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("甲").await;
        let changes = json!({ "passMark": "70", "maxAttempts": 3, "validityMonths": 12 });
        let course = gateway.given_course("sales", changes).await;
        let id = gateway.given_enrolment(&partner.rep, &course, json!({})).await;
        let (rep, lms) = (gateway.as_rep_of(&partner), gateway.as_staff(Role::IntegrationJob, "lms"));
        step(&lms, "finishEnrolment", &id, json!({ "score": "80" }))
            .await
            .assert_refused("ENROLMENT_STEP_IMPOSSIBLE");
        step(&rep, "startEnrolment", &id, json!({})).await.data();
        step(&rep, "finishEnrolment", &id, json!({ "score": "100" })).await.assert_refused("FORBIDDEN");
        step(&lms, "finishEnrolment", &id, json!({})).await.assert_refused("ENROLMENT_SCORE_MISSING");
        step(&lms, "finishEnrolment", &id, json!({ "score": "100.5" })).await.assert_refused("INVALID_SCORE");
        let failed = step(&lms, "finishEnrolment", &id, json!({ "score": "69.5" })).await;
        assert_eq!(failed.at("/finishEnrolment/enrolment/status"), "FAILED");
        assert_eq!(certifications(&rep).await, json!([]));
        step(&rep, "startEnrolment", &id, json!({})).await.data();
        let passed = json!({ "score": "70", "idempotencyKey": "k" });
        let answer = step(&lms, "finishEnrolment", &id, passed.clone()).await;
        let expected = json!({
            "id": id, "status": "PASSED", "isOverdue": false, "completedAt": "2026-06-01T00:00:00+00:00",
            "attempts": [{ "score": "69.5", "isPassed": false }, { "score": "70", "isPassed": true }],
        });
        assert_eq!(answer.at("/finishEnrolment/enrolment"), &expected);
        step(&lms, "finishEnrolment", &id, passed).await.data();
        let held = certifications(&rep).await;
        assert_eq!(held[0]["status"], "VALID");
        assert_eq!(held[0]["expiresAt"], "2027-06-01T00:00:00+00:00");
        assert_eq!(held.as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_and_prerequisites_are_kept_to() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("甲").await;
        let basics = gateway.given_course("basics", json!({ "passMark": 50, "maxAttempts": 1 })).await;
        let advanced = gateway.given_course("advanced", json!({ "prerequisiteIds": [basics] })).await;
        let second = gateway.given_enrolment(&partner.rep, &advanced, json!({})).await;
        let first = gateway.given_enrolment(&partner.rep, &basics, json!({})).await;
        let admin = gateway.as_admin();
        step(&admin, "startEnrolment", &second, json!({}))
            .await
            .assert_refused("ENROLMENT_PREREQUISITES_MISSING");
        step(&admin, "startEnrolment", &first, json!({})).await.data();
        step(&admin, "finishEnrolment", &first, json!({ "score": 10 })).await.data();
        step(&admin, "startEnrolment", &first, json!({})).await.assert_refused("ENROLMENT_ATTEMPTS_USED");
        let twice = json!({ "partnerUserId": partner.rep.id, "courseId": basics });
        admin.change("enrolUser", twice, "__typename").await.assert_refused("ENROLMENT_EXISTS");
        let end = json!({ "ending": "CANCELLED", "reason": "やり直し" });
        step(&admin, "endEnrolment", &first, end).await.data();
        let again = gateway.given_enrolment(&partner.rep, &basics, json!({})).await;
        gateway.given_pass(&again, json!(50)).await;
        gateway.given_pass(&second, Value::Null).await;
        assert_eq!(certifications(&admin).await, json!([]), "neither certifies");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certification_expires_and_is_renewed_from_the_later_of_now_and_its_end() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("甲").await;
        let course = gateway.given_course("sales", json!({ "validityMonths": 12 })).await;
        let id = gateway.given_enrolment(&partner.rep, &course, json!({})).await;
        gateway.given_pass(&id, Value::Null).await;
        gateway.let_pass(TimeDelta::days(30));
        gateway.given_pass(&id, Value::Null).await;
        let admin = gateway.as_admin();
        assert_eq!(certifications(&admin).await[0]["expiresAt"], "2028-06-01T00:00:00+00:00");
        let by =
            json!({ "courseId": course, "releasedAt": "2026-07-15T00:00:00Z", "by": "2026-09-01T00:00:00Z" });
        let asked = admin.change("requestRecertification", by.clone(), "asked").await;
        assert_eq!(asked.at("/requestRecertification/asked"), 1);
        let again = admin.change("requestRecertification", by, "asked").await;
        assert_eq!(again.at("/requestRecertification/asked"), 0);
        gateway.let_pass(TimeDelta::days(70));
        assert_eq!(certifications(&admin).await[0]["status"], "EXPIRED", "not earned again in time");
        gateway.services.run_job("training.due").await.unwrap();
        gateway.given_pass(&id, Value::Null).await;
        let held = certifications(&admin).await;
        assert_eq!((&held[0]["status"], &held[0]["recertifyBy"]), (&json!("VALID"), &Value::Null));
        let revoke = json!({ "certificationId": held[0]["id"], "reason": "不正" });
        admin.change("revokeCertification", revoke, "certification { status }").await.data();
        assert_eq!(certifications(&admin).await[0]["status"], "REVOKED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_badge_tells_anybody_what_it_is_worth() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("甲").await;
        let course = gateway.given_course("sales", json!({ "validityMonths": 12 })).await;
        let id = gateway.given_enrolment(&partner.rep, &course, json!({})).await;
        gateway.given_pass(&id, Value::Null).await;
        let shown = gateway.as_rep_of(&partner).ask("{ certifications { nodes { badge } } }").await;
        let badge = shown.text_at("/certifications/nodes/0/badge").to_owned();
        let anybody = gateway.with_authorization(None);
        let said = anybody.open(&badge).await;
        let expected = json!({
            "status": "VALID", "course": { "code": "sales", "titleJa": "講座 sales", "titleEn": null },
            "holder": "担当 者", "partner": "甲", "earnedAt": "2026-06-01T00:00:00Z",
            "expiresAt": "2027-06-01T00:00:00Z", "recertifyBy": null,
        });
        assert_eq!(said.body(), &expected);
        gateway.let_pass(TimeDelta::days(366));
        assert_eq!(anybody.open(&badge).await.body()["status"], "EXPIRED");
        let forged = format!("{}x", &badge[..badge.len() - 1]);
        let refused = anybody.open(&forged).await;
        assert_eq!((refused.status.as_u16(), refused.codes()), (404, vec!["NOT_FOUND"]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_is_certified_while_enough_of_its_people_are() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("甲").await;
        let colleague = gateway.given_user(&partner.id, "colleague").await;
        let changes = json!({ "validityMonths": 12, "holdersNeeded": 2 });
        let course = gateway.given_course("sales", changes).await;
        let held = async || {
            let question =
                "query Held($id: ID!) { partnerCertifications(id: $id) { holders needed missing isHeld } }";
            let answer = gateway.as_admin_of(&partner).ask_with(question, json!({ "id": partner.id })).await;
            answer.at("/partnerCertifications/0").clone()
        };
        for user in [&partner.rep, &colleague] {
            assert_eq!(held().await["isHeld"], false);
            let id = gateway.given_enrolment(user, &course, json!({})).await;
            gateway.given_pass(&id, Value::Null).await;
        }
        assert_eq!(held().await, json!({ "holders": 2, "needed": 2, "missing": 0, "isHeld": true }));
        gateway.let_pass(TimeDelta::days(366));
        assert_eq!(held().await["isHeld"], false);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sees_and_enrols_whom_they_may() {
    on_every_store(async |gateway| {
        let (own, rival) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        let colleague = gateway.given_user(&own.id, "colleague").await;
        let course = gateway.given_course("sales", json!({})).await;
        let due = json!({ "dueAt": "2026-06-02T00:00:00Z", "isMandatory": true });
        let id = gateway.given_enrolment(&own.rep, &course, due).await;
        gateway.given_enrolment(&colleague, &course, json!({})).await;
        let count = async |client: Client<'_>| {
            client.ask("{ enrolments { totalCount } }").await.at("/enrolments/totalCount").clone()
        };
        assert_eq!(count(gateway.as_admin_of(&own)).await, 2);
        assert_eq!(count(gateway.as_rep_of(&own)).await, 1);
        assert_eq!(count(gateway.as_admin_of(&rival)).await, 0);
        assert_eq!(count(gateway.as_channel_manager("nobody's")).await, 0);
        gateway.let_pass(TimeDelta::days(2));
        let overdue = gateway.as_rep_of(&own).ask("{ enrolments { nodes { isOverdue } } }").await;
        assert_eq!(overdue.at("/enrolments/nodes/0/isOverdue"), true);
        let enrol = async |client: Client<'_>, user: &GivenUser| {
            let input = json!({ "partnerUserId": user.id, "courseId": course });
            client.change("enrolUser", input, "__typename").await
        };
        enrol(gateway.as_admin_of(&own), &rival.rep).await.assert_refused("NOT_FOUND");
        enrol(gateway.as_rep_of(&own), &own.rep).await.assert_refused("FORBIDDEN");
        enrol(gateway.as_admin_of(&rival), &rival.rep).await.data();
        step(&gateway.as_rep_of(&rival), "startEnrolment", &id, json!({})).await.assert_refused("NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_course_is_refused_with_what_is_wrong() {
    on_every_store(async |gateway| {
        gateway.given_course("sales", json!({})).await;
        for (changes, code) in [
            (json!({ "code": "sales" }), "COURSE_CODE_TAKEN"),
            (json!({ "passMark": 101 }), "INVALID_SCORE"),
            (json!({ "maxAttempts": 0 }), "COURSE_NUMBER_INVALID"),
            (json!({ "validityMonths": 4_000_000_000_u32 }), "COURSE_NUMBER_INVALID"),
            (json!({ "holdersNeeded": 2 }), "COURSE_CERTIFIES_NOBODY"),
        ] {
            let mut input = json!({ "code": "new", "titleJa": "新", "mode": "LIVE" });
            input.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            gateway.as_admin().change("createCourse", input, "__typename").await.assert_refused(code);
        }
    })
    .await;
}
