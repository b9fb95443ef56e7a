"""Tokens as AWS's own examples make them, sent by redis-py.

Run by `tests/it/iam.rs`, which starts a simulator with a gateway, a cache and the IAM user `acme`:

    SIMULATOR_URL=http://127.0.0.1:PORT python iam_test.py

Only the clock is another than in the examples: the simulator's is ahead.
"""

import json
import os
import urllib.request
from datetime import datetime
from urllib.parse import ParseResult, urlencode, urlunparse

import boto3
import botocore.auth
import botocore.session
import redis
from botocore.credentials import Credentials
from botocore.model import ServiceId
from botocore.signers import RequestSigner

ENDPOINT = os.environ["SIMULATOR_URL"]
REGION = "eu-west-1"


def simulator_now(remove_tzinfo=True):
    with urllib.request.urlopen(f"{ENDPOINT}/_simulator/clock") as answer:
        now = datetime.fromisoformat(json.load(answer)["now"].replace("Z", "+00:00"))
    return now.replace(tzinfo=None) if remove_tzinfo else now


botocore.auth.get_current_datetime = simulator_now


class Provider(redis.CredentialProvider):
    def __init__(self, user, cache, session_token=None):
        self.user, self.cache = user, cache
        self.signer = RequestSigner(
            ServiceId("elasticache"),
            REGION,
            "elasticache",
            "v4",
            Credentials("AKIAEXAMPLE", "secret", session_token),
            botocore.session.get_session().get_component("event_emitter"),
        )

    def get_credentials(self):
        query = urlencode({"Action": "connect", "User": self.user})
        url = urlunparse(ParseResult("https", self.cache, "/", "", query, ""))
        signed = self.signer.generate_presigned_url(
            {"method": "GET", "url": url, "body": {}, "headers": {}, "context": {}},
            operation_name="connect",
            expires_in=900,
            region_name=REGION,
        )
        return self.user, signed.removeprefix("https://")


elasticache = boto3.client(
    "elasticache",
    endpoint_url=ENDPOINT,
    region_name=REGION,
    aws_access_key_id="AKIAEXAMPLE",
    aws_secret_access_key="secret",
)
group = elasticache.describe_replication_groups(ReplicationGroupId="main")["ReplicationGroups"][0]
endpoint = group["NodeGroups"][0]["PrimaryEndpoint"]


def client(provider, **more):
    return redis.Redis(endpoint["Address"], endpoint["Port"], credential_provider=provider, **more)


for protocol in [2, 3]:
    for session_token in [None, "temporary/credentials+have=one"]:
        acme = client(Provider("acme", "main", session_token), protocol=protocol)
        assert acme.set("app:1", "x")
        assert acme.get("app:1") == b"x"

try:
    client(Provider("acme", "other")).get("app:1")
    raise AssertionError("a token for another cache was taken")
except redis.AuthenticationError:
    pass
