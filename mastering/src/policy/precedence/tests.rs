//! Tests of precedence policies.

use super::{DEFAULT_PRECEDENCE as DEFAULT, PrecedencePolicy};
use crate::survivorship::steps::{NullPolicy, Strategy};
use domain::fields::{RecordKind, account, lead, opportunity};

/// The default policy with one text replaced must be refused with this message.
fn refuses(old: &str, new: &str, message: &str) {
    assert!(DEFAULT.contains(old), "{old}");
    let error = PrecedencePolicy::parse(&DEFAULT.replacen(old, new, 1)).unwrap_err().to_string();
    assert!(error.contains(message), "{error}");
}

#[test]
fn the_default_gives_every_field_one_rule() {
    let policy = PrecedencePolicy::default();
    assert!(policy.version().starts_with("2026-04+"));
    for &kind in RecordKind::ALL {
        for field in kind.fields() {
            let units = policy.units(kind).iter().filter(|it| it.fields.contains(&field)).count();
            assert_eq!(units, 1, "{field:?}");
        }
    }
}

#[test]
fn the_default_follows_the_specification() {
    let policy = PrecedencePolicy::default();
    let master = |field| policy.rule(field).master.as_ref().map(|it| it.code().to_owned());
    assert_eq!(master(account::name).as_deref(), Some("CRM"));
    assert_eq!(master(account::corporate_number).as_deref(), Some("OWN"));
    assert_eq!(master(lead::score).as_deref(), Some("MA"));
    assert_eq!(master(lead::phone), None);
    assert_eq!(policy.rule(lead::phone).strategies, [Strategy::Recency, Strategy::SourceRank]);
    assert_eq!(
        policy.rule(lead::consent_to_share).strategies,
        [Strategy::MostRestrictive, Strategy::Recency]
    );
    assert_eq!(policy.rule(opportunity::loss_reason).null, NullPolicy::Wins);
}

#[test]
fn the_version_changes_with_the_text() {
    let other = PrecedencePolicy::parse(&DEFAULT.replacen("CSV = 4", "CSV = 5", 1)).unwrap();
    assert_ne!(other.version(), PrecedencePolicy::default().version());
}

#[test]
fn a_mistake_is_refused_with_its_key() {
    refuses("score = {", "nose = {", "`lead.rules.nose` names no field or group of LEAD; use one of address");
    refuses("\"RECENCY\"", "\"NEWEST\"", "`contact.otherwise.strategies`: `NEWEST` is not a Strategy");
    refuses("master = \"MA\"", "master = \"ERP\"", "`lead.rules.score.master` names the system ERP");
    refuses("MA = 3", "MA = 2", "repeats the rank of");
    refuses("CRM = 1", "CRM = 0", "`ranks.CRM` must be 1 or more");
    refuses("CSV = 4", "csv = 4", "`ranks.csv`: `csv` cannot name a source system");
    refuses("\"currency\"]", "\"amount\"]", "`opportunity.groups.amount_and_currency` lists `amount` again");
    refuses("score = {", "city = {", "`lead.rules.city` is settled with its group `address`");
    refuses("address = [", "phone = [", "`account.groups.phone` has the name of a field");
    refuses("[\"SET_ONCE\"]", "[\"MOST_RESTRICTIVE\"]", "`lead.rules.origin` uses MOST_RESTRICTIVE");
    refuses(
        "write_to = [\"CRM\"]",
        "write_to = [\"ERP\"]",
        "`account.otherwise.write_to` names the system ERP",
    );
    refuses("write_to = [\"CRM\"]", "write_to = [\"OWN\"]", "names OWN, which serves the value already");
    refuses("write_to = [\"CRM\"]", "write_to = [\"CRM\", \"CRM\"]", "lists CRM twice");
    refuses("\"SOURCE_RANK\"", "\"RECENCY\"", "`contact.otherwise.strategies` lists RECENCY twice");
    refuses("null = \"IGNORE\", ", "", "`account.otherwise.null` must be IGNORE, WINS or NEVER");
    refuses("version =", "vershun =", "the policy cannot be read");
}

/// The lead rules of the default policy with these rules in the place of the score's.
fn with_rules(rules: &str) -> Result<PrecedencePolicy, String> {
    let score = DEFAULT.lines().find(|it| it.starts_with("score = ")).unwrap();
    PrecedencePolicy::parse(&DEFAULT.replacen(score, rules, 1)).map_err(|it| it.to_string())
}

#[test]
fn a_rule_may_be_that_of_another_field() {
    let rules = "score = { like = \"title\" }\ntitle = { like = \"origin\" }";
    let policy = with_rules(rules).unwrap();
    assert_eq!(policy.rule(lead::score).strategies, [Strategy::SetOnce]);
    let policy = with_rules("score = { like = \"otherwise\" }").unwrap();
    assert_eq!(policy.rule(lead::score).strategies, policy.rule(lead::phone).strategies);
}

#[test]
fn a_rule_that_is_like_itself_in_the_end_is_refused() {
    let error = |rules| with_rules(rules).unwrap_err();
    let circle = error("score = { like = \"title\" }\ntitle = { like = \"score\" }");
    assert!(circle.contains("closes a circle: title → score → title"), "{circle}");
    assert!(error("score = { like = \"score\" }").contains("`lead.rules.score.like` closes a circle"));
    assert!(error("score = { like = \"nose\" }").contains("`lead.rules.score.like` names no field or group"));
    assert!(error("score = { like = \"city\" }").contains("settled with its group `address`"));
    let beside = error("score = { like = \"title\", null = \"WINS\" }");
    assert!(beside.contains("`lead.rules.score.like` stands beside other settings"), "{beside}");
    let restrictive = error("score = { like = \"consent_to_share\" }");
    assert!(restrictive.contains("uses MOST_RESTRICTIVE"), "{restrictive}");
}

#[test]
fn values_are_written_only_where_the_policy_says() {
    let policy = PrecedencePolicy::default();
    let targets = |field| policy.rule(field).write_to.iter().map(|it| it.code()).collect::<Vec<_>>();
    assert_eq!(targets(account::corporate_number), ["CRM"]);
    assert_eq!(targets(lead::score), ["CRM"]);
    assert_eq!(targets(lead::converted_contact), [""; 0]);
}
