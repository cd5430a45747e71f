//! `GET /services/data` and the map of resources of one version.

use serde_json::{Value as Json, json};

use super::error::{ApiError, Code};
use super::{Answer, Answered, Call};
use crate::state::State;

/// The oldest version that still answers, and the newest.
const VERSIONS: std::ops::RangeInclusive<u32> = 31..=67;

/// All versions, oldest first. Needs no session.
pub(crate) fn list() -> Answer {
    let entry = |number: u32| {
        let (label, url) = (label(number), format!("/services/data/v{number}.0"));
        json!({"label": label, "url": url, "version": format!("{number}.0")})
    };
    Answer::json(200, &Json::Array(VERSIONS.map(entry).collect()))
}

/// Refuses versions that are unknown or retired.
pub(crate) fn check(version: &str) -> Result<(), ApiError> {
    let number = version.strip_prefix('v').and_then(|it| it.strip_suffix(".0"));
    match number.and_then(|it| it.parse::<u32>().ok()) {
        Some(number) if VERSIONS.contains(&number) => Ok(()),
        Some(1..31) => {
            let message = format!("API version {version} is retired; use v31.0 or later");
            Err(ApiError::new(Code::UnsupportedApiVersion, message))
        }
        _ => Err(ApiError::not_found()),
    }
}

pub(super) fn resources(state: &State, call: &Call<'_>) -> Answered {
    let base = format!("/services/data/{}", call.version);
    let resource = |name: &str| format!("{base}/{name}");
    let body = json!({
        "sobjects": resource("sobjects"),
        "query": resource("query"),
        "queryAll": resource("queryAll"),
        "limits": resource("limits"),
        "composite": resource("composite"),
        "identity": state.identity_url(call.user),
    });
    Ok(Answer::json(200, &body))
}

/// Three releases a year; v31.0 was Summer '14.
fn label(number: u32) -> String {
    let since_spring_2014 = number - 30;
    let (season, year) = match since_spring_2014 % 3 {
        0 => ("Spring", 14 + since_spring_2014 / 3),
        1 => ("Summer", 14 + since_spring_2014 / 3),
        _ => ("Winter", 15 + since_spring_2014 / 3),
    };
    format!("{season} '{year}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_named_by_season() {
        assert_eq!(label(31), "Summer '14");
        assert_eq!(label(62), "Winter '25");
        assert_eq!(label(67), "Summer '26");
    }

    #[test]
    fn old_and_unknown_versions_are_told_apart() {
        assert!(check("v31.0").is_ok() && check("v67.0").is_ok());
        assert_eq!(check("v30.0").expect_err("retired").code, Code::UnsupportedApiVersion);
        for unknown in ["v68.0", "62.0", "v62", "v62.1", "x", "v-1.0"] {
            assert_eq!(check(unknown).expect_err(unknown).code, Code::NotFound);
        }
    }
}
