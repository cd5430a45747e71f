//! Figures of what partners were given and had to learn: the worked set of the definitions.

use domain::ids::{AssetVersionId, AssignmentId, CourseId, EnrolmentId};
use domain::training::EnrolmentStatus;
use entity::enablement::support_assignment;
use entity::training::enrolment;
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::JUNE;
use crate::harness::{GivenPartner, TestGateway, instant, on_every_store};

/// Consumed, open and cancelled unconsumed of P1 to P6.
const ASSIGNMENTS: [[usize; 3]; 6] = [[10, 2, 0], [6, 4, 0], [3, 5, 0], [0, 6, 0], [0, 0, 0], [2, 0, 2]];

/// Completed and due mandatory enrolments of P1 to P5.
const ENROLMENTS: [(usize, usize); 5] = [(5, 5), (3, 4), (1, 4), (0, 3), (0, 0)];

impl TestGateway {
    /// What a partner was given in May, `fate` in June: consumed, left open or taken back.
    async fn given_consumption(&self, partner: &GivenPartner, fate: usize) {
        let clock = &self.services.clock;
        let row = support_assignment::Model {
            id: clock.new_id::<AssignmentId>(),
            partner_id: partner.key,
            asset_version_id: clock.new_id::<AssetVersionId>(),
            package_id: None,
            assigned_at: instant("2026-05-01T00:00:00Z"),
            assigned_by: "aoki".to_owned(),
            due_at: None,
            delivered_at: None,
            opened_at: None,
            consumed_at: (fate == 0).then(|| instant("2026-06-15T00:00:00Z")),
            cancelled_at: (fate == 2).then(|| instant("2026-06-20T00:00:00Z")),
            cancelled_by: None,
            cancel_reason: None,
            stale_since: None,
        };
        row.into_active_model().insert(self.services.database.read()).await.unwrap();
    }

    /// A mandatory course of a partner's representative that is due in June.
    async fn given_duty(&self, partner: &GivenPartner, status: EnrolmentStatus) {
        let clock = &self.services.clock;
        let is_passed = status == EnrolmentStatus::Passed;
        let row = enrolment::Model {
            id: clock.new_id::<EnrolmentId>(),
            partner_id: partner.key,
            partner_user_id: partner.rep.key,
            course_id: clock.new_id::<CourseId>(),
            is_mandatory: true,
            due_at: Some(instant("2026-06-20T00:00:00Z")),
            status,
            enrolled_at: instant("2026-05-01T00:00:00Z"),
            enrolled_by: "aoki".to_owned(),
            completed_at: is_passed.then(|| instant("2026-06-10T00:00:00Z")),
            ended_at: None,
            end_reason: None,
        };
        row.into_active_model().insert(self.services.database.read()).await.unwrap();
    }
}

async fn given_partners(gateway: &TestGateway) -> Vec<GivenPartner> {
    let mut partners = Vec::new();
    for name in ["甲", "乙", "丙", "丁", "戊", "己"] {
        partners.push(gateway.given_seller(name).await);
    }
    gateway.let_pass_until("2026-07-01T00:00:00Z");
    partners
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_one_of_thirty_eight_assignments_are_consumed() {
    on_every_store(async |gateway| {
        let partners = given_partners(gateway).await;
        for (partner, counts) in partners.iter().zip(ASSIGNMENTS) {
            for fate in counts.iter().enumerate().flat_map(|(fate, count)| vec![fate; *count]) {
                gateway.given_consumption(partner, fate).await;
            }
        }
        let told = gateway.as_admin().figure("SUPPORT_CONSUMPTION_RATE", JUNE, "").await;
        assert_eq!(told.at("/kpi/figure/value"), "0.5526");
        assert_eq!(told.at("/kpi/figure/exact"), "21/38");
        assert_eq!(told.at("/kpi/figure/numerator/records/totalCount"), 21);
        let left = json!([{ "reason": "CANCELLED", "subject": "ASSIGNMENT", "count": 2 }]);
        assert_eq!(told.at("/kpi/figure/exclusions"), &left);
        let id = told.text_at("/kpi/figure/numerator/records/ids/0");
        assert!(Uuid::try_parse(id).is_err(), "a node of this API: {id}");
        let nothing = gateway.as_admin_of(&partners[4]).figure("SUPPORT_CONSUMPTION_RATE", JUNE, "").await;
        assert_eq!(nothing.at("/kpi/figure/absence"), "NO_DENOMINATOR");
        let own = gateway.as_admin_of(&partners[1]).figure("SUPPORT_CONSUMPTION_RATE", JUNE, "").await;
        assert_eq!(own.at("/kpi/figure/exact"), "3/5", "6 of 10, and nothing of another partner");
        assert_eq!(own.at("/kpi/figure/numerator/records/totalCount"), 6);
        assert_eq!(own.at("/kpi/figure/exclusions"), &json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_of_sixteen_duties_are_completed_and_make_partners_active() {
    on_every_store(async |gateway| {
        let partners = given_partners(gateway).await;
        for (partner, (completed, due)) in partners.iter().zip(ENROLMENTS) {
            for number in 0..due {
                let is_done = number < completed;
                let status = if is_done { EnrolmentStatus::Passed } else { EnrolmentStatus::Started };
                gateway.given_duty(partner, status).await;
            }
        }
        gateway.given_duty(&partners[5], EnrolmentStatus::Cancelled).await;
        let admin = gateway.as_admin();
        let told = admin.figure("TRAINING_COMPLETION_RATE", JUNE, "").await;
        assert_eq!(told.at("/kpi/figure/value"), "0.5625");
        assert_eq!(told.at("/kpi/figure/exact"), "9/16");
        let left = json!([{ "reason": "CANCELLED", "subject": "ENROLMENT", "count": 1 }]);
        assert_eq!(told.at("/kpi/figure/exclusions"), &left);
        assert_eq!(admin.value_of("ACTIVE_PARTNERS", JUNE).await, "3", "learning is productive");
        assert_eq!(admin.value_of("ACTIVE_PARTNERS", ["2026-03-01", "2026-06-01"]).await, "0");
        let own = gateway.as_admin_of(&partners[3]).figure("TRAINING_COMPLETION_RATE", JUNE, "").await;
        assert_eq!(own.at("/kpi/figure/value"), "0.0000");
        assert_eq!(own.at("/kpi/figure/denominator/total"), "3");
        let score = gateway.as_admin_of(&partners[0]).figure("ENGAGEMENT_SCORE", JUNE, "").await;
        assert_ne!(score.at("/kpi/figure/value"), &Value::Null);
        assert_ne!(score.at("/kpi/figure/value"), "0", "what was learned weighs");
    })
    .await;
}
