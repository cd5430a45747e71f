"""simple-salesforce against the sandbox: log in, page, write, describe, delete.

Usage: simple_salesforce.py BASE_URL CLIENT_ID CLIENT_SECRET USERNAME PRIVATE_KEY_FILE

The library only speaks HTTPS to *.salesforce.com hosts when it logs in, so the one thing replaced
here is the transport: every request goes to BASE_URL instead. All else is the library's own.
"""

import sys
from pathlib import Path
from urllib.parse import urlsplit

# This file is named after the library and must not be found in its place.
sys.path = [it for it in sys.path if Path(it or ".").resolve() != Path(__file__).resolve().parent]

import requests  # noqa: E402
from requests.adapters import HTTPAdapter  # noqa: E402
from simple_salesforce import Salesforce, SalesforceAuthenticationFailed  # noqa: E402
from simple_salesforce.exceptions import (  # noqa: E402
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)


class ToSandbox(HTTPAdapter):
    """Sends every request to the sandbox, whatever host it names."""

    def __init__(self, base_url):
        super().__init__()
        self.base_url = base_url

    def send(self, request, **kwargs):
        parts = urlsplit(request.url)
        request.url = self.base_url + parts.path + (f"?{parts.query}" if parts.query else "")
        return super().send(request, **kwargs)


def session(base_url):
    made = requests.Session()
    made.trust_env = False
    made.mount("https://", ToSandbox(base_url))
    return made


def expect_error(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was expected")


def log_in(base_url, client_id, client_secret, username, key_file):
    by_secret = Salesforce(
        consumer_key=client_id, consumer_secret=client_secret, domain="sandbox.my", session=session(base_url)
    )
    by_jwt = Salesforce(username=username, consumer_key=client_id, privatekey_file=key_file, session=session(base_url))
    assert by_secret.session_id and by_secret.session_id != by_jwt.session_id
    expect_error(
        SalesforceAuthenticationFailed,
        lambda: Salesforce(
            consumer_key=client_id, consumer_secret="wrong", domain="sandbox.my", session=session(base_url)
        ),
    )
    return by_secret, by_jwt


def page_through(crm):
    soql = "SELECT Id, Name, Owner.Name FROM Lead ORDER BY SystemModstamp, Id"
    first = crm.query(soql)
    assert not first["done"] and len(first["records"]) == 2000, "the first page is full"
    ids = [it["Id"] for it in crm.query_all(soql)["records"]]
    assert len(ids) == len(set(ids)) == first["totalSize"] == crm.query("SELECT COUNT() FROM Lead")["totalSize"]
    assert sum(1 for _ in crm.query_all_iter(soql, include_deleted=True)) >= len(ids)
    more = crm.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert more["records"][0]["Id"] == ids[2000]


def write(crm):
    created = crm.Lead.create({"LastName": "佐藤", "FirstName": "健", "Company": "株式会社　極洋"})
    assert created["success"] and len(created["id"]) == 18
    lead = created["id"]
    assert crm.Lead.update(lead, {"Title": "部長"}) == 204
    read = crm.Lead.get(lead)
    assert (read["Name"], read["Title"], read["Company"]) == ("佐藤 健", "部長", "株式会社　極洋")

    assert crm.Lead.upsert("External_Id__c/py-1", {"LastName": "鈴木", "Company": "x"}) == 201
    assert crm.Lead.upsert("External_Id__c/py-1", {"Title": "課長"}) == 200
    by_key = crm.Lead.get_by_custom_id("External_Id__c", "py-1")
    assert (by_key["LastName"], by_key["Title"]) == ("鈴木", "課長")

    refused = expect_error(SalesforceMalformedRequest, lambda: crm.Lead.create({"FirstName": "健"}))
    assert refused.content[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    expect_error(SalesforceMalformedRequest, lambda: crm.query("SELECT Nope FROM Lead"))
    for record in (lead, by_key["Id"]):
        assert crm.Lead.delete(record) == 204
    expect_error(SalesforceResourceNotFound, lambda: crm.Lead.get(lead))
    assert crm.query_all(f"SELECT IsDeleted FROM Lead WHERE Id = '{lead}'", include_deleted=True)["records"][0]["IsDeleted"]


def describe(crm):
    assert {it["name"] for it in crm.describe()["sobjects"]} >= {"Lead", "Account", "Contact", "Opportunity", "User"}
    fields = {it["name"]: it for it in crm.Lead.describe()["fields"]}
    assert fields["External_Id__c"]["externalId"] and fields["OwnerId"]["relationshipName"] == "Owner"
    assert crm.Lead.metadata()["objectDescribe"]["keyPrefix"] == "00Q"
    assert crm.limits()["DailyApiRequests"]["Remaining"] > 0
    assert crm.api_usage["api-usage"].total > 0


def expire(crm, base_url):
    requests.post(f"{base_url}/services/oauth2/revoke", data={"token": crm.session_id}, timeout=10)
    # The library logs in again by itself, because a 401 is an array with an errorCode.
    assert crm.query("SELECT Id FROM User LIMIT 1")["totalSize"] == 1
    lost = Salesforce(session_id="nonsense", instance_url=base_url, session=session(base_url))
    expect_error(SalesforceExpiredSession, lambda: lost.query("SELECT Id FROM User"))


def main():
    base_url, client_id, client_secret, username, key_file = sys.argv[1:]
    for crm in log_in(base_url, client_id, client_secret, username, key_file):
        page_through(crm)
        write(crm)
        describe(crm)
        expire(crm, base_url)
    print("simple-salesforce: logged in twice, paged, wrote, described, deleted")


main()
