//! Bulk API 2.0: query jobs with result pages, ingest jobs with a result for each row.

use reqwest::Method;
use sandbox::{Fault, FaultKind};
use serde_json::json;

use crate::harness::{Answer, Crm, read};

async fn query_job(crm: &Crm, soql: &str) -> String {
    let job = crm.post("jobs/query", json!({"operation": "queryAll", "query": soql})).await;
    job.assert_status(200);
    assert_eq!(job.json["state"], "UploadComplete");
    job.json["id"].as_str().unwrap().to_owned()
}

async fn done(crm: &Crm, kind: &str, id: &str) -> Answer {
    loop {
        let job = crm.get(&format!("jobs/{kind}/{id}")).await;
        match job.json["state"].as_str().unwrap() {
            "UploadComplete" | "InProgress" => {}
            _ => return job,
        }
    }
}

fn lines(answer: &Answer) -> Vec<&str> {
    answer.text.lines().collect()
}

#[tokio::test]
async fn results_come_in_pages_until_the_locator_is_null() {
    let crm = Crm::demo(250).await;
    let id = query_job(&crm, "SELECT Id, Company, Owner.Name FROM Lead").await;
    crm.get(&format!("jobs/query/{id}/results")).await.assert_refused(400, "INVALIDJOBSTATE");
    let job = done(&crm, "query", &id).await;
    assert_eq!(
        (&job.json["state"], &job.json["numberRecordsProcessed"]),
        (&json!("JobComplete"), &json!(250))
    );
    let mut rows = Vec::new();
    let mut locator = String::new();
    while locator != "null" {
        let page = crm.get(&format!("jobs/query/{id}/results?maxRecords=100&locator={locator}")).await;
        assert!(page.header("content-type").starts_with("text/csv"));
        let page_lines = lines(&page);
        assert_eq!(page_lines[0], r#""Id","Company","Owner.Name""#);
        assert_eq!(page.header("sforce-numberofrecords"), (page_lines.len() - 1).to_string());
        rows.extend(page_lines[1..].iter().map(|it| it[..18].to_owned()));
        locator = page.header("sforce-locator").to_owned();
    }
    rows.dedup();
    assert_eq!(rows.len(), 250);
}

#[tokio::test]
async fn cells_have_the_forms_of_bulk_files() {
    let crm = Crm::empty().await;
    crm.create("Lead", json!({"LastName": "佐藤", "Company": "\"極洋\"\n本社", "Score__c": 5})).await;
    let id = query_job(&crm, "SELECT Company, FirstName, DoNotCall, Score__c, CreatedDate FROM Lead").await;
    done(&crm, "query", &id).await;
    let page = crm.get(&format!("jobs/query/{id}/results")).await;
    assert!(
        page.text.ends_with("\"\"\"極洋\"\"\n本社\",,false,5.0,2026-11-01T00:00:00.000Z\n"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn what_does_not_fit_a_flat_file_is_refused() {
    let crm = Crm::empty().await;
    for soql in ["SELECT COUNT() FROM Lead", "SELECT Address FROM Lead", "SELECT MAX(Name) FROM Lead"] {
        let job = crm.post("jobs/query", json!({"operation": "query", "query": soql})).await;
        job.assert_refused(400, "API_ERROR");
    }
}

#[tokio::test]
async fn a_job_can_be_aborted_fail_and_be_deleted() {
    let crm = Crm::demo(5).await;
    let aborted = query_job(&crm, "SELECT Id FROM Lead").await;
    crm.patch(&format!("jobs/query/{aborted}"), json!({"state": "Aborted"})).await.assert_status(200);
    assert_eq!(done(&crm, "query", &aborted).await.json["state"], "Aborted");
    crm.sandbox.faults().inject(Fault::new(FaultKind::FailingJob));
    let failed = query_job(&crm, "SELECT Id FROM Lead").await;
    let job = done(&crm, "query", &failed).await;
    assert_eq!(job.json["state"], "Failed");
    assert!(job.json["errorMessage"].as_str().unwrap().starts_with("QUERY_TIMEOUT"));
    crm.delete(&format!("jobs/query/{failed}")).await.assert_status(204);
    crm.get(&format!("jobs/query/{failed}")).await.assert_refused(404, "NOT_FOUND");
}

async fn ingested(crm: &Crm, job: serde_json::Value, csv: &str) -> (Answer, Answer) {
    let job = crm.post("jobs/ingest", job).await;
    job.assert_status(200);
    let id = job.json["id"].as_str().unwrap();
    assert!(job.json["contentUrl"].as_str().unwrap().ends_with(&format!("jobs/ingest/{id}/batches")));
    let upload = crm.request(Method::PUT, &format!("jobs/ingest/{id}/batches"));
    read(upload.header("Content-Type", "text/csv").body(csv.to_owned())).await.assert_status(201);
    crm.patch(&format!("jobs/ingest/{id}"), json!({"state": "UploadComplete"})).await.assert_status(200);
    let job = done(crm, "ingest", id).await;
    assert_eq!(job.json["state"], "JobComplete", "{}", job.text);
    let successful = crm.get(&format!("jobs/ingest/{id}/successfulResults")).await;
    (successful, crm.get(&format!("jobs/ingest/{id}/failedResults")).await)
}

#[tokio::test]
async fn an_ingest_tells_what_became_of_each_row() {
    let crm = Crm::empty().await;
    let upsert = json!({"object": "Lead", "operation": "upsert", "externalIdFieldName": "External_Id__c"});
    let csv = "External_Id__c,LastName,Company,Title\nx1,佐藤,極洋,部長\nx2,鈴木,,\n";
    let (successful, failed) = ingested(&crm, upsert.clone(), csv).await;
    assert!(lines(&successful)[1].contains("\"true\",\"x1\""), "{}", successful.text);
    assert!(lines(&failed)[1].contains("REQUIRED_FIELD_MISSING:"), "{}", failed.text);
    let (successful, _) = ingested(&crm, upsert, "External_Id__c,Title,Company\nx1,#N/A,\n").await;
    assert!(lines(&successful)[1].contains("\"false\",\"x1\""), "{}", successful.text);
    assert_eq!(crm.column("SELECT Title FROM Lead", "Title").await, [json!(null)]);
    assert_eq!(crm.column("SELECT Company FROM Lead", "Company").await, [json!("極洋")]);
}
