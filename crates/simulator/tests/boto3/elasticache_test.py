"""Every ElastiCache operation and refusal, as another vendor's client sees them.

Run by `tests/it/boto3.rs`, which starts a simulator with a cache:

    SIMULATOR_URL=http://127.0.0.1:PORT ENGINE=valkey python elasticache_test.py

The simulator is told to let nothing take time, so that what has begun is done by the next call.
"""

import json
import os
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

ENDPOINT = os.environ["SIMULATOR_URL"]
ENGINE = os.environ["ENGINE"]
OTHER_ENGINE = {"valkey": "redis", "redis": "valkey"}[ENGINE]
GROUP = "tenants"
CACHE = "main"
PASSWORD = "correct-horse-battery"
MINUTE = {"min_ms": 60_000, "max_ms": 60_000}
ZERO = {"min_ms": 0, "max_ms": 0}
ACCESS = "on ~app:* resetchannels &app:* -@all +get +set"

client = boto3.client(
    "elasticache",
    endpoint_url=ENDPOINT,
    region_name="eu-west-1",
    aws_access_key_id="123456789012",
    aws_secret_access_key="secret",
    config=Config(retries={"total_max_attempts": 1}),
)


def control(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"{ENDPOINT}/_simulator{path}", data, headers, method=method)
    with urllib.request.urlopen(request) as response:
        text = response.read()
        return json.loads(text) if text else None


def settle():
    control("POST", "/clock", {"advance_ms": 3_600_000})


def fault(**what):
    control("POST", "/faults", {"count": 1, **what})


