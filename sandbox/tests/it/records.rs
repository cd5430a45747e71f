//! Describe, and one record at a time: create, read, update, delete, upsert, preconditions.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Crm, read};

async fn with_header(
    crm: &Crm,
    method: Method,
    path: &str,
    header: (&str, &str),
    body: Option<Value>,
) -> Answer {
    let request = crm.request(method, path).header(header.0, header.1);
    read(if let Some(body) = body { request.json(&body) } else { request }).await
}

#[tokio::test]
async fn describe_has_every_attribute_and_hides_hidden_fields() {
    const ATTRIBUTES: &str = "aggregatable aiPredictionField autoNumber byteLength calculated calculatedFormula \
        cascadeDelete caseSensitive compoundFieldName controllerName createable custom defaultValue \
        defaultValueFormula defaultedOnCreate dependentPicklist deprecatedAndHidden digits displayLocationInDecimal \
        encrypted externalId extraTypeInfo filterable filteredLookupInfo formulaTreatNullNumberAsZero groupable \
        highScaleNumber htmlFormatted idLookup inlineHelpText label length mask maskType name nameField namePointing \
        nillable permissionable picklistValues polymorphicForeignKey precision queryByDistance referenceTargetField \
        referenceTo relationshipName relationshipOrder restrictedDelete restrictedPicklist scale searchPrefilterable \
        soapType sortable type unique updateable writeRequiresMasterRead";
    let crm = Crm::empty().await;
    let describe = crm.get("sobjects/Lead/describe/").await;
    let fields = describe.json["fields"].as_array().unwrap().clone();
    for attribute in ATTRIBUTES.split_whitespace() {
        assert!(fields.iter().all(|it| it.get(attribute).is_some()), "{attribute}");
    }
    let field = |name: &str| fields.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("{name}"));
    assert_eq!(
        (&field("External_Id__c")["externalId"], &field("External_Id__c")["unique"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(field("OwnerId")["referenceTo"], json!(["Group", "User"]));
    assert_eq!(field("Address")["type"], "address");
    assert_eq!(field("City")["compoundFieldName"], "Address");
    assert_eq!(field("Status")["picklistValues"][0]["defaultValue"], true);
    let account = crm.get("sobjects/Account/describe").await;
    let children = account.json["childRelationships"].as_array().unwrap();
    assert!(
        children.iter().any(|it| it["relationshipName"] == "Contacts" && it["childSObject"] == "Contact")
    );

    let unchanged = crm.get("sobjects/Lead/describe");
    let stamp = unchanged.await.header("last-modified").to_owned();
    let path = "sobjects/Lead/describe";
    with_header(&crm, Method::GET, path, ("If-Modified-Since", &stamp), None).await.assert_status(304);
    crm.admin().advance(Duration::from_secs(1));
    crm.admin().hide_field("Lead", "Email").unwrap();
    let hidden = with_header(&crm, Method::GET, path, ("If-Modified-Since", &stamp), None).await;
    hidden.assert_status(200);
    assert!(!hidden.text.contains("\"name\":\"Email\""));
    crm.query("SELECT Email FROM Lead").await.assert_refused(400, "INVALID_FIELD");
    let body = json!({"LastName": "x", "Company": "y", "Email": "a@example.com"});
    crm.post("sobjects/Lead", body).await.assert_refused(400, "INVALID_FIELD");
    crm.admin().show_field("Lead", "Email").unwrap();
    assert!(crm.admin().hide_field("Lead", "Nothing").is_err());
}

#[tokio::test]
async fn a_record_from_create_to_delete() {
    let crm = Crm::empty().await;
    let created = crm
        .post(
            "sobjects/Lead/",
            json!({"LastName": "佐藤", "FirstName": "健", "Company": "株式会社　極洋", "Title": ""}),
        )
        .await;
    created.assert_status(201);
    let id = created.json["id"].as_str().unwrap();
    assert_eq!(created.json, json!({"id": id, "success": true, "errors": []}));
    let path = format!("sobjects/Lead/{id}");
    assert_eq!(created.header("location"), format!("/services/data/v62.0/{path}"));
    let lead = crm.get(&path).await;
    assert_eq!(lead.header("content-type"), "application/json;charset=UTF-8");
    assert_eq!((&lead.json["Name"], &lead.json["Company"]), (&json!("佐藤 健"), &json!("株式会社　極洋")));
    assert_eq!((&lead.json["Title"], &lead.json["Status"]), (&Value::Null, &json!("Open - Not Contacted")));
    assert_eq!(lead.json["SystemModstamp"], "2026-11-01T00:00:00.000+0000");

    crm.admin().advance(Duration::from_millis(61_500));
    let updated = crm.patch(&path, json!({"Phone": "03-0123-4567", "FirstName": null})).await;
    assert_eq!((updated.status.as_u16(), &updated.text[..]), (204, ""));
    let some = crm.get(&format!("{path}?fields=name,Phone,SystemModstamp,CreatedDate")).await;
    assert_eq!(some.json["Name"], "佐藤");
    assert_eq!(some.json["Phone"], "03-0123-4567");
    assert_eq!(
        (&some.json["CreatedDate"], &some.json["SystemModstamp"]),
        (&json!("2026-11-01T00:00:00.000+0000"), &json!("2026-11-01T00:01:01.000+0000"))
    );
    assert!(some.json.get("Company").is_none());
    crm.get(&format!("{path}?fields=Nope")).await.assert_refused(400, "INVALID_FIELD");
    let tunnelled =
        read(crm.request(Method::POST, &format!("{path}?_HttpMethod=PATCH")).json(&json!({"Title": "課長"})))
            .await;
    tunnelled.assert_status(204);

    crm.delete(&path).await.assert_status(204);
    crm.delete(&path).await.assert_refused(404, "ENTITY_IS_DELETED");
    crm.patch(&path, json!({"Title": "x"})).await.assert_refused(404, "ENTITY_IS_DELETED");
    crm.get(&path).await.assert_refused(404, "ENTITY_IS_DELETED");
    crm.admin().undelete(id).unwrap();
    assert_eq!(crm.get(&path).await.json["Title"], "課長");
}

#[tokio::test]
async fn writes_are_checked() {
    let crm = Crm::empty().await;
    let check = async |object: &str, body: Value, code: &str, fields: Value| {
        let answer = crm.post(&format!("sobjects/{object}"), body).await;
        answer.assert_refused(400, code);
        assert_eq!(answer.json[0].get("fields").unwrap_or(&json!([])), &fields, "{}", answer.text);
    };
    let lead = |more: Value| {
        let mut body = json!({"LastName": "x", "Company": "y"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    check("Lead", json!({}), "REQUIRED_FIELD_MISSING", json!(["LastName", "Company"])).await;
    check(
        "Lead",
        json!({"LastName": "", "Company": null}),
        "REQUIRED_FIELD_MISSING",
        json!(["LastName", "Company"]),
    )
    .await;
    check("Lead", lead(json!({"LastName": "あ".repeat(81)})), "STRING_TOO_LONG", json!(["LastName"])).await;
    check("Lead", lead(json!({"Email": "not mail"})), "INVALID_EMAIL_ADDRESS", json!(["Email"])).await;
    check("Lead", lead(json!({"Nope": 1})), "INVALID_FIELD", json!([])).await;
    check("Lead", lead(json!({"Id": "00Q5g0000000001"})), "INVALID_FIELD", json!(["Id"])).await;
    check(
        "Lead",
        lead(json!({"SystemModstamp": "2024-01-01T00:00:00Z"})),
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        json!(["SystemModstamp"]),
    )
    .await;
    check(
        "Lead",
        lead(json!({"IsUnreadByOwner": "maybe"})),
        "INVALID_TYPE_ON_FIELD_IN_RECORD",
        json!(["IsUnreadByOwner"]),
    )
    .await;
    check("Lead", lead(json!({"Score__c": "many"})), "JSON_PARSER_ERROR", json!([])).await;
    check("Lead", lead(json!({"Score__c": 100_000})), "NUMBER_OUTSIDE_VALID_RANGE", json!(["Score__c"]))
        .await;
    let deal = |more: (&str, &str)| json!({"Name": "x", "StageName": "Prospecting", "CloseDate": "2026-12-01", more.0: more.1});
    check("Opportunity", deal(("CloseDate", "soon")), "JSON_PARSER_ERROR", json!([])).await;
    check(
        "Opportunity",
        deal(("Deal_Type__c", "OLD")),
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        json!(["Deal_Type__c"]),
    )
    .await;
    // Unrestricted picklists take anything.
    crm.create("Opportunity", deal(("StageName", "Unheard of"))).await;
    let text =
        read(crm.request(Method::POST, "sobjects/Lead").body("x").header("content-type", "text/plain")).await;
    text.assert_refused(415, "UNSUPPORTED_MEDIA_TYPE");
    let broken =
        read(crm.request(Method::POST, "sobjects/Lead").body("{").header("content-type", "application/json"))
            .await;
    broken.assert_refused(400, "JSON_PARSER_ERROR");
    assert_eq!(crm.query("SELECT COUNT() FROM Lead").await.json["totalSize"], 0);
}

#[tokio::test]
async fn upsert_by_external_id() {
    let crm = Crm::empty().await;
    let path = "sobjects/Lead/External_Id__c/a%2Fb%20%E6%9D%B1";
    let body = json!({"LastName": "x", "Company": "y"});
    let created = crm.patch(path, body.clone()).await;
    created.assert_status(201);
    assert_eq!(created.json["created"], true);
    let updated = crm.patch(path, json!({"Title": "部長"})).await;
    updated.assert_status(200);
    assert_eq!((&updated.json["created"], &updated.json["id"]), (&json!(false), &created.json["id"]));
    let read_back = crm.get(path).await;
    assert_eq!(
        (&read_back.json["External_Id__c"], &read_back.json["Title"]),
        (&json!("a/b 東"), &json!("部長"))
    );
    crm.patch("/services/data/v45.0/sobjects/Lead/external_id__c/A%2FB%20東", json!({"Title": "z"}))
        .await
        .assert_status(204);
    crm.patch("sobjects/Lead/External_Id__c/none?updateOnly=true", body.clone())
        .await
        .assert_refused(404, "NOT_FOUND");
    crm.patch("sobjects/Lead/Nope__c/1", body.clone()).await.assert_refused(404, "NOT_FOUND");
    crm.patch(path, json!({"External_Id__c": "other"})).await.assert_refused(400, "INVALID_FIELD");
    crm.delete(path).await.assert_status(204);
    crm.get(path).await.assert_refused(404, "NOT_FOUND");
    crm.post("sobjects/Lead/Id", body).await.assert_status(201);
}

#[tokio::test]
async fn several_holders_of_a_value_are_listed_and_left_alone() {
    let crm = Crm::empty().await;
    for name in ["本社", "支社"] {
        crm.create("Account", json!({"Name": name, "Corporate_Number__c": "1010401033225"})).await;
    }
    let path = "sobjects/Account/Corporate_Number__c/1010401033225";
    for answer in [crm.patch(path, json!({"Name": "z"})).await, crm.get(path).await, crm.delete(path).await] {
        answer.assert_status(300);
        assert_eq!(answer.json.as_array().unwrap().len(), 2);
        assert!(answer.json[0].as_str().unwrap().starts_with("/services/data/v62.0/sobjects/Account/001"));
    }
    assert_eq!(crm.query("SELECT Id FROM Account WHERE Name = 'z'").await.json["totalSize"], 0);
}

#[tokio::test]
async fn unique_values_and_parents_by_external_id() {
    let crm = Crm::empty().await;
    let account = crm.create("Account", json!({"Name": "極洋", "External_Id__c": "A-1"})).await;
    let twice = crm.post("sobjects/Account", json!({"Name": "別", "External_Id__c": "a-1"})).await;
    twice.assert_refused(400, "DUPLICATE_VALUE");
    let expected = format!(
        "duplicate value found: External_Id__c duplicates value on record with id: {}",
        &account[..15]
    );
    assert_eq!(twice.json[0]["message"], expected);
    let body = json!({"LastName": "佐藤", "Account": {"External_Id__c": "A-1"}});
    let contact = crm.create("Contact", body).await;
    assert_eq!(crm.get(&format!("sobjects/Contact/{contact}")).await.json["AccountId"], json!(account));
    let body = json!({"LastName": "佐藤", "Account": {"External_Id__c": "A-2"}});
    crm.post("sobjects/Contact", body).await.assert_refused(400, "INVALID_FIELD");
    crm.delete(&format!("sobjects/Account/{account}")).await.assert_status(204);
    crm.get(&format!("sobjects/Contact/{contact}")).await.assert_refused(404, "ENTITY_IS_DELETED");
    crm.create("Account", json!({"Name": "別", "External_Id__c": "a-1"})).await;
    assert!(crm.admin().undelete(&account).is_err(), "its external id is in use again");
}

#[tokio::test]
async fn conditional_requests() {
    let crm = Crm::empty().await;
    let id = crm.create("Account", json!({"Name": "極洋"})).await;
    let path = format!("sobjects/Account/{id}");
    let read_at = crm.get(&path).await;
    let (stamp, tag) = (read_at.header("last-modified").to_owned(), read_at.header("etag").to_owned());
    assert_eq!(
        (&stamp[..], read_at.header("date")),
        ("Sun, 01 Nov 2026 00:00:00 GMT", "Sun, 01 Nov 2026 00:00:00 GMT")
    );
    with_header(&crm, Method::GET, &path, ("If-Modified-Since", &stamp), None).await.assert_status(304);
    with_header(
        &crm,
        Method::GET,
        &path,
        ("If-None-Match", &tag.replace("\"", "-gzip\"").replacen("-gzip\"", "\"", 1)),
        None,
    )
    .await
    .assert_status(304);
    crm.admin().advance(Duration::from_secs(5));
    let patch = |name: &'static str| json!({"Site": name});
    with_header(&crm, Method::PATCH, &path, ("If-Unmodified-Since", &stamp), Some(patch("a")))
        .await
        .assert_status(204);
    let stale =
        with_header(&crm, Method::PATCH, &path, ("If-Unmodified-Since", &stamp), Some(patch("b"))).await;
    stale.assert_status(412);
    with_header(&crm, Method::PATCH, &path, ("If-Match", &tag), Some(patch("b"))).await.assert_status(412);
    with_header(&crm, Method::PATCH, &path, ("If-Unmodified-Since", "whenever"), Some(patch("b")))
        .await
        .assert_status(400);
    with_header(&crm, Method::GET, &path, ("If-Modified-Since", &stamp), None).await.assert_status(200);
    assert_eq!(crm.get(&path).await.json["Site"], "a");
}

#[tokio::test]
async fn opportunities_follow_their_stage() {
    let crm = Crm::empty().await;
    let body =
        json!({"Name": "x", "StageName": "Prospecting", "CloseDate": "2026-02-15", "Amount": 1_000_000});
    let path = format!("sobjects/Opportunity/{}", crm.create("Opportunity", body).await);
    let open = crm.get(&path).await.json;
    assert_eq!(
        (&open["Probability"], &open["ExpectedRevenue"], &open["IsClosed"]),
        (&json!(10.0), &json!(100_000.0), &json!(false))
    );
    assert_eq!((&open["Fiscal"], &open["CurrencyIsoCode"]), (&json!("2025 4"), &json!("JPY")));
    crm.patch(&path, json!({"StageName": "Closed Won"})).await.assert_status(204);
    let won = crm.get(&path).await;
    assert_eq!((&won.json["IsWon"], &won.json["Probability"]), (&json!(true), &json!(100.0)));
    assert!(won.text.contains("\"Amount\":1000000.0"));
}

#[tokio::test]
async fn a_converted_lead_is_read_only_and_a_merged_one_points_at_its_master() {
    let crm = Crm::empty().await;
    let new_lead = async || crm.create("Lead", json!({"LastName": "佐藤", "Company": "極洋"})).await;
    let (lead, master, loser) = (new_lead().await, new_lead().await, new_lead().await);
    let [account, contact, opportunity] = crm.admin().convert_lead(&lead, None).unwrap();
    let converted = crm.get(&format!("sobjects/Lead/{lead}")).await.json;
    assert_eq!(
        (&converted["IsConverted"], &converted["Status"]),
        (&json!(true), &json!("Closed - Converted"))
    );
    assert_eq!(
        (&converted["ConvertedAccountId"], &converted["ConvertedContactId"]),
        (&json!(account), &json!(contact))
    );
    assert_eq!(converted["ConvertedOpportunityId"], json!(opportunity));
    let refused = crm.patch(&format!("sobjects/Lead/{lead}"), json!({"Title": "x"})).await;
    refused.assert_refused(400, "CANNOT_UPDATE_CONVERTED_LEAD");
    assert!(crm.admin().convert_lead(&lead, None).is_err());

    let task = crm.create("Task", json!({"Subject": "架電", "WhoId": loser})).await;
    crm.admin().merge(&master, &[&loser]).unwrap();
    let merged =
        crm.query_all(&format!("SELECT IsDeleted, MasterRecordId FROM Lead WHERE Id = '{loser}'")).await;
    assert_eq!(
        (&merged.records()[0]["IsDeleted"], &merged.records()[0]["MasterRecordId"]),
        (&json!(true), &json!(master))
    );
    assert_eq!(crm.get(&format!("sobjects/Task/{task}")).await.json["WhoId"], json!(master));
}

#[tokio::test]
async fn collections_answer_record_by_record() {
    let crm = Crm::empty().await;
    let of = |kind: &str, more: Value| {
        let mut record = json!({"attributes": {"type": kind}});
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        record
    };
    let records =
        json!({"records": [of("Account", json!({"Name": "a"})), of("Lead", json!({"LastName": "b"}))]});
    let created = crm.post("composite/sobjects", records).await;
    created.assert_status(200);
    assert_eq!((&created.json[0]["success"], &created.json[1]["success"]), (&json!(true), &json!(false)));
    assert_eq!(created.json[1]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING");
    let id = created.json[0]["id"].as_str().unwrap();
    let updated = crm
        .patch("composite/sobjects", json!({"records": [of("Account", json!({"id": id, "Site": "s"}))]}))
        .await;
    assert_eq!(updated.json[0]["success"], true);
    let upserts = json!({"records": [of("Account", json!({"External_Id__c": "E", "Name": "c"}))]});
    let upserted = crm.patch("composite/sobjects/Account/External_Id__c", upserts).await;
    assert_eq!(upserted.json[0]["created"], true);
    let wanted = json!({"ids": [id, "0015g0000009999"], "fields": ["Name", "Site"]});
    let found = crm.post("composite/sobjects/Account", wanted).await;
    assert_eq!((&found.json[0]["Site"], &found.json[1]), (&json!("s"), &Value::Null));
    let deleted = crm.delete(&format!("composite/sobjects?ids={id},nonsense")).await;
    assert_eq!(
        (&deleted.json[0]["success"], &deleted.json[1]["errors"][0]["statusCode"]),
        (&json!(true), &json!("MALFORMED_ID"))
    );
}

#[tokio::test]
async fn the_budget_is_shown_and_enforced() {
    let mut crm = Crm::empty().await;
    let limits = crm.get("limits").await;
    assert_eq!(limits.header("sforce-limit-info"), "api-usage=1/1000000");
    assert_eq!(limits.json["DailyApiRequests"], json!({"Max": 1_000_000, "Remaining": 999_999}));
    crm.admin().set_api_used(1_000_000);
    let spent = crm.get("limits").await;
    spent.assert_refused(403, "REQUEST_LIMIT_EXCEEDED");
    assert_eq!(spent.json[0]["message"], "TotalRequests Limit exceeded.");
    crm.admin().advance(Duration::from_secs(86_400));
    crm.log_in().await;
    crm.get("limits").await.assert_status(200);
}
