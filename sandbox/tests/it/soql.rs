//! Queries: what matches, in which order, and what is refused with which words.

use serde_json::{Value, json};

use crate::harness::Crm;

/// Four accounts with amounts' worth of nulls, and deals at the first two.
async fn org() -> Crm {
    let crm = Crm::empty().await;
    let mut accounts = Vec::new();
    for (name, employees) in
        [("Alpha", Some(5)), ("beta", Some(50)), ("Gamma 100%", None), ("デルタ", Some(500))]
    {
        let body = json!({"Name": name, "NumberOfEmployees": employees, "BillingCity": "港区"});
        accounts.push(crm.create("Account", body).await);
    }
    for (name, account, amount, stage, close) in [
        ("a1", 0, Some(100.0), "Prospecting", "2026-11-01"),
        ("a2", 0, Some(300.0), "Closed Won", "2026-10-31"),
        ("b1", 1, None, "Closed Lost", "2025-01-31"),
    ] {
        let body = json!({
            "Name": name, "AccountId": accounts[account], "Amount": amount, "StageName": stage, "CloseDate": close,
        });
        crm.create("Opportunity", body).await;
    }
    crm
}

async fn names(crm: &Crm, object: &str, rest: &str) -> Vec<String> {
    let names = crm.column(&format!("SELECT Name FROM {object} {rest}"), "Name").await;
    names.into_iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn conditions() {
    let crm = org().await;
    for (condition, expected) in [
        ("Name = 'ALPHA'", &["Alpha"][..]),
        ("Name IN ('alpha', 'BETA')", &["Alpha", "beta"]),
        ("Name NOT IN ('alpha', 'BETA')", &["Gamma 100%", "デルタ"]),
        ("Name LIKE '%a%' AND NumberOfEmployees > 5", &["beta"]),
        ("(NOT Name LIKE '%a%')", &["デルタ"]),
        ("NOT (Name = 'alpha' OR Name = 'beta')", &["Gamma 100%", "デルタ"]),
        ("Name LIKE 'gamma 100\\%'", &["Gamma 100%"]),
        ("Name LIKE '_eta'", &["beta"]),
        ("Name LIKE 'デル_'", &["デルタ"]),
        ("NumberOfEmployees = null", &["Gamma 100%"]),
        ("NumberOfEmployees != null AND NumberOfEmployees <> 5", &["beta", "デルタ"]),
        ("NumberOfEmployees != 5", &["beta", "Gamma 100%", "デルタ"]),
        ("NumberOfEmployees < 50", &["Alpha"]),
        ("NumberOfEmployees >= 50", &["beta", "デルタ"]),
        ("BillingCity = '港区' AND (Name = 'beta' OR NumberOfEmployees = 500)", &["beta", "デルタ"]),
        ("Id IN (SELECT AccountId FROM Opportunity WHERE Amount > 0)", &["Alpha"]),
        ("Id NOT IN (SELECT AccountId FROM Opportunity)", &["Gamma 100%", "デルタ"]),
        (
            "Owner.Username LIKE 'integration@%' AND Owner.Manager.Name = null",
            &["Alpha", "beta", "Gamma 100%", "デルタ"],
        ),
        ("CreatedDate = TODAY AND CreatedDate >= LAST_N_DAYS:1 AND Name < 'b'", &["Alpha"]),
    ] {
        assert_eq!(
            names(&crm, "Account", &format!("WHERE {condition} ORDER BY Id")).await,
            expected,
            "{condition}"
        );
    }
}

#[tokio::test]
async fn instants_compare_in_any_zone() {
    let crm = org().await;
    for instant in [
        "2026-11-01T00:00:00Z",
        "2026-11-01T00:00:00.000Z",
        "2026-11-01T09:00:00+09:00",
        "2026-11-01T09:00:00+0900",
    ] {
        assert_eq!(
            names(&crm, "Account", &format!("WHERE SystemModstamp >= {instant}")).await.len(),
            4,
            "{instant}"
        );
        assert_eq!(
            names(&crm, "Account", &format!("WHERE SystemModstamp > {instant}")).await.len(),
            0,
            "{instant}"
        );
        let keyset = format!(
            "WHERE (SystemModstamp = {instant} AND Id > '0015g0000000002') OR SystemModstamp > {instant}"
        );
        assert_eq!(
            names(&crm, "Account", &format!("{keyset}  ORDER BY SystemModstamp, Id")).await,
            ["Gamma 100%", "デルタ"]
        );
    }
}

#[tokio::test]
async fn dates_and_date_literals() {
    let crm = org().await;
    // The clock stands at 09:00 on the first of November in Tokyo.
    for (condition, expected) in [
        ("CloseDate = 2026-11-01", &["a1"][..]),
        ("CloseDate = TODAY", &["a1"]),
        ("CloseDate = LAST_MONTH", &["a2"]),
        ("CloseDate < THIS_YEAR", &["b1"]),
        ("CloseDate >= LAST_N_DAYS:1", &["a1", "a2"]),
        ("CloseDate > 2026-10-30 AND CloseDate <= 2026-10-31", &["a2"]),
    ] {
        assert_eq!(names(&crm, "Opportunity", &format!("WHERE {condition}")).await, expected, "{condition}");
    }
}

#[tokio::test]
async fn order_puts_nulls_first_unless_told() {
    let crm = org().await;
    for (order, expected) in [
        ("Amount", ["b1", "a1", "a2"]),
        ("Amount DESC", ["a2", "a1", "b1"]),
        ("Amount ASC NULLS LAST", ["a1", "a2", "b1"]),
        ("Amount DESC NULLS FIRST", ["b1", "a2", "a1"]),
        ("Account.Name DESC, Name DESC", ["b1", "a2", "a1"]),
        ("SystemModstamp DESC, Id DESC", ["b1", "a2", "a1"]),
    ] {
        assert_eq!(names(&crm, "Opportunity", &format!("ORDER BY {order}")).await, expected, "{order}");
    }
    assert_eq!(names(&crm, "Opportunity", "ORDER BY Name LIMIT 1 OFFSET 1").await, ["a2"]);
    assert_eq!(names(&crm, "Opportunity", "LIMIT 0").await.len(), 0);
}

#[tokio::test]
async fn records_carry_the_describe_spelling_and_the_version_asked_for() {
    let crm = org().await;
    let answer = crm.get("/services/data/v41.0/query/?q=select+o.id,NAME,account.OWNER.username+from+opportunity+o+where+name='a1'").await;
    let record = &answer.records()[0];
    let id = record["Id"].as_str().unwrap();
    assert_eq!(
        record["attributes"],
        json!({"type": "Opportunity", "url": format!("/services/data/v41.0/sobjects/Opportunity/{id}")})
    );
    assert_eq!(record["Name"], "a1");
    assert_eq!(record["Account"]["attributes"]["type"], "Account");
    assert_eq!(record["Account"]["Owner"]["Username"], "integration@demo.example.com");
    let keys: Vec<&String> = record.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 4, "{keys:?}");
    crm.create("Lead", json!({"LastName": "x", "Company": "y"})).await;
    let lead = crm.query("SELECT Id, ConvertedAccount.Name, Address FROM Lead").await;
    assert_eq!(lead.records()[0]["ConvertedAccount"], Value::Null);
    assert_eq!(lead.records()[0]["Address"], Value::Null);
}

