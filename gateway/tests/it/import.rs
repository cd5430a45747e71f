//! Files that partners export, taken in by the command as its users run it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::on_every_shared_store;
use crate::harness::run;

const MAPPING: &str = "kind = \"lead\"\nid = \"管理番号\"\nmodified = \"更新日\"\n[fields]\n\
    company = \"会社名\"\nlast_name = \"姓\"\nphone = \"電話\"\nscore = \"点数\"\n\
    stage = { column = \"状況\", values = { \"新規\" = \"NEW\", \"商談中\" = \"WORKING\" } }\n";

/// A folder with a mapping and a file, and a store that is ready.
struct Desk<'a> {
    folder: tempfile::TempDir,
    url: &'a str,
}

impl<'a> Desk<'a> {
    fn new(url: &'a str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("mapping.toml"), MAPPING).unwrap();
        let (code, _, error) = run(url, &["migrate"]);
        assert_eq!(code, 0, "{error}");
        Self { folder, url }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn imports(&self, file: &Path, more: &[&str]) -> (i32, Value, String) {
        let (file, mapping) = (file.to_str().unwrap(), self.path("mapping.toml"));
        let mut arguments = vec!["--json", "import", file, "--mapping", mapping.to_str().unwrap()];
        arguments.extend(more);
        let (code, output, error) = run(self.url, &arguments);
        (code, serde_json::from_str(output.lines().last().unwrap_or("null")).unwrap_or_default(), error)
    }

    /// How many golden leads there are, and what they say.
    fn leads(&self) -> Vec<Value> {
        let (code, output, error) = run(self.url, &["export"]);
        assert_eq!(code, 0, "{error}");
        output.lines().map(|it| serde_json::from_str(it).unwrap()).collect()
    }
}

/// So many rows of different people, three of which are broken.
fn rows(count: usize) -> String {
    let mut text = "管理番号,会社名,姓,電話,点数,状況,更新日\r\n".to_owned();
    for row in 0..count {
        let line = match row {
            17 => "h-17,\"会社,が,多い\",姓,0312345678\r\n".to_owned(),
            800 => ",名無し株式会社,無名,,,新規,2026/6/1\r\n".to_owned(),
            1200 => "h-1200,株式会社壱弐,佐藤,,たくさん,新規,2026/6/1\r\n".to_owned(),
            row => format!(
                "h-{row},\"株式会社\n第{row}製作所\",姓{row},０３－{:04}－{row:04},８０,新規,令和8年6月1日\r\n",
                row % 10_000
            ),
        };
        text.push_str(&line);
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_row_is_told_by_its_line_and_the_rest_is_taken_in() {
    on_every_shared_store(async |url| {
        let desk = Desk::new(url);
        let (file, report) = (desk.path("leads.csv"), desk.path("broken.csv"));
        fs::write(&file, rows(2_000)).unwrap();
        let (code, told, error) = desk.imports(&file, &["--report", report.to_str().unwrap()]);
        assert_eq!(code, 0, "{error}");
        assert_eq!(
            (&told["counts"]["changed"], &told["counts"]["failed"]),
            (&1_997.into(), &3.into()),
            "{told}"
        );
        let report = fs::read_to_string(report).unwrap();
        assert_eq!(report.lines().count(), 4, "{report}");
        assert!(report.contains("BROKEN_ROW,it has 4 cells where the first line has 7"), "{report}");
        assert!(report.contains("NO_IDENTITY"), "{report}");
        assert!(report.contains("h-1200,INVALID_VALUE,`点数` cannot be read"), "{report}");
        assert!(!report.contains("たくさん"), "values may be personal: {report}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_stands_twice_costs_its_own_rows_only() {
    on_every_shared_store(async |url| {
        let desk = Desk::new(url);
        let file = desk.path("leads.csv");
        // The first of them is broken, the second is not; and one mistyped quote in the middle.
        let text = rows(20)
            + "h-90,株式会社九十,佐藤,,たくさん,新規,2026/6/1\r\nh-90,株式会社九十,佐藤,,10,新規,2026/6/1\r\n"
            + "h-91,\"株式会社,田中,,10,新規,2026/6/1\r\nh-92,\"株式会社管5\"\" \",鈴木,,10,新規,2026/6/1\r\n";
        fs::write(&file, text).unwrap();
        let (code, told, error) = desk.imports(&file, &[]);
        assert_eq!(code, 0, "{error}");
        assert_eq!(
            (&told["counts"]["changed"], &told["counts"]["failed"]),
            (&20.into(), &4.into()),
            "{told}"
        );
        let codes: Vec<_> = told["broken"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
        assert_eq!(codes, ["BROKEN_ROW", "INVALID_VALUE", "DUPLICATE_ID", "BROKEN_ROW"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_again_changes_nothing_whatever_its_characters() {
    on_every_shared_store(async |url| {
        let desk = Desk::new(url);
        let file = desk.path("leads.csv");
        fs::write(&file, rows(10)).unwrap();
        desk.imports(&file, &[]);
        let before = desk.leads();
        let (code, told, error) = desk.imports(&file, &[]);
        assert_eq!((code, &told["counts"]["changed"]), (0, &0.into()), "{told} {error}");
        let text = rows(10);
        let (as_excel, _, _) = encoding_rs::SHIFT_JIS.encode(&text);
        fs::write(&file, as_excel).unwrap();
        let (code, told, error) = desk.imports(&file, &[]);
        assert_eq!((code, &told["counts"]["changed"]), (0, &0.into()), "{told} {error}");
        assert_eq!(desk.leads(), before);
        assert_eq!(before.len(), 10);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_writes_nothing() {
    on_every_shared_store(async |url| {
        let desk = Desk::new(url);
        let file = desk.path("leads.csv");
        fs::write(&file, rows(10)).unwrap();
        let (code, told, error) = desk.imports(&file, &["--dry-run"]);
        assert_eq!((code, &told["counts"]["changed"]), (0, &10.into()), "{told} {error}");
        assert!(desk.leads().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_imported_is_refused() {
    on_every_shared_store(async |url| {
        let desk = Desk::new(url);
        let file = desk.path("leads.csv");
        let refused = |text: &str, more: &[&str], expected: &str| {
            fs::write(&file, text).unwrap();
            let (code, _, error) = desk.imports(&file, more);
            assert_eq!(code, 2, "{error}");
            assert!(error.contains(expected), "{error}");
        };
        refused("", &[], "empty");
        refused("管理番号,会社名\n1,x\n", &[], "no column");
        refused(&rows(1), &["--system", "PRM"], "no rank for PRM");
        refused(&rows(1), &["--system", "OWN"], "OWN");
        let config = desk.path("gateway.toml");
        let source = "[sources.crm]\nkind = 'salesforce'\nlogin_url = 'https://crm.example'\nclient_id = 'x'\nclient_secret = 'x'";
        fs::write(&config, source).unwrap();
        let named = ["--config", config.to_str().unwrap(), "--system", "CRM"];
        refused(&rows(1), &named, "CRM is read by [sources.crm]");
    })
    .await;
}
