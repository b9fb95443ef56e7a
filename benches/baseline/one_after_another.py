"""What the operators in circulation do: one tenant after another.

    one_after_another.py ENDPOINT USER_GROUP ENGINE TENANTS

For each tenant: create the user, wait until it is active, add it to the user group, trying again while
somebody else changes the group, and wait until the group is active. Prints, as a JSON list, when each
tenant was done, in seconds from the beginning.
"""

import json
import sys
import time

import boto3
from botocore.config import Config

POLL_SECONDS = 0.1
ACCESS = "on ~{name}:* resetchannels &{name}:* -@all +@read +@write +@connection -@dangerous"

endpoint, group, engine, tenants = sys.argv[1:]
client = boto3.client(
    "elasticache",
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id="bench",
    aws_secret_access_key="bench",
    config=Config(retries={"mode": "standard"}),
)


def create_user(name):
    client.create_user(
        UserId=f"op-{name}",
        UserName=name,
        Engine=engine,
        AccessString=ACCESS.format(name=name),
        Passwords=["correct-horse-battery-staple"],
    )
    while client.describe_users(UserId=f"op-{name}")["Users"][0]["Status"] != "active":
        time.sleep(POLL_SECONDS)


def join_group(name):
    while True:
        try:
            client.modify_user_group(UserGroupId=group, UserIdsToAdd=[f"op-{name}"])
            break
        except client.exceptions.InvalidUserGroupStateFault:
            time.sleep(POLL_SECONDS)
    while client.describe_user_groups(UserGroupId=group)["UserGroups"][0]["Status"] != "active":
        time.sleep(POLL_SECONDS)


begun = time.monotonic()
done = []
for number in range(int(tenants)):
    create_user(f"tenant-{number}")
    join_group(f"tenant-{number}")
    done.append(time.monotonic() - begun)
json.dump(done, sys.stdout)
