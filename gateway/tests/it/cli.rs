//! The command line as a process: what it prints, how it ends, what it refuses.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

fn gateway(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
    command.args(arguments).current_dir(folder).env_remove("GATEWAY_CONFIG");
    command
}

/// Runs a command: exit code, output, error output.
pub fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = gateway(folder, arguments).output().unwrap();
    let text = |it: Vec<u8>| String::from_utf8(it).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// Checks that a command fails with this exit code and says this.
pub fn check_refused(folder: &Path, arguments: &[&str], code: i32, says: &str) {
    let (status, out, err) = run(folder, arguments);
    assert_eq!(status, code, "{arguments:?}: {out}{err}");
    assert!(err.contains(says), "{arguments:?} says: {err}");
}

/// A demo that has said it is ready.
struct Demo {
    process: Child,
    ready: Value,
}

impl Demo {
    fn start(folder: &Path) -> Self {
        let arguments = ["--json", "demo", "--leads", "200", "--listen", "127.0.0.1:0"];
        let mut process =
            gateway(folder, &arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { process, ready: serde_json::from_str(&line).unwrap() }
    }

    async fn ask(&self, token: &str, query: &str) -> Value {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let address = self.ready["address"].as_str().unwrap();
        let request = client.post(format!("{address}/graphql")).bearer_auth(token);
        request.json(&json!({ "query": query })).send().await.unwrap().json().await.unwrap()
    }

    fn tokens(&self) -> impl Iterator<Item = (String, String)> {
        let text = |it: &Value, name: &str| it[name].as_str().map(str::to_owned).unwrap();
        self.ready["tokens"].as_array().unwrap().iter().map(move |it| (text(it, "role"), text(it, "token")))
    }

    /// Presses Ctrl-C and waits for the end.
    fn interrupt(mut self) -> i32 {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        self.process.wait().unwrap().code().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_answers_every_printed_query_for_every_printed_token() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path());
    for query in demo.ready["queries"].as_array().unwrap() {
        let roles = query["roles"].as_array().unwrap();
        for (role, token) in demo.tokens().filter(|it| roles.contains(&json!(it.0))) {
            let answer = demo.ask(&token, query["query"].as_str().unwrap()).await;
            assert!(answer["errors"].is_null(), "{role}: {answer}");
        }
    }
    let (_, admin) = demo.tokens().next().unwrap();
    let answer = demo.ask(&admin, demo.ready["queries"][0]["query"].as_str().unwrap()).await;
    let lead = &answer["data"]["leads"]["nodes"][0];
    assert!(
        lead["assignedPartner"]["displayName"].is_string() && lead["account"]["name"].is_string(),
        "{lead}"
    );
    assert!(lead["provenance"].as_array().unwrap().iter().any(|it| it["source"] == "OWN"), "{lead}");
    has_a_whole_channel(&demo).await;
    has_a_year_of_support(&demo).await;
    assert_eq!(demo.interrupt(), 0);
}

/// Forty partners, a registration in each state that lasts, a conflict of each kind that can arise, and what partners see.
async fn has_a_whole_channel(demo: &Demo) {
    let tokens: BTreeMap<String, String> = demo.tokens().collect();
    let question = "{ partners { totalCount } dealRegistrations(first: 100) { nodes { status } }
        channelConflicts(first: 100) { nodes { types status verdict { trace { rule } } } } }";
    let all = demo.ask(&tokens["Administrator"], question).await["data"].clone();
    assert_eq!(all["partners"]["totalCount"], 40);
    let of = |list: &Value, field: &str| -> BTreeSet<String> {
        let nodes = list["nodes"].as_array().unwrap().iter();
        let values =
            nodes.flat_map(|it| it[field].as_array().cloned().unwrap_or_else(|| vec![it[field].clone()]));
        values.map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    let states = [
        "APPROVED",
        "DRAFT",
        "EXPIRED",
        "LOST",
        "REJECTED",
        "RETURNED",
        "REVOKED",
        "UNDER_REVIEW",
        "WITHDRAWN",
        "WON",
    ];
    assert_eq!(of(&all["dealRegistrations"], "status"), states.map(str::to_owned).into());
    let types = [
        "ATTRIBUTION",
        "DUPLICATE_REGISTRATION",
        "INCUMBENT",
        "MULTI_TIER",
        "NAMED_ACCOUNT",
        "PARTNER_VS_DIRECT",
        "POSSIBLE_SAME_ACCOUNT",
        "TERRITORY",
    ];
    assert_eq!(of(&all["channelConflicts"], "types"), types.map(str::to_owned).into());
    let question = "{ dealRegistrations { nodes { status partner { displayName } standing { finding } } } }";
    let own =
        demo.ask(&tokens["Partner representative"], question).await["data"]["dealRegistrations"].clone();
    let names =
        own["nodes"].as_array().unwrap().iter().map(|it| it["partner"]["displayName"].as_str().unwrap());
    assert_eq!(names.collect::<BTreeSet<_>>(), ["株式会社サンプル商事"].into());
    let findings = of(
        &json!({ "nodes": own["nodes"].as_array().unwrap().iter().map(|it| &it["standing"]).filter(|it| it.is_object()).collect::<Vec<_>>() }),
        "finding",
    );
    assert!(findings.is_superset(&["CLEAR", "LOST"].map(str::to_owned).into()), "{own}");
}

/// A long tail, partners that fell silent, each thing that can be wrong, and people who learned.
async fn has_a_year_of_support(demo: &Demo) {
    let tokens: BTreeMap<String, String> = demo.tokens().collect();
    let admin = &tokens["Administrator"];
    let mut printed =
        demo.ready["queries"].as_array().unwrap().iter().map(|it| it["query"].as_str().unwrap());
    let usage = demo.ask(admin, printed.find(|it| it.contains("LOGIN_FREQUENCY")).unwrap()).await;
    let often = usage["data"]["kpi"]["groups"].as_array().unwrap().iter();
    let mut logins: Vec<f64> =
        often.map(|it| it["figure"]["value"].as_str().unwrap().parse().unwrap()).collect();
    logins.sort_by(f64::total_cmp);
    let (few, many) = logins.split_at(logins.len() * 4 / 5);
    assert!(many.iter().sum::<f64>() > 3.0 * few.iter().sum::<f64>(), "{logins:?}");
    let question = "{ alerts(first: 100) { nodes { rule } } certifications(first: 1) { totalCount }
        supportAssignments(first: 200) { nodes { stage } } searchAssets(text: \"提案書\") { title } }";
    let all = demo.ask(admin, question).await["data"].clone();
    let list = |path: &str| all.pointer(path).and_then(Value::as_array).cloned().unwrap_or_default();
    let codes = |path: &str, field: &str| -> BTreeSet<String> {
        list(path).iter().map(|it| it[field].as_str().unwrap().to_owned()).collect()
    };
    let wrong = ["INACTIVE", "NOT_DELIVERED", "NOT_REACHING_SALES"].map(str::to_owned);
    assert!(codes("/alerts/nodes", "rule").is_superset(&wrong.into()), "{all}");
    let stages = ["DELIVERED", "OPENED", "CONSUMED"].map(str::to_owned);
    assert!(codes("/supportAssignments/nodes", "stage").is_superset(&stages.into()), "{all}");
    assert!(all["certifications"]["totalCount"].as_u64() > Some(5), "{all}");
    assert!(!list("/searchAssets").is_empty(), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_that_is_started_again_goes_on_from_its_data() {
    let folder = tempfile::tempdir().unwrap();
    let count = "{ leads { totalCount } partners { totalCount } syncRuns { recordsChanged }
        dealRegistrations { nodes { id version status } } channelConflicts { nodes { id version } }
        engagementEvents { totalCount } supportAssignments { totalCount } enrolments { totalCount } }";
    let first = Demo::start(folder.path());
    let before = first.ask(&first.tokens().next().unwrap().1, count).await;
    check_refused(folder.path(), &["demo"], 1, "a demo runs in gateway-demo already");
    assert_eq!(first.interrupt(), 0);
    let second = Demo::start(folder.path());
    let after = second.ask(&second.tokens().next().unwrap().1, count).await;
    assert_eq!(after["data"]["leads"], before["data"]["leads"]);
    let own = [
        "partners",
        "dealRegistrations",
        "channelConflicts",
        "engagementEvents",
        "supportAssignments",
        "enrolments",
    ];
    for entered in own {
        assert_eq!(after["data"][entered], before["data"][entered]);
    }
    assert_eq!(after["data"]["syncRuns"][0]["recordsChanged"], 0);
    assert_eq!(second.interrupt(), 0);
}

#[test]
fn the_printed_schema_is_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let (status, out, _) = run(folder.path(), &["schema"]);
    let contract =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql")).unwrap();
    assert_eq!((status, out.trim_end()), (0, contract.trim_end()));
}

#[test]
fn wrong_configuration_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    at("unknown.toml", "[database]\nmax_conections = 3\n");
    at("bad.toml", "[server]\nlisten = \"nowhere\"\n");
    at("broken.toml", "[server\n");
    check_refused(folder.path(), &["--config", "gone.toml", "serve"], 2, "gone.toml");
    check_refused(
        folder.path(),
        &["--config", "unknown.toml", "serve"],
        2,
        "database.max_conections: unknown key",
    );
    check_refused(folder.path(), &["--config", "bad.toml", "serve"], 2, "server.listen");
    check_refused(folder.path(), &["--config", "broken.toml", "serve"], 2, "line 1");
    assert!(!folder.path().join("gateway.db").exists(), "a refused configuration changes nothing");
}

#[test]
fn an_unreachable_crm_ends_a_run_with_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let config = "[sources.crm]\nkind = \"salesforce\"\nlogin_url = \"http://127.0.0.1:9\"\n\
                  client_id = \"x\"\nclient_secret = \"y\"\nallow_http_loopback = true\n";
    std::fs::write(folder.path().join("gateway.toml"), config).unwrap();
    assert_eq!(run(folder.path(), &["--config", "gateway.toml", "migrate"]).0, 0);
    check_refused(folder.path(), &["--config", "gateway.toml", "sync", "run"], 1, "127.0.0.1:9");
    let (_, status, _) = run(folder.path(), &["--config", "gateway.toml", "sync", "status"]);
    assert!(status.contains("FAILED"), "{status}");
}

