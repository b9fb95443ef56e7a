"""Secrets Manager through boto3: every operation, and every code it refuses with.

Expects the address of a running simulator in SIMULATOR_URL. Each test uses secrets of its own, so
the tests may share a simulator and run in any order.
"""

import json
import os
import unittest
import urllib.request
from datetime import datetime, timedelta, timezone

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL = os.environ["SIMULATOR_URL"]


def token(number):
    return f"00000000-0000-4000-8000-{number:012}"


def simulator_now():
    with urllib.request.urlopen(f"{URL}/_simulator/clock") as answer:
        return datetime.fromisoformat(json.load(answer)["now"].replace("Z", "+00:00"))


def advance(**span):
    body = json.dumps({"advance_ms": int(timedelta(**span).total_seconds() * 1000)}).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"{URL}/_simulator/clock", body, headers)
    urllib.request.urlopen(request).close()


class SecretsManagerTest(unittest.TestCase):
    def setUp(self):
        self.client = boto3.client(
            "secretsmanager",
            endpoint_url=URL,
            region_name="eu-central-1",
            aws_access_key_id="AKIAEXAMPLE",
            aws_secret_access_key="secret",
            # botocore would refuse some requests by itself; here the simulator is to refuse them.
            config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
        )
        self.name = f"boto3/{self.id().rsplit('.', 1)[-1]}"

    def create(self, name=None, value="first"):
        return self.client.create_secret(
            Name=name or self.name, SecretString=value, ClientRequestToken=token(1)
        )

    def put(self, number, value, **more):
        return self.client.put_secret_value(
            SecretId=self.name, SecretString=value, ClientRequestToken=token(number), **more
        )

    def read(self, **which):
        return self.client.get_secret_value(SecretId=self.name, **which)

    def stages(self):
        return self.client.describe_secret(SecretId=self.name)["VersionIdsToStages"]

    def assert_refused(self, code, call, *arguments, **parameters):
        with self.assertRaises(ClientError) as caught:
            call(*arguments, **parameters)
        response = caught.exception.response
        self.assertEqual(response["Error"]["Code"], code)
        self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], 400)
        return response["Error"]["Message"]

    # The operations.

    def test_a_secret_is_made_and_read(self):
        created = self.create()
        self.assertEqual(created["VersionId"], token(1))
        for secret_id in [self.name, created["ARN"], created["ARN"][:-7]]:
            read = self.client.get_secret_value(SecretId=secret_id)
            self.assertEqual(read["SecretString"], "first")
            self.assertEqual(read["VersionStages"], ["AWSCURRENT"])
            self.assertLess(abs(read["CreatedDate"] - simulator_now()), timedelta(minutes=1))

    def test_bytes_come_back_as_they_went(self):
        self.client.create_secret(Name=self.name, SecretBinary=bytes(range(256)))
        self.assertEqual(self.read()["SecretBinary"], bytes(range(256)))

    def test_a_creation_can_be_repeated(self):
        first = self.create()
        again = self.create()
        self.assertEqual((again["ARN"], again["VersionId"]), (first["ARN"], first["VersionId"]))

    def test_a_put_is_current_at_once_and_can_be_repeated(self):
        self.create()
        for _ in range(2):
            self.assertEqual(self.put(2, "second")["VersionStages"], ["AWSCURRENT"])
        self.assertEqual(self.stages(), {token(1): ["AWSPREVIOUS"], token(2): ["AWSCURRENT"]})

    def test_a_rotation_goes_through_its_stages(self):
        self.create()
        self.put(2, "second", VersionStages=["AWSPENDING"])
        self.assertEqual(self.read()["SecretString"], "first")
        self.client.update_secret_version_stage(
            SecretId=self.name,
            VersionStage="AWSCURRENT",
            MoveToVersionId=token(2),
            RemoveFromVersionId=token(1),
        )
        self.assertEqual(self.read()["SecretString"], "second")
        self.assertEqual(self.read(VersionStage="AWSPREVIOUS")["SecretString"], "first")
        self.assertEqual(
            self.stages(), {token(1): ["AWSPREVIOUS"], token(2): ["AWSCURRENT", "AWSPENDING"]}
        )

    def test_aws_rotation_is_switched_on_played_and_switched_off(self):
        self.create()
        function = "arn:aws:lambda:eu-central-1:123456789012:function:rotate"
        rules = {"ScheduleExpression": "rate(10 days)", "Duration": "2h"}
        begun = self.client.rotate_secret(
            SecretId=self.name,
            ClientRequestToken=token(2),
            RotationLambdaARN=function,
            RotationRules=rules,
        )
        self.assertEqual(begun["VersionId"], token(2))
        self.assert_refused("ResourceNotFoundException", self.read, VersionStage="AWSPENDING")
        text = self.assert_refused(
            "InvalidRequestException", self.client.rotate_secret, SecretId=self.name
        )
        self.assertIn("A previous rotation isn't complete", text)

        self.put(2, "second", VersionStages=["AWSPENDING"])
        self.client.update_secret_version_stage(
            SecretId=self.name,
            VersionStage="AWSCURRENT",
            MoveToVersionId=token(2),
            RemoveFromVersionId=token(1),
        )
        described = self.client.describe_secret(SecretId=self.name)
        self.assertTrue(described["RotationEnabled"])
        self.assertEqual(described["RotationLambdaARN"], function)
        self.assertEqual(described["RotationRules"], rules)
        self.assertEqual(described["LastRotatedDate"], described["LastChangedDate"])
        left = described["NextRotationDate"] - described["LastRotatedDate"]
        self.assertEqual(left.days, 10)

        self.client.cancel_rotate_secret(SecretId=self.name)
        self.assertFalse(self.client.describe_secret(SecretId=self.name)["RotationEnabled"])

    def test_versions_are_listed_in_pages(self):
        self.create()
        for number in range(2, 6):
            self.put(number, "later")
        labelled = self.client.list_secret_version_ids(SecretId=self.name)["Versions"]
        self.assertEqual([v["VersionId"] for v in labelled], [token(4), token(5)])
        # boto3 has no paginator for this operation.
        seen, page = [], {"NextToken": None}
        while "NextToken" in page:
            more = {"NextToken": page["NextToken"]} if page["NextToken"] else {}
            page = self.client.list_secret_version_ids(
                SecretId=self.name, IncludeDeprecated=True, MaxResults=2, **more
            )
            seen.append([version["VersionId"] for version in page["Versions"]])
        self.assertEqual(seen, [[token(1), token(2)], [token(3), token(4)], [token(5)]])

    def test_metadata_is_described_and_updated(self):
        self.client.create_secret(
            Name=self.name, Description="a cache", Tags=[{"Key": "team", "Value": "shop"}]
        )
        described = self.client.describe_secret(SecretId=self.name)
        self.assertEqual(described["Description"], "a cache")
        self.assertEqual(described["Tags"], [{"Key": "team", "Value": "shop"}])
        for absent in ["VersionIdsToStages", "LastAccessedDate", "DeletedDate"]:
            self.assertNotIn(absent, described)
        self.client.update_secret(SecretId=self.name, Description="the cache", SecretString="x")
        self.assertEqual(self.read()["SecretString"], "x")
        described = self.client.describe_secret(SecretId=self.name)
        self.assertEqual(described["Description"], "the cache")
        accessed = described["LastAccessedDate"].astimezone(timezone.utc)
        self.assertEqual((accessed.hour, accessed.minute, accessed.second), (0, 0, 0))

    def test_tags_are_put_on_and_taken_off(self):
        self.create()
        tags = [{"Key": "team", "Value": "shop"}, {"Key": "tier", "Value": "gold"}]
        self.client.tag_resource(SecretId=self.name, Tags=tags)
        self.client.untag_resource(SecretId=self.name, TagKeys=["team"])
        self.assertEqual(self.client.describe_secret(SecretId=self.name)["Tags"], tags[1:])

    def test_secrets_are_listed_filtered_and_in_pages(self):
        for letter in "abc":
            self.create(f"{self.name}/{letter}")
        pages = self.client.get_paginator("list_secrets").paginate(
            Filters=[{"Key": "name", "Values": [self.name]}],
            SortOrder="desc",
            PaginationConfig={"PageSize": 2},
        )
        names = [[secret["Name"][-1] for secret in page["SecretList"]] for page in pages]
        self.assertEqual(names, [["c", "b"], ["a"]])

    def test_a_deleted_secret_can_be_restored_until_its_window_ends(self):
        arn = self.create()["ARN"]
        deleted = self.client.delete_secret(SecretId=self.name, RecoveryWindowInDays=7)
        window = deleted["DeletionDate"] - simulator_now()
        self.assertLess(abs(window - timedelta(days=7)), timedelta(minutes=1))
        filters = [{"Key": "name", "Values": [self.name]}]
        self.assertEqual(self.client.list_secrets(Filters=filters)["SecretList"], [])
        listed = self.client.list_secrets(Filters=filters, IncludePlannedDeletion=True)
        self.assertEqual(listed["SecretList"][0]["DeletedDate"], deleted["DeletionDate"])

        self.assertEqual(self.client.restore_secret(SecretId=self.name)["ARN"], arn)
        self.assertEqual(self.read()["SecretString"], "first")
        self.client.delete_secret(SecretId=self.name, RecoveryWindowInDays=7)
        advance(days=7)
        self.assert_refused(
            "ResourceNotFoundException", self.client.restore_secret, SecretId=self.name
        )
        self.assertNotEqual(self.create()["ARN"], arn)

    def test_a_forced_deletion_frees_the_name(self):
        self.create()
        for _ in range(2):
            self.client.delete_secret(SecretId=self.name, ForceDeleteWithoutRecovery=True)
        self.create(value="second")

    def test_passwords_obey_the_exclusions(self):
        password = self.client.get_random_password(
            PasswordLength=64, ExcludeCharacters="/@\"'\\,", ExcludeNumbers=True
        )["RandomPassword"]
        self.assertEqual(len(password), 64)
        self.assertFalse(set(password) & set("/@\"'\\,0123456789"))

    # The refusals.

    def test_what_is_not_there_is_not_found(self):
        for call in [
            self.client.describe_secret,
            self.client.get_secret_value,
            self.client.list_secret_version_ids,
            self.client.delete_secret,
            self.client.restore_secret,
        ]:
            text = self.assert_refused("ResourceNotFoundException", call, SecretId=self.name)
            self.assertEqual(text, "Secrets Manager can't find the specified secret.")
        with self.assertRaises(self.client.exceptions.ResourceNotFoundException):
            self.read()
        self.client.create_secret(Name=self.name)
        text = self.assert_refused("ResourceNotFoundException", self.read)
        self.assertEqual(
            text,
            "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
        )

    def test_a_taken_name_and_a_used_token_are_conflicts(self):
        self.create()
        text = self.assert_refused("ResourceExistsException", self.client.create_secret, Name=self.name)
        self.assertEqual(
            text, f"The operation failed because the secret {self.name} already exists."
        )
        self.assert_refused("ResourceExistsException", self.create, value="other")
        self.assert_refused("ResourceExistsException", self.put, 1, "other")
        self.assert_refused(
            "ResourceExistsException",
            self.client.update_secret,
            SecretId=self.name,
            ClientRequestToken=token(1),
            SecretString="first",
        )

    def test_a_name_in_its_recovery_window_is_reserved(self):
        self.create()
        self.client.delete_secret(SecretId=self.name)
        text = self.assert_refused("InvalidRequestException", self.create)
        self.assertEqual(
            text,
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
        )
        marked = "You can't perform this operation on the secret because it was marked for deletion."
        for call, parameters in [
            (self.client.get_secret_value, {}),
            (self.client.put_secret_value, {"SecretString": "x"}),
            (self.client.update_secret, {"Description": "x"}),
            (self.client.tag_resource, {"Tags": []}),
            (self.client.untag_resource, {"TagKeys": []}),
            (self.client.delete_secret, {}),
        ]:
            text = self.assert_refused(
                "InvalidRequestException", call, SecretId=self.name, **parameters
            )
            self.assertEqual(text, marked)

    def test_moving_a_label_needs_to_know_where_it_is(self):
        self.create()
        self.put(2, "second", VersionStages=["AWSPENDING"])
        for remove_from in [{}, {"RemoveFromVersionId": token(2)}]:
            self.assert_refused(
                "InvalidParameterException",
                self.client.update_secret_version_stage,
                SecretId=self.name,
                VersionStage="AWSCURRENT",
                MoveToVersionId=token(2),
                **remove_from,
            )

    def test_deletions_have_rules(self):
        self.create()
        for parameters in [
            {"RecoveryWindowInDays": 6},
            {"RecoveryWindowInDays": 31},
            {"RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": True},
        ]:
            self.assert_refused(
                "InvalidParameterException",
                self.client.delete_secret,
                SecretId=self.name,
                **parameters,
            )

    def test_too_many_versions_are_refused_until_old_ones_may_go(self):
        self.create()
        for number in range(2, 101):
            self.put(number, "later")
        self.assert_refused("LimitExceededException", self.put, 101, "last")
        advance(days=1)
        self.put(101, "last")

    def test_a_page_token_must_come_from_the_same_list(self):
        self.assert_refused(
            "InvalidNextTokenException", self.client.list_secrets, NextToken="nonsense"
        )

    def test_values_outside_their_bounds_are_refused(self):
        for call, parameters in [
            (self.client.create_secret, {"Name": "with space"}),
            (self.client.create_secret, {"Name": ""}),
            (self.client.create_secret, {"Name": "x" * 513}),
            (self.client.create_secret, {"Name": self.name, "SecretString": "x" * 65537}),
            (self.client.create_secret, {"Name": self.name, "ClientRequestToken": "short"}),
            (self.client.create_secret, {}),
            (self.client.describe_secret, {}),
            (self.client.list_secrets, {"MaxResults": 101}),
            (self.client.list_secrets, {"Filters": [{"Key": "colour", "Values": ["red"]}]}),
            (self.client.get_random_password, {"PasswordLength": 4097}),
        ]:
            self.assert_refused("ValidationException", call, **parameters)

    def test_contradictory_parameters_are_refused(self):
        self.create()
        self.assert_refused(
            "InvalidRequestException", self.client.put_secret_value, SecretId=self.name
        )
        self.assert_refused(
            "InvalidRequestException",
            self.read,
            VersionId=token(1),
            VersionStage="AWSPREVIOUS",
        )
        self.assert_refused(
            "InvalidParameterException",
            self.client.put_secret_value,
            SecretId=self.name,
            SecretString="x",
            SecretBinary=b"x",
        )
        self.assert_refused(
            "InvalidParameterException", self.client.get_random_password, PasswordLength=3
        )

    def test_a_secret_without_a_function_is_not_rotated(self):
        self.create()
        for call in [self.client.rotate_secret, self.client.cancel_rotate_secret]:
            self.assert_refused("InvalidRequestException", call, SecretId=self.name)

    def test_operations_that_are_not_there_are_unknown(self):
        self.create()
        self.assert_refused(
            "UnknownOperationException", self.client.get_resource_policy, SecretId=self.name
        )


if __name__ == "__main__":
    unittest.main()
