//! The fields of Task.

use super::field::{
    Default, Field, boolean, date, datetime, int, long_text, owner, picklist, reference, text,
};
use super::{Object, picklists};

pub(super) fn fields() -> Vec<Field> {
    vec![
        reference("WhoId", "Name ID", &[Object::Contact, Object::Lead], "Who").children("Tasks"),
        reference(
            "WhatId",
            "Related To ID",
            &[Object::Account, Object::Campaign, Object::Opportunity],
            "What",
        )
        .children("Tasks"),
        text("Subject", "Subject", 255).name_field(),
        date("ActivityDate", "Due Date Only"),
        picklist("Status", "Status", picklists::TASK_STATUSES)
            .required()
            .default(Default::Text("Not Started")),
        picklist("Priority", "Priority", picklists::TASK_PRIORITIES)
            .required()
            .default(Default::Text("Normal")),
        boolean("IsHighPriority", "High Priority").read_only(),
        owner(),
        long_text("Description", "Description", 32_000),
        boolean("IsClosed", "Closed").read_only(),
        boolean("IsArchived", "Archived").read_only(),
        picklist("TaskSubtype", "Task Subtype", picklists::TASK_SUBTYPES).create_only(),
        int("CallDurationInSeconds", "Call Duration"),
        datetime("CompletedDateTime", "Completed Date").read_only(),
    ]
}
