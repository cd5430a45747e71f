//! Spreadsheets of partners, users, contracts and territories, taken in and written by the command as its users run it.

use std::fs;

use serde_json::{Value, json};

use crate::harness::{on_every_shared_store, run};

/// A folder of files, and a store that is ready.
struct Desk<'a> {
    folder: tempfile::TempDir,
    url: &'a str,
}

impl<'a> Desk<'a> {
    fn new(url: &'a str) -> Self {
        let (code, _, error) = run(url, &["migrate"]);
        assert_eq!(code, 0, "{error}");
        Self { folder: tempfile::tempdir().unwrap(), url }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Takes a text in; gives how many rows were created, updated, unchanged and refused, and the codes of the refused.
    fn takes_in(&self, kind: &str, text: impl AsRef<[u8]>, more: &[&str]) -> (Value, Vec<(u64, String)>) {
        let file = self.path("in.csv");
        fs::write(&file, text).unwrap();
        let mut arguments = vec!["--json", "import", &file, "--kind", kind];
        arguments.extend(more);
        let (code, output, error) = run(self.url, &arguments);
        assert_eq!(code, 0, "{error}");
        let report: Value = serde_json::from_str(&output).unwrap();
        let refused = report["rows"].as_array().unwrap().iter().filter(|it| it["outcome"] == "REFUSED");
        let code = |it: &Value| (it["line"].as_u64().unwrap(), it["code"].as_str().unwrap().to_owned());
        let counts = &report["counts"];
        let counts = ["created", "updated", "unchanged", "refused"].map(|it| counts[it].clone());
        (json!(counts), refused.map(code).collect())
    }

    fn exports(&self, kind: &str) -> String {
        let (code, output, error) = run(self.url, &["export", "--kind", kind]);
        assert_eq!(code, 0, "{error}");
        output
    }
}

const PARTNERS: &str = "正式名称,法人番号,種別,状態,親パートナー\n\
    下の会社,,販売,候補,7000012050002\n\
    上の会社,7000012050002,\"DISTRIBUTOR,販売\",有効,\n\
    番号違い,4011001098983,RESELLER,ACTIVE,\n\
    ,,RESELLER,ACTIVE,\n";

const USERS: &str = "partner,family_name,given_name,email,role,status\n\
    7000012050002,佐藤,花子,sato@a.example,管理者,ENABLED\n\
    下の会社,鈴木,一郎,suzuki@b.example,,\n\
    知らない会社,高橋,次郎,takahashi@c.example,,\n\
    下の会社,田中,三郎,no-address,,\n";

const CONTRACTS: &str = "partner,契約番号,契約種別,開始日,終了日,締結日,製品,都道府県,通知日数,自動更新,price_terms\n\
    上の会社,C-1,リセラー契約,令和8年4月1日,2099/3/31,2026-03-20,\"X、Y\",東京,60,はい,\"仕切率\n60%\"\n\
    下の会社,C-2,NDA,2026-04-01,2027-03-31,,,,,,\n\
    下の会社,C-3,RESELLER,2027-04-01,2027-03-31,,,,,,\n\
    上の会社,C-1,RESELLER,2026-04-01,2027-03-31,,,,,,\n";

const TERRITORIES: &str = "partner,prefectures,industries,products,is_exclusive,valid_from,valid_until\n\
    上の会社,\"東京都,JP-14\",製造業,X,○,2026-04-01,\n\
    下の会社,JP-13,E,,true,2026-04-01,\n\
    下の会社,JP-13,E,,false,2026-04-01,\n\
    下の会社,JP-99,,,,2026-04-01,\n";

#[tokio::test(flavor = "multi_thread")]
async fn what_lives_in_spreadsheets_is_taken_in_and_written_again() {
    on_every_shared_store(async |url| {
        let desk = Desk::new(url);
        let all = [
            ("partner", PARTNERS),
            ("partner-user", USERS),
            ("contract", CONTRACTS),
            ("territory", TERRITORIES),
        ];
        let refused: [&[(u64, &str)]; 4] = [
            &[(4, "CELL_UNREADABLE"), (5, "CELL_BLANK")],
            &[(4, "NOT_FOUND"), (5, "EMAIL_INVALID")],
            &[(5, "CONTRACT_ENDS_FIRST"), (6, "CONTRACT_EXISTS")],
            &[(3, "TERRITORY_EXCLUSIVE_OVERLAP"), (5, "CELL_UNREADABLE")],
        ];
        for ((kind, text), refused) in all.into_iter().zip(refused) {
            let refused: Vec<_> = refused.iter().map(|(line, code)| (*line, (*code).to_owned())).collect();
            let rehearsed = desk.takes_in(kind, text, &["--dry-run"]);
            assert_eq!(rehearsed, desk.takes_in(kind, text, &[]), "{kind}: a rehearsal tells what will be");
            assert_eq!(rehearsed, (json!([2, 0, 0, 2]), refused), "{kind}");
            assert_eq!(
                desk.takes_in(kind, text, &[]).0,
                json!([0, 0, 2, 2]),
                "{kind}: again changes nothing"
            );
            let written = desk.exports(kind);
            assert_eq!(desk.takes_in(kind, &written, &[]).0, json!([0, 0, 2, 0]), "{kind}: {written}");
            let (cp932, ..) = encoding_rs::SHIFT_JIS.encode(text);
            assert_eq!(
                desk.takes_in(kind, &cp932, &[]).0,
                json!([0, 0, 2, 2]),
                "{kind}: in other characters"
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_known_is_changed_where_the_sheet_says_something() {
    on_every_shared_store(async |url| {
        let desk = Desk::new(url);
        desk.takes_in("partner", "legal_name,display_name_en,crm_account_ref\n極洋,Kyokuyo,001\n", &[]);
        let (counts, _) = desk.takes_in("partner", "legal_name,display_name_en\n極洋,\n", &[]);
        assert_eq!(counts, json!([0, 1, 0, 0]), "a blank cell is empty, and a missing column says nothing");
        let written = desk.exports("partner");
        assert!(written.contains("極洋,,,,,,,PROSPECT,,,001"), "{written}");
        let twice = desk.takes_in("partner", "legal_name\n極洋\n極洋\n", &[]);
        assert_eq!(twice, (json!([0, 0, 1, 1]), vec![(3, "ROW_TWICE".to_owned())]));
        let territory = |until: &str| {
            format!("partner,prefectures,valid_from,valid_until\n極洋,JP-13,2026-04-01,{until}\n")
        };
        assert_eq!(desk.takes_in("territory", territory(""), &[]).0, json!([1, 0, 0, 0]));
        assert_eq!(desk.takes_in("territory", territory("2099-04-01"), &[]).0, json!([0, 1, 0, 0]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_looks_like_a_formula_is_written_as_a_text_and_read_as_it_was() {
    on_every_shared_store(async |url| {
        let desk = Desk::new(url);
        desk.takes_in("partner", "legal_name,display_name_en,crm_account_ref\n極洋,+81-3-1234-5678,-7\n", &[]);
        let users = "partner,family_name,given_name,email\n極洋,\"=HYPERLINK(\"\"http://a.example\"\")\",@A1,a@b.example\n";
        desk.takes_in("partner-user", users, &[]);
        let partners = desk.exports("partner");
        assert!(partners.contains(",'+81-3-1234-5678,") && partners.contains(",'-7\n"), "{partners}");
        let users = desk.exports("partner-user");
        assert!(users.contains("\"'=HYPERLINK(\"\"http://a.example\"\")\",'@A1,"), "{users}");
        for (kind, sheet) in [("partner", partners), ("partner-user", users)] {
            assert_eq!(desk.takes_in(kind, sheet, &[]).0, json!([0, 0, 1, 0]), "{kind}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_row_is_reported_and_a_wrong_sheet_is_refused_whole() {
    on_every_shared_store(async |url| {
        let desk = Desk::new(url);
        let report = desk.path("rows.csv");
        desk.takes_in("partner", PARTNERS, &["--report", &report]);
        let rows = fs::read_to_string(&report).unwrap();
        let lines: Vec<&str> = rows.lines().collect();
        assert_eq!(lines[..3], ["line,outcome,code,reason", "2,CREATED,,", "3,CREATED,,"]);
        assert!(lines[3].starts_with("4,REFUSED,CELL_UNREADABLE,`corporate_number` "), "{rows}");
        assert!(!rows.contains("番号違い"), "values are not repeated");
        let file = desk.path("in.csv");
        fs::write(&file, "name\n極洋\n").unwrap();
        let (code, _, error) = run(url, &["import", &file, "--kind", "partner"]);
        assert_eq!(code, 2);
        assert!(error.contains("no column `legal_name`"), "{error}");
        let (code, _, error) = run(url, &["import", &file, "--kind", "partner", "--system", "PRM"]);
        assert_eq!(code, 2);
        assert!(error.contains("--system"), "{error}");
    })
    .await;
}