#[tokio::test]
async fn counts_and_groups() {
    let crm = org().await;
    let count = crm.query("SELECT COUNT() FROM Opportunity WHERE Amount > 0").await;
    assert_eq!(count.json, json!({"totalSize": 2, "done": true, "records": []}));
    let sums = crm.query("SELECT Account.Name, COUNT(Id) n, SUM(Amount), MAX(CloseDate) latest FROM Opportunity GROUP BY Account.Name ORDER BY COUNT(Id) DESC").await;
    let rows = sums.records();
    assert_eq!(
        rows[0],
        json!({"attributes": {"type": "AggregateResult"}, "Name": "Alpha", "n": 2, "expr0": 400.0, "latest": "2026-11-01"})
    );
    assert_eq!(rows[1]["expr0"], Value::Null);
    let having = crm.query("SELECT StageName FROM Opportunity GROUP BY StageName HAVING COUNT(Id) > 1").await;
    assert_eq!(having.json["totalSize"], 0);
    let whole = crm
        .query("SELECT MIN(Amount), AVG(Amount), COUNT_DISTINCT(AccountId), COUNT(Amount) FROM Opportunity")
        .await;
    assert_eq!(whole.records()[0]["expr1"], 200.0);
    assert_eq!((&whole.records()[0]["expr2"], &whole.records()[0]["expr3"]), (&json!(2), &json!(2)));
}