def refused(code, status, call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        answer = (error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"])
        assert answer == (code, status), f"{answer}: {error}"
        return error.response["Error"]["Message"]
    raise AssertionError(f"{call.__name__} was not refused")


def bad_value(call, **parameters):
    return refused("InvalidParameterValue", 400, call, **parameters)


def bad_combination(call, **parameters):
    return refused("InvalidParameterCombination", 400, call, **parameters)


def create_user(user_id, **changes):
    parameters = {
        "UserId": user_id,
        "UserName": user_id,
        "Engine": ENGINE,
        "AccessString": ACCESS,
        "Passwords": [PASSWORD],
        **changes,
    }
    return client.create_user(**{k: v for k, v in parameters.items() if v is not None})


def user(user_id):
    return client.describe_users(UserId=user_id)["Users"][0]


def group(group_id=GROUP):
    return client.describe_user_groups(UserGroupId=group_id)["UserGroups"][0]


def default_members():
    """A Redis group has a user named `default` from the start."""
    return group()["UserIds"]


def users():
    created = create_user("Acme", UserName="acme", Tags=[{"Key": "owner", "Value": "me & you"}])
    assert created["UserId"] == "acme" and created["Status"] == "creating", created
    assert created["AccessString"] == ACCESS, created
    assert created["Authentication"] == {"Type": "password", "PasswordCount": 1}, created
    assert created["ARN"] == "arn:aws:elasticache:eu-west-1:123456789012:user:acme", created
    assert created["ResponseMetadata"]["RequestId"]
    assert user("ACME")["Status"] == "active"

    modified = client.modify_user(UserId="acme", Passwords=[PASSWORD, "another-good-password"])
    assert modified["Status"] == "modifying"
    assert modified["Authentication"]["PasswordCount"] == 2
    settle()
    mode = {"Type": "password", "Passwords": ["another-good-password"]}
    assert client.modify_user(UserId="acme", AuthenticationMode=mode)["AccessString"] == ACCESS
    settle()
    client.modify_user(UserId="acme", AppendAccessString="+del")
    settle()
    assert user("acme")["AccessString"] == ACCESS + " +del"
    control("PATCH", "/settings", {"latencies": {"user_modify": MINUTE}})
    client.modify_user(UserId="acme", AccessString=ACCESS)
    refused("InvalidUserState", 400, client.modify_user, UserId="acme", AccessString="off")
    refused("InvalidUserState", 400, client.delete_user, UserId="acme")
    settle()
    control("PATCH", "/settings", {"latencies": {"user_modify": ZERO}})

    bad_value(create_user, user_id="1acme")
    bad_value(create_user, user_id="new", UserName="a b")
    bad_value(create_user, user_id="new", Engine="memcached")
    bad_value(create_user, user_id="new", AccessString="on >password")
    bad_value(create_user, user_id="new", AccessString="on +nosuchcommand")
    short = bad_value(create_user, user_id="new", Passwords=["short"])
    assert short == "Passwords length must be between 16-128 characters.", short
    bad_value(create_user, user_id="new", Passwords=["comma,comma,comma"])
    bad_value(create_user, user_id="new", Passwords=[PASSWORD] * 3)
    bad_value(create_user, user_id="new", Passwords=None)
    iam = {"Type": "iam"}
    bad_combination(create_user, user_id="new", UserName="New", Passwords=None, AuthenticationMode=iam)
    bad_combination(create_user, user_id="new", AuthenticationMode=iam)
    bad_combination(create_user, user_id="new", NoPasswordRequired=True)
    bad_combination(client.modify_user, UserId="acme")
    bad_combination(client.modify_user, UserId="acme", AccessString="on", AppendAccessString="+get")
    bad_value(client.modify_user, UserId="default", AccessString="off")
    bad_value(client.delete_user, UserId="default")
    refused("UserAlreadyExists", 400, create_user, user_id="acme")
    refused("UserNotFound", 404, client.modify_user, UserId="nobody", AccessString="off")
    refused("UserNotFound", 404, client.describe_users, UserId="nobody")
    refused("UserNotFound", 404, client.delete_user, UserId="nobody")


def groups():
    for user_id in ("b", "c"):
        create_user(user_id)
    settle()
    control("PATCH", "/settings", {"latencies": {"group_modify": MINUTE, "member_lock": MINUTE}})
    before = default_members()
    change = client.modify_user_group(UserGroupId=GROUP, UserIdsToAdd=["b", "c"])
    assert change["Status"] == "modifying" and change["UserIds"] == before, change
    assert change["PendingChanges"] == {"UserIdsToAdd": ["b", "c"]}, change
    again = {"UserGroupId": GROUP, "UserIdsToAdd": ["acme"]}
    refused("InvalidUserGroupState", 400, client.modify_user_group, **again)
    locked = refused("InvalidUserState", 400, client.modify_user, UserId="b", AccessString="off")
    assert locked == "User b has status modifying. Only active users can be modified.", locked
    settle()
    control("PATCH", "/settings", {"latencies": {"group_modify": ZERO, "member_lock": ZERO}})
    assert group()["UserIds"] == sorted(before + ["b", "c"])
    assert group()["Status"] == "active" and group()["ReplicationGroups"] == [CACHE]
    assert user("b")["UserGroupIds"] == [GROUP]

    # One bad id, and nothing of the call is done.
    bad_value(client.modify_user_group, UserGroupId=GROUP, UserIdsToAdd=["acme"], UserIdsToRemove=["x"])
    bad_value(client.modify_user_group, UserGroupId=GROUP, UserIdsToAdd=["b"])
    refused("UserNotFound", 404, client.modify_user_group, UserGroupId=GROUP, UserIdsToAdd=["x"])
    bad_combination(client.modify_user_group, UserGroupId=GROUP)
    create_user("d", UserName="b")
    settle()
    refused("DuplicateUserName", 400, client.modify_user_group, UserGroupId=GROUP, UserIdsToAdd=["d"])
    refused("UserGroupNotFound", 404, client.modify_user_group, UserGroupId="x", UserIdsToAdd=["d"])

    client.modify_user_group(UserGroupId=GROUP, UserIdsToRemove=["b"])
    settle()
    client.delete_user(UserId="c")
    settle()
    assert group()["UserIds"] == before

    small = {"UserGroupId": "small", "Engine": "valkey"}
    assert client.create_user_group(**small)["Status"] == "creating"
    refused("UserGroupAlreadyExists", 400, client.create_user_group, **small)
    redis = {"UserGroupId": "redis", "Engine": "redis"}
    refused("DefaultUserRequired", 400, client.create_user_group, **redis)
    client.create_user_group(**redis, UserIds=["default"])
    settle()
    create_user("closed", UserName="default", Engine="redis")
    settle()
    swap = {"UserIdsToAdd": ["closed"], "UserIdsToRemove": ["default"]}
    client.modify_user_group(UserGroupId="redis", **swap)
    settle()
    refused("DefaultUserAssociatedToUserGroup", 400, client.delete_user, UserId="closed")
    valkey = {"UserGroupId": "small", "UserIdsToAdd": ["default"]}
    bad_combination(client.modify_user_group, **valkey)
    quota = {"quotas": {"users_per_group": 1, "user_groups": 3}}
    control("PATCH", "/settings", quota)
    two = {"UserGroupId": "small", "UserIdsToAdd": ["acme", "b"]}
    settle()
    refused("UserGroupQuotaExceeded", 400, client.modify_user_group, **two)
    one_more = {"UserGroupId": "more", "Engine": "valkey"}
    refused("UserGroupQuotaExceeded", 400, client.create_user_group, **one_more)
    control("PATCH", "/settings", {"quotas": {"users_per_group": 100, "user_groups": 200, "users": 1}})
    refused("UserQuotaExceeded", 400, create_user, user_id="new")
    control("PATCH", "/settings", {"quotas": {"users": 2000}})
    refused("InvalidUserGroupState", 400, client.delete_user_group, UserGroupId=GROUP)
    assert client.delete_user_group(UserGroupId="small")["Status"] == "deleting"
    settle()
    refused("UserGroupNotFound", 404, client.describe_user_groups, UserGroupId="small")


def caches():
    main = client.describe_replication_groups(ReplicationGroupId=CACHE)["ReplicationGroups"][0]
    assert main["Status"] == "available" and main["UserGroupIds"] == [GROUP], main
    assert main["NodeGroups"][0]["PrimaryEndpoint"]["Address"] == "127.0.0.1", main
    second = {
        "ReplicationGroupId": "second",
        "ReplicationGroupDescription": "another",
        "Engine": ENGINE,
        "TransitEncryptionEnabled": True,
    }
    created = client.create_replication_group(**second)["ReplicationGroup"]
    assert created["Status"] == "creating", created
    refused("ReplicationGroupAlreadyExists", 400, client.create_replication_group, **second)
    bad_combination(client.create_replication_group, **{**second, "Engine": OTHER_ENGINE})
    third = {**second, "ReplicationGroupId": "third", "TransitEncryptionEnabled": False}
    bad_combination(client.create_replication_group, **third, UserGroupIds=[GROUP])
    refused("UserGroupNotFound", 404, client.create_replication_group, **third, UserGroupIds=["x"])
    settle()
    attach = {"ReplicationGroupId": "second", "UserGroupIdsToAdd": [GROUP]}
    control("PATCH", "/settings", {"latencies": {"user_modify": MINUTE, "cache_modify": MINUTE}})
    member = create_user("member", Engine=group()["Engine"])["UserId"]
    settle()
    client.modify_user_group(UserGroupId=GROUP, UserIdsToAdd=[member])
    settle()
    client.modify_user(UserId=member, AccessString="off")
    refused("InvalidUserGroupState", 400, client.modify_replication_group, **attach)
    settle()
    attached = client.modify_replication_group(**attach)["ReplicationGroup"]
    refused("InvalidReplicationGroupState", 400, client.modify_replication_group, **attach)
    refused("InvalidReplicationGroupState", 400, client.delete_replication_group, ReplicationGroupId="second")
    pending = attached["PendingModifiedValues"]["UserGroups"]
    assert attached["Status"] == "modifying" and pending == {"UserGroupIdsToAdd": [GROUP]}, attached
    settle()
    control("PATCH", "/settings", {"latencies": {"user_modify": ZERO, "cache_modify": ZERO}})
    assert group()["ReplicationGroups"] == [CACHE, "second"]
    bad_value(client.modify_replication_group, **attach)
    gone = client.delete_replication_group(ReplicationGroupId="second")["ReplicationGroup"]
    assert gone["Status"] == "deleting", gone
    settle()
    missing = {"ReplicationGroupId": "second"}
    refused("ReplicationGroupNotFoundFault", 404, client.describe_replication_groups, **missing)
    refused("ReplicationGroupNotFoundFault", 404, client.modify_replication_group, **missing)
    refused("ReplicationGroupNotFoundFault", 404, client.delete_replication_group, **missing)
    assert client.describe_serverless_caches()["ServerlessCaches"] == []
    name = {"ServerlessCacheName": "x"}
    refused("ServerlessCacheNotFoundFault", 404, client.describe_serverless_caches, **name)


def nodes():
    cluster = {
        "ReplicationGroupId": "cluster",
        "ReplicationGroupDescription": "sharded",
        "Engine": ENGINE,
        "TransitEncryptionEnabled": True,
        "UserGroupIds": [GROUP],
        "AutomaticFailoverEnabled": True,
        "NumNodeGroups": 2,
        "ReplicasPerNodeGroup": 1,
    }
    bad_combination(client.create_replication_group, **{**cluster, "NumCacheClusters": 2})
    bad_combination(client.create_replication_group, **{**cluster, "AutomaticFailoverEnabled": False})
    client.create_replication_group(**cluster)
    settle()
    shown = client.describe_replication_groups(ReplicationGroupId="cluster")["ReplicationGroups"][0]
    assert shown["ClusterEnabled"] and shown["ClusterMode"] == "enabled", shown
    assert shown["AutomaticFailover"] == "enabled", shown
    assert shown["MemberClusters"] == [f"cluster-000{s}-00{n}" for s in (1, 2) for n in (1, 2)], shown
    assert set(shown["ConfigurationEndpoint"]) == {"Address", "Port"}, shown
    first = shown["NodeGroups"][0]
    assert (first["NodeGroupId"], first["Slots"]) == ("0001", "0-8191"), first
    assert "PrimaryEndpoint" not in first and "ReaderEndpoint" not in first, first
    member = first["NodeGroupMembers"][0]
    assert set(member) == {"CacheClusterId", "CacheNodeId", "PreferredAvailabilityZone"}, member
    test = {"ReplicationGroupId": "cluster", "NodeGroupId": "0002"}
    assert client.test_failover(**test)["ReplicationGroup"]["Status"] == "modifying"
    settle()
    refused("NodeGroupNotFoundFault", 404, client.test_failover, **{**test, "NodeGroupId": "0003"})
    client.delete_replication_group(ReplicationGroupId="cluster")
    settle()

    pair = {key: cluster[key] for key in cluster if key not in ("NumNodeGroups", "ReplicasPerNodeGroup")}
    pair |= {"ReplicationGroupId": "pair", "NumCacheClusters": 2}
    client.create_replication_group(**pair)
    settle()
    shown = client.describe_replication_groups(ReplicationGroupId="pair")["ReplicationGroups"][0]
    assert "ConfigurationEndpoint" not in shown and not shown["ClusterEnabled"], shown
    [only] = shown["NodeGroups"]
    primary, replica = only["NodeGroupMembers"]
    assert (primary["CurrentRole"], replica["CurrentRole"]) == ("primary", "replica"), only
    assert primary["ReadEndpoint"] == only["PrimaryEndpoint"], only
    assert replica["ReadEndpoint"] == only["ReaderEndpoint"], only
    client.delete_replication_group(ReplicationGroupId="pair")
    settle()


def tags():
    arn = user("acme")["ARN"]
    assert client.list_tags_for_resource(ResourceName=arn)["TagList"] == [
        {"Key": "owner", "Value": "me & you"}
    ]
    added = client.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "a", "Value": "<b>"}])
    assert added["TagList"][0] == {"Key": "a", "Value": "<b>"}, added
    client.remove_tags_from_resource(ResourceName=arn, TagKeys=["a"])
    gone = {"ResourceName": arn, "TagKeys": ["a"]}
    refused("TagNotFound", 404, client.remove_tags_from_resource, **gone)
    refused("InvalidARN", 400, client.list_tags_for_resource, ResourceName="acme")
    unknown = arn.replace("acme", "nobody")
    refused("UserNotFound", 404, client.list_tags_for_resource, ResourceName=unknown)
    unknown = arn.replace("user:acme", "usergroup:nobody")
    refused("UserGroupNotFound", 404, client.list_tags_for_resource, ResourceName=unknown)

    control("PATCH", "/settings", {"latencies": {"tagging_window": MINUTE}})
    client.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "a", "Value": "b"}])
    untrue = refused("UserNotFound", 404, client.list_tags_for_resource, ResourceName=arn)
    assert untrue == "acme is not available for tagging", untrue
    settle()
    client.list_tags_for_resource(ResourceName=arn)
    control("PATCH", "/settings", {"latencies": {"tagging_window": ZERO}})
    many = [{"Key": str(number), "Value": ""} for number in range(50)]
    too_many = {"ResourceName": arn, "Tags": many}
    refused("TagQuotaPerResourceExceeded", 400, client.add_tags_to_resource, **too_many)


