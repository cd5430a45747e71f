//! How fast all leads are paged out, and how much memory they take: `paging_speed [leads]`.
//!
//! Client and server share this process, so both ends of the work are in the figures.

use std::time::Instant;

use sandbox::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Options, Sandbox};
use serde_json::Value;

const QUERY: &str = "SELECT Id, IsDeleted, MasterRecordId, LastName, FirstName, LastNameKana__c, FirstNameKana__c, Title, \
    Company, Corporate_Number__c, Street, City, State, PostalCode, Country, Phone, MobilePhone, Email, Website, \
    LeadSource, Status, Industry, Rating, Score__c, Consent_To_Share__c, OwnerId, IsConverted, ConvertedAccountId, \
    ConvertedContactId, ConvertedOpportunityId, External_Id__c, CreatedDate, LastModifiedDate, LastModifiedById, \
    SystemModstamp FROM Lead WHERE SystemModstamp >= 2000-01-01T00:00:00Z ORDER BY SystemModstamp, Id";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let leads = std::env::args().nth(1).map(|it| it.parse()).transpose()?.unwrap_or(200_000);
    let (before, started) = (resident_megabytes(), Instant::now());
    let sandbox = Sandbox::start(Options { leads: Some(leads), ..Options::default() }).await?;
    let seeding = started.elapsed();
    let resident = resident_megabytes().saturating_sub(before);
    report(&format!("{leads} leads seeded in {:.1} s, {resident} MB", seeding.as_secs_f64()));

    let client = reqwest::Client::builder().no_proxy().gzip(false).build()?;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", DEMO_CLIENT_ID),
        ("client_secret", DEMO_CLIENT_SECRET),
    ];
    let login = client.post(format!("{}/services/oauth2/token", sandbox.base_url())).form(&form);
    let login: Value = login.send().await?.json().await?;
    let token = login["access_token"].as_str().unwrap_or_default();

    let (started, mut records, mut bytes) = (Instant::now(), 0, 0);
    let mut next = Some("/services/data/v62.0/queryAll".to_owned());
    while let Some(path) = next {
        let mut request = client.get(format!("{}{path}", sandbox.base_url())).bearer_auth(token);
        if path.ends_with("queryAll") {
            request = request.query(&[("q", QUERY)]);
        }
        let page = request.send().await?.error_for_status()?.bytes().await?;
        bytes += page.len();
        records += page.windows(14).filter(|it| it == b"\"IsConverted\":").count();
        next = next_page(&page);
    }
    let seconds = started.elapsed().as_secs_f64();
    let rate = f64::from(u32::try_from(records)?) / seconds;
    report(&format!("{records} records, {} MB in {seconds:.2} s: {rate:.0} records/s", bytes / 1_000_000));
    sandbox.shutdown().await;
    Ok(())
}

/// The address stands near the start of a page; parsing the whole would measure the parser.
fn next_page(page: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&page[..page.len().min(300)]);
    let (_, rest) = head.split_once("\"nextRecordsUrl\":\"")?;
    rest.split('"').next().map(str::to_owned)
}

/// Resident memory of this process, where the system says so.
fn resident_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    line.and_then(|it| it.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

#[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
fn report(line: &str) {
    println!("{line}");
}
