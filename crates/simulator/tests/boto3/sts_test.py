"""Roles that lead into another account, assumed by boto3.

Run by `tests/it/accounts.rs`, which starts a simulator with two roles:

    SIMULATOR_URL=http://127.0.0.1:PORT python sts_test.py
"""

import os
from datetime import datetime, timedelta, timezone

import boto3
from botocore.exceptions import ClientError

OURS, THEIRS = "123456789012", "210987654321"


def client(service, key=OURS, secret="secret", token=None):
    return boto3.client(
        service,
        region_name="eu-west-1",
        endpoint_url=os.environ["SIMULATOR_URL"],
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )


def assume(role, **options):
    arn = f"arn:aws:iam::{THEIRS}:role/teams/{role}"
    return client("sts").assume_role(RoleArn=arn, RoleSessionName="boto3", **options)


def refused(role, **options):
    try:
        assume(role, **options)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert (error.response["Error"]["Code"], status) == ("AccessDenied", 403), error
        assert OURS in str(error), error
    else:
        raise AssertionError(f"{role} was given with {options}")


def user_arns(credentials):
    elasticache = client(
        "elasticache",
        credentials["AccessKeyId"],
        credentials["SecretAccessKey"],
        credentials["SessionToken"],
    )
    return [user["ARN"] for user in elasticache.describe_users()["Users"]]


refused("unknown")
refused("closed")
refused("closed", ExternalId="another-word")
assume("closed", ExternalId="a-word")

answer = assume("open")
assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{THEIRS}:assumed-role/open/boto3", answer
left = answer["Credentials"]["Expiration"] - datetime.now(timezone.utc)
assert timedelta(minutes=55) < left <= timedelta(hours=1), left
here = user_arns({"AccessKeyId": OURS, "SecretAccessKey": "secret", "SessionToken": None})
assert here == [f"arn:aws:elasticache:eu-west-1:{OURS}:user:default"], here
there = user_arns(answer["Credentials"])
assert there == [f"arn:aws:elasticache:eu-west-1:{THEIRS}:user:default"], there

try:
    client("sts").get_caller_identity()
except ClientError as error:
    assert error.response["Error"]["Code"] == "InvalidAction", error
else:
    raise AssertionError("an operation that is not imitated was answered")