#[test]
fn a_table_from_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &["migrate"]).0, 0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        use sea_orm::ConnectionTrait as _;
        let url = format!("sqlite://{}", folder.path().join("gateway.db").display());
        let db = sea_orm::Database::connect(url).await.unwrap();
        let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_later', 0)";
        db.execute_unprepared(newer).await.unwrap();
    });
    // `serve` alone starts: pods of the version before may have to, while versions are exchanged.
    for command in [&["migrate"][..], &["serve", "--migrate"], &["export"]] {
        check_refused(folder.path(), command, 1, "m29991231_000001_later");
    }
}

#[test]
fn a_broken_row_of_a_csv_names_its_line_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("leads.csv"), "id,company\n1,極洋\n2,\"極洋\n").unwrap();
    check_refused(folder.path(), &["match", "leads.csv", "--out", "clusters.csv"], 1, "line 3");
    assert!(!folder.path().join("clusters.csv").exists());
}

#[test]
fn two_spellings_of_one_person_are_one_cluster() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "id,last_name,first_name,company,email\n\
                a,山田,太郎,株式会社極洋,taro@kyokuyo.example.co.jp\n\
                b,山田,太郎,㈱極洋,TARO@kyokuyo.example.co.jp\n\
                c,鈴木,花子,株式会社極洋,hanako@kyokuyo.example.co.jp\n";
    std::fs::write(folder.path().join("leads.csv"), rows).unwrap();
    let (status, out, err) = run(folder.path(), &["match", "leads.csv"]);
    assert_eq!(status, 0, "{err}");
    let clusters: Vec<&str> = out.lines().skip(1).map(|it| it.split_once(',').unwrap().1).collect();
    assert!(clusters[0] == clusters[1] && clusters[0] != clusters[2], "{out}");
}

