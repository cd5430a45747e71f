//! Courses, who takes them, every try, and what passing them is worth.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, integer_null, string, string_null, text, text_null};

use crate::columns::{id, index, instant, instant_null, migration, refers, table, unique, unique_while_open};

fn certifications() -> TableCreateStatement {
    table(
        "certifications",
        vec![
            id(),
            refers("partner_id"),
            refers("partner_user_id"),
            refers("course_id"),
            instant("earned_at"),
            instant("renewed_at"),
            instant("expires_at"),
            instant_null("recertify_by"),
            instant_null("revoked_at"),
            text_null("revoke_reason"),
            instant_null("told_at"),
        ],
        &[],
    )
}

migration! {
    tables: vec![
        table("courses", vec![
            id(),
            string("code"),
            string("title_ja"),
            string_null("title_en"),
            string("mode"),
            text("prerequisites"),
            string_null("pass_mark"),
            integer_null("max_attempts"),
            integer_null("validity_months"),
            integer_null("holders_needed"),
            instant("created_at"),
            string("created_by"),
        ], &[]),
        table("enrolments", vec![
            id(),
            refers("partner_id"),
            refers("partner_user_id"),
            refers("course_id"),
            boolean("is_mandatory"),
            instant_null("due_at"),
            string("status"),
            instant("enrolled_at"),
            string("enrolled_by"),
            instant_null("completed_at"),
            instant_null("ended_at"),
            text_null("end_reason"),
        ], &[]),
        table("assessment_attempts", vec![
            id(),
            refers("enrolment_id"),
            instant("at"),
            string_null("score"),
            boolean("is_passed"),
        ], &[]),
        certifications(),
    ],
    indexes: vec![
        unique("courses", &["code"]),
        // Nobody takes a course twice at once.
        unique_while_open("enrolments", &["partner_user_id", "course_id"], "ended_at"),
        index("enrolments", &["partner_id", "enrolled_at"]),
        index("assessment_attempts", &["enrolment_id"]),
        unique_while_open("certifications", &["partner_user_id", "course_id"], "revoked_at"),
        index("certifications", &["partner_id", "course_id"]),
        index("certifications", &["told_at", "expires_at"]),
    ],
    drops: &["certifications", "assessment_attempts", "enrolments", "courses"]
}
