//! The configuration as its readers meet it: what is refused, and in which words.

use super::sources::{Login, SourceKind};
use super::*;

fn read(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::read(text, Path::new("/etc/gateway/gateway.toml"), environment.collect())
}

#[track_caller]
fn assert_refused(text: &str, environment: &[(&str, &str)], expected: &[&str]) {
    match read(text, environment) {
        Err(ConfigError::Refused(problems)) => assert_eq!(problems, expected),
        other => panic!("{other:?}"),
    }
}

const CRM: &str = r#"
[sources.crm]
kind = "salesforce"
login_url = "https://login.example.com"
client_id = "id"
client_secret = "s3cret"
"#;

#[test]
fn nothing_given_is_a_valid_configuration() {
    let config = read("", &[]).unwrap();
    assert_eq!(config.server.listen.port(), 8080);
    assert_eq!(config.database.url.reveal(), "sqlite://gateway.db");
}

#[test]
fn a_misspelt_key_is_refused_with_the_likely_one() {
    assert_refused(
        "[database]\nmax_conections = 3",
        &[],
        &["database.max_conections: unknown key; did you mean database.max_connections"],
    );
}

#[test]
fn an_unknown_variable_is_refused_like_a_key() {
    assert_refused(
        "",
        &[("GATEWAY__DATABASE__ULR", "x"), ("GATEWAY_CONFIG", "ignored"), ("PATH", "ignored")],
        &["database.ulr (GATEWAY__DATABASE__ULR): unknown key; did you mean database.url"],
    );
}

#[test]
fn every_problem_is_told_at_once() {
    assert_refused(
        "colour = 1\n[server]\nlisten = 'nowhere'\n[server.limits]\ndepth = 100\n[cache]\ntimeout = 5",
        &[("GATEWAY__SERVER__IDE", "yes")],
        &[
            "server.listen: expected an address and port such as 127.0.0.1:8080",
            "server.ide (GATEWAY__SERVER__IDE): expected true or false",
            "server.limits.depth: 100 is outside 1 to 64",
            "cache.timeout: expected a length of time such as 500ms, 30s, 10m, 24h or 7d",
            "colour: unknown key; docs/configuration.md lists them all",
        ],
    );
}

#[test]
fn the_environment_wins_over_the_file() {
    let config = read(
        "[database]\nmax_connections = 3",
        &[("GATEWAY__DATABASE__MAX_CONNECTIONS", "5"), ("GATEWAY__TELEMETRY__LOG_FORMAT", "json")],
    );
    let config = config.unwrap();
    assert_eq!(config.database.max_connections, 5);
    assert_eq!(config.telemetry.log_format, telemetry::LogFormat::Json);
}

#[test]
fn every_key_can_be_given_by_its_variable() {
    let variables: Vec<(String, String)> = Config::keys()
        .into_iter()
        .filter(|key| !key.default.is_empty())
        .map(|key| (key.variable().replace("<NAME>", "CRM"), key.default))
        .filter(|(variable, _)| !variable.contains("ISSUERS"))
        .collect();
    let given: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert!(given.len() > 30);
    read(CRM, &given).unwrap();
}

#[test]
fn a_source_may_stand_in_file_and_environment_together() {
    let config = read(
        &CRM.replace("client_secret = \"s3cret\"\n", "overlap = '3m'"),
        &[("GATEWAY__SOURCES__CRM__CLIENT_SECRET", "from-the-vault")],
    );
    let source = config.unwrap().sources.remove("crm").unwrap();
    assert_eq!(source.kind, SourceKind::Salesforce);
    assert_eq!(source.system.code(), "CRM");
    assert_eq!(source.overlap, Duration::from_secs(180));
    assert!(matches!(source.login, Login::ClientSecret(it) if it.reveal() == "from-the-vault"));
}

#[test]
fn a_source_without_its_credentials_is_refused_by_key() {
    assert_refused(
        "[sources.crm]\nkind = 'salesforce'\nlogin_url = 'https://x'",
        &[],
        &[
            "sources.crm.client_id: is missing; expected a text that is not empty",
            "sources.crm.client_secret: give client_secret, or username and private_key_file, or refresh_token and token_key",
        ],
    );
}

#[test]
fn a_section_may_be_empty_but_not_unknown() {
    assert!(read("[cache]\n[auth.issuers]\n[sources]\n[server.limits]", &[]).is_ok());
    assert_refused(
        "[cahce]\n[sources.crm]\nkind = 'salesforce'\nlogin_url = 'https://x'\nclient_id = 'i'\nclient_secret = 's'",
        &[],
        &["cahce: unknown key; docs/configuration.md lists them all"],
    );
    let error = read("[sources.crm]", &[]).unwrap_err().to_string();
    assert!(error.contains("sources.crm.kind: is missing"), "{error}");
}

#[test]
fn keys_are_not_fetched_over_plain_http_from_elsewhere() {
    let issuer =
        "[auth.issuers.idp]\nissuer = 'i'\naudience = ['a']\njwks_url = 'http://idp.example.com/keys'";
    assert_refused(
        issuer,
        &[],
        &["auth.issuers.idp.jwks_url: expected https://…, or http:// on 127.0.0.1 or localhost"],
    );
    assert!(read(&issuer.replace("idp.example.com", "localhost:1234"), &[]).is_ok());
}

#[test]
fn symmetric_signatures_cannot_be_allowed() {
    assert_refused(
        "[auth.issuers.idp]\nissuer = 'i'\naudience = ['a']\njwks_file = 'k'\nalgorithms = ['HS256']",
        &[],
        &["auth.issuers.idp.algorithms: expected one or more of RS256, ES256, EdDSA"],
    );
}

#[test]
fn relative_paths_start_at_the_file() {
    let config = read("[policies]\nmatching_file = 'matching.toml'", &[]).unwrap();
    assert_eq!(config.policies.matching_file.unwrap(), Path::new("/etc/gateway/matching.toml"));
}

#[test]
fn a_secret_is_never_repeated() {
    let error = read("[database]\nurl = 'mysql://root:hunter2@host'", &[]).unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
    assert!(!format!("{:?}", read(CRM, &[]).unwrap()).contains("s3cret"));
}

#[test]
fn bad_toml_is_told_with_its_line() {
    match read("[server]\nlisten = 'a'\nide = maybe\n", &[]) {
        Err(ConfigError::Malformed { line, .. }) => assert_eq!(line, 3),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_that_is_not_there_is_told_by_name() {
    let error = Config::load(Some(Path::new("/nowhere/gateway.toml"))).unwrap_err();
    assert!(error.to_string().starts_with("cannot read the configuration /nowhere/gateway.toml"), "{error}");
}

#[test]
fn the_example_is_valid() {
    let text = include_str!("../../../../gateway.example.toml");
    let config = read(text, &[("GATEWAY__SOURCES__CRM__CLIENT_SECRET", "x")]).unwrap();
    assert_eq!(config.sources.len(), 1);
}

#[test]
fn the_documentation_lists_every_key_with_its_default_and_variable() {
    let documentation = include_str!("../../../../docs/configuration.md");
    for key in Config::keys() {
        let default = if key.default.is_empty() { "–".to_owned() } else { format!("`{}`", key.default) };
        let row = format!("| `{}` | {default} | `{}` |", key.name, key.variable());
        assert!(documentation.contains(&row), "docs/configuration.md lacks the row\n{row}");
    }
}