#[tokio::test]
async fn child_subqueries_and_polymorphic_parents() {
    let crm = org().await;
    let soql = "SELECT Name, (SELECT Name FROM Opportunities WHERE Amount != 300 ORDER BY Name) FROM Account ORDER BY Id";
    let answer = crm.query(soql).await;
    assert_eq!(answer.records()[0]["Opportunities"]["totalSize"], 1);
    assert_eq!(answer.records()[0]["Opportunities"]["records"][0]["Name"], "a1");
    assert_eq!(answer.records()[2]["Opportunities"], Value::Null);
    let lead = crm.create("Lead", json!({"LastName": "佐藤", "FirstName": "健", "Company": "y"})).await;
    crm.create("Task", json!({"Subject": "架電", "WhoId": lead, "Status": "Completed"})).await;
    let task =
        crm.query("SELECT Subject, Who.Name, What.Name, IsClosed FROM Task WHERE Who.Name = '佐藤 健'").await;
    assert_eq!(task.records()[0]["Who"]["Name"], "佐藤 健");
    assert_eq!(task.records()[0]["Who"]["attributes"]["type"], "Lead");
    assert_eq!((&task.records()[0]["What"], &task.records()[0]["IsClosed"]), (&Value::Null, &json!(true)));
}

#[tokio::test]
async fn field_groups_and_shown_values() {
    let crm = org().await;
    let all = crm.query("SELECT FIELDS(ALL) FROM Account LIMIT 1").await;
    assert!(
        all.records()[0].get("External_Id__c").is_some() && all.records()[0].get("BillingAddress").is_some()
    );
    let custom = crm.query("SELECT FIELDS(CUSTOM) FROM Account LIMIT 200").await;
    assert!(custom.records()[0].get("Name").is_none());
    crm.query("SELECT FIELDS(ALL) FROM Account").await.assert_refused(400, "MALFORMED_QUERY");
    crm.query("SELECT FIELDS(STANDARD) FROM Account").await.assert_status(200);
    let shown =
        crm.query("SELECT toLabel(StageName), FORMAT(Amount) shown FROM Opportunity WHERE Name = 'a2'").await;
    assert_eq!(
        (&shown.records()[0]["StageName"], &shown.records()[0]["shown"]),
        (&json!("Closed Won"), &json!("300"))
    );
}

#[tokio::test]
async fn refusals_say_what_and_where() {
    let crm = org().await;
    for (soql, code, words) in [
        ("", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        (
            "SELECT Foo FROM Lead",
            "INVALID_FIELD",
            "ERROR at Row:1:Column:8\nNo such column 'Foo' on entity 'Lead'.",
        ),
        ("SELECT Id FROM Nothing", "INVALID_TYPE", "sObject type 'Nothing' is not supported"),
        ("SELECT Foo.Name FROM Lead", "INVALID_FIELD", "Didn't understand relationship 'Foo' in field path"),
        (
            "SELECT Id, (SELECT Id FROM Foos) FROM Account",
            "INVALID_TYPE",
            "Didn't understand relationship 'Foos'",
        ),
        (
            "SELECT Id FROM Lead WHERE Name = 'a' AND Name = 'b' OR Name = 'c'",
            "MALFORMED_QUERY",
            "unexpected token: 'OR'",
        ),
        (
            "SELECT Id FROM Account WHERE NumberOfEmployees = '5'",
            "INVALID_FIELD",
            "should not be enclosed in quotes",
        ),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD", "should be enclosed in quotes"),
        (
            "SELECT Id FROM Lead WHERE SystemModstamp > '2024-01-01T00:00:00Z'",
            "INVALID_FIELD",
            "must be of type datetime",
        ),
        ("SELECT Id FROM Lead WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id, id FROM Lead", "INVALID_FIELD", "duplicate field selected: Id"),
        (
            "SELECT Id FROM Lead OFFSET 2001",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        ),
        ("SELECT Name, COUNT(Id) FROM Lead", "MALFORMED_QUERY", "must be grouped or aggregated: Name"),
        ("SELECT Id FROM Lead ALL ROWS", "MALFORMED_QUERY", "ALL ROWS not allowed"),
        ("SELECT Id FROM Lead WHERE Name = 'x", "MALFORMED_QUERY", "unclosed string"),
        ("SELECT Id FROM Lead WHERE CreatedDate = SOMEDAY", "MALFORMED_QUERY", "unexpected token: 'SOMEDAY'"),
        ("SELECT a.b.c.d.e.f.g FROM Lead", "INVALID_FIELD", "maximum of 5 parent relationships"),
    ] {
        let answer = crm.query(soql).await;
        answer.assert_refused(400, code);
        assert!(answer.json[0]["message"].as_str().unwrap().contains(words), "{soql}: {}", answer.text);
    }
    crm.get("query").await.assert_refused(400, "MALFORMED_QUERY");
    let deep = format!("SELECT Id FROM Lead WHERE {}Name = 'x'", "(".repeat(5_000));
    crm.query(&deep).await.assert_refused(400, "MALFORMED_QUERY");
}
