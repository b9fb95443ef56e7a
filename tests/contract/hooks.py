"""What the API document cannot say about requests: which of the well-formed names there are."""

import json

import schemathesis
from hypothesis import strategies
from schemathesis.generation import GenerationMode

# Which caches there are is the operator's matter, and so are profiles beside the built-in ones.
schemathesis.openapi.format("cache-name", strategies.just("main"))
schemathesis.openapi.format(
    "profile-name", strategies.sampled_from(["read-write", "read-only", "queue", "cache", "pubsub"])
)

# The grammar of access strings is the engines' own.
schemathesis.openapi.format(
    "access-string",
    strategies.sampled_from(
        [
            "on ~acme:* resetchannels -@all +@read",
            "on ~* &* +@all",
            "off ~acme-* (+get %R~globex:*) -@dangerous",
            "on clearselectors resetkeys resetchannels -@all +client|id",
        ]
    ),
)

# A top-level domain that is never resolved (RFC 6761): the test must not reach anybody.
schemathesis.openapi.format(
    "uri", strategies.from_regex(r"https://[a-z]{1,20}\.invalid/[a-z0-9/]{0,30}", fullmatch=True)
)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Leaves out what is right by itself and not with the rest of the request, and reaches nobody."""
    if isinstance(case.body, dict) and isinstance(case.body.get("url"), str):
        # As the document's examples have it.
        case.body["url"] = case.body["url"].replace("example.com", "example.invalid")
    mode = case.meta.generation.mode if case.meta else None
    if mode is not GenerationMode.POSITIVE:
        return
    if case.query:
        # It belongs to a list with the same filters.
        case.query.pop("page_token", None)
    if case.operation.label in ("POST /tenants", "POST /services") and isinstance(case.body, dict):
        # The one cache that there is runs one engine and does not let users in by IAM.
        if case.body.keys() & {"engine", "auth"}:
            case.body.pop("cache", None)
        if case.body.get("users"):
            # Each has a name of its own.
            case.body["users"] = list({user["name"]: user for user in case.body["users"]}.values())
    if case.operation.label in ("POST /rotations", "POST /tenants/{name}/rotations"):
        agree(case.body)


def agree(rotation):
    """Leaves out of the terms of a rotation what belongs to another mode or gate, and tenants that nobody has."""
    if rotation.get("mode") == "emergency":
        for member in ("grace_seconds", "retire_when", "expected_consumers"):
            rotation.pop(member, None)
        rotation.setdefault("reason", "leaked")
    elif (rotation.get("retire_when") == "acks") != bool(rotation.get("expected_consumers")):
        rotation.pop("retire_when", None)
    rotation.get("selector", {}).pop("tenants", None)


@schemathesis.deserializer("application/x-ndjson")
def first_line(context, response):
    """The document describes one line."""
    lines = response.text.splitlines()
    return json.loads(lines[0]) if lines else None


@schemathesis.deserializer("application/openmetrics-text", "text/plain")
def whole_text(context, response):
    return response.text