#[test]
fn a_partner_token_needs_a_partner() {
    let folder = tempfile::tempdir().unwrap();
    check_refused(folder.path(), &["token", "--role", "partner-rep"], 2, "needs --partner");
}

#[test]
fn help_teaches_with_examples() {
    let mut text = String::new();
    let folder = tempfile::tempdir().unwrap();
    let mut process = gateway(folder.path(), &["--help"]).stdout(Stdio::piped()).spawn().unwrap();
    process.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(process.wait().unwrap().success());
    for command in [
        "demo", "serve", "migrate", "sync", "sandbox", "token", "schema", "match", "config", "export",
        "lead", "account",
    ] {
        assert!(text.contains(command), "{command} is not in the help");
    }
}

#[test]
fn a_file_of_holidays_with_a_gap_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let holidays = include_str!("../../../domain/data/holidays.toml");
    let config = "[calendar]\nholidays_file = \"holidays.toml\"\n";
    std::fs::write(folder.join("gateway.toml"), config).unwrap();
    let check = |holidays: &str| {
        std::fs::write(folder.join("holidays.toml"), holidays).unwrap();
        run(folder, &["--config", "gateway.toml", "config", "check", "--offline"])
    };
    assert_eq!(check(holidays).0, 0);
    let (code, output, _) = check(&holidays.replacen("2027-01-01,", "", 1));
    assert_eq!(code, 1);
    assert!(output.contains("元日 has no date in 2027"), "{output}");
}