def lists():
    for number in range(30):
        create_user(f"page-{number:02}")
    pages = list(client.get_paginator("describe_users").paginate(PaginationConfig={"PageSize": 20}))
    assert len(pages) >= 2 and len(pages[0]["Users"]) == 20, [len(page["Users"]) for page in pages]
    ids = [found["UserId"] for page in pages for found in page["Users"]]
    assert len(ids) == len(set(ids)) and "page-29" in ids and "default" in ids, ids
    bad_value(client.describe_users, MaxRecords=19)
    bad_value(client.describe_user_groups, MaxRecords=101)
    bad_value(client.describe_users, Marker="*")
    by_name = [{"Name": "UserName", "Values": ["acme"]}]
    assert [found["UserId"] for found in client.describe_users(Filters=by_name)["Users"]] == ["acme"]
    bad_value(client.describe_users, Filters=[{"Name": "Colour", "Values": ["red"]}])
    all_day = {"SourceType": "user", "SourceIdentifier": "acme", "Duration": 14 * 24 * 60}
    messages = [event["Message"] for event in client.describe_events(**all_day)["Events"]]
    assert messages[:2] == ["User created", "User modified"], messages
    bad_combination(client.describe_events, SourceIdentifier="acme")


def faults():
    fault(operation="CreateUser", when="before", answer={"error": {"code": "InternalFailure", "status": 500}})
    refused("InternalFailure", 500, create_user, user_id="late")
    refused("UserNotFound", 404, client.describe_users, UserId="late")
    fault(operation="CreateUser", when="after")
    try:
        create_user("late")
        raise AssertionError("the answer was not lost")
    except ConnectionClosedError:
        pass
    assert user("late")["Status"] == "active"
    control("PATCH", "/settings", {"throttling": {"DescribeUsers": 0.001}})
    user("late")
    refused("Throttling", 400, client.describe_users)
    control("PATCH", "/settings", {"throttling": {"DescribeUsers": None}})
    calls = control("GET", "/calls")
    assert {call["service"] for call in calls} == {"elasticache"}
    text = json.dumps(calls) + json.dumps(control("GET", "/state"))
    assert PASSWORD not in text and "another-good-password" not in text


for topic in (users, groups, caches, nodes, tags, lists, faults):
    topic()
    print(f"{topic.__name__}: ok")
