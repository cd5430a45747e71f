//! `GET /limits`.

use serde_json::json;

use super::{Answer, Answered, jobs};
use crate::state::State;

pub(super) fn limits(state: &State) -> Answered {
    let (used, most) = state.budget.usage();
    let share = |max: u64, used: u64| json!({"Max": max, "Remaining": max.saturating_sub(used)});
    Ok(Answer::json(
        200,
        &json!({
            "DailyApiRequests": share(most, used),
            "DailyBulkApiBatches": share(15_000, 0),
            "DailyBulkV2QueryJobs": share(jobs::query::DAILY_JOBS, state.jobs().count_queries()),
            "DataStorageMB": share(10_240, 0),
            "FileStorageMB": share(10_240, 0),
        }),
    ))
}
