"""What an application does with redis-py, as a tenant with the profile that is named."""

import os

import redis

URL = os.environ["TENANT_URL"]
PREFIX = os.environ["TENANT_PREFIX"]
PROFILE = os.environ["TENANT_PROFILE"]

WRITES = PROFILE in ("read-write", "queue", "cache", "scripting")
READS = WRITES or PROFILE == "read-only"
TALKS = PROFILE in ("read-write", "pubsub", "scripting")
SCRIPTS = PROFILE == "scripting"


def refused(call, *arguments):
    try:
        call(*arguments)
    except redis.exceptions.NoPermissionError:
        return
    raise AssertionError(f"{call}{arguments} was not refused")


def use(client):
    assert client.ping()
    own, foreign = PREFIX + "greeting", "0:greeting"
    if WRITES:
        assert client.set(own, "hello", ex=60)
        assert client.get(own) == b"hello"
        # A pipeline is a transaction unless told otherwise: MULTI, the commands, EXEC.
        answers = client.pipeline().incr(PREFIX + "n").expire(PREFIX + "n", 60).execute()
        assert answers[1], answers
        assert client.delete(own, PREFIX + "n") == 2
    elif READS:
        assert client.get(own) is None
        refused(client.set, own, "hello")
    else:
        refused(client.get, own)
    if TALKS:
        hears = client.pubsub()
        hears.subscribe(PREFIX + "news")
        assert hears.get_message(timeout=5)["type"] == "subscribe"
        assert client.publish(PREFIX + "news", "hello") == 1
        assert hears.get_message(timeout=5)["data"] == b"hello"
        hears.close()
    else:
        refused(client.publish, PREFIX + "news", "hello")
    if SCRIPTS:
        # EVALSHA, and SCRIPT LOAD when the server does not know it yet.
        counted = client.register_script("return redis.call('INCR', KEYS[1])")
        assert counted(keys=[PREFIX + "counted"]) == 1
        assert client.delete(PREFIX + "counted") == 1
        with client.lock(PREFIX + "lock", timeout=60):
            assert client.exists(PREFIX + "lock") == 1
        refused(counted, [foreign])
    else:
        refused(client.eval, "return 1", 0)
    refused(client.get, foreign)
    refused(client.publish, "0:news", "hello")
    refused(client.scan)
    refused(client.dbsize)
    refused(client.flushall)


for protocol in (2, 3):
    client = redis.Redis.from_url(
        URL, protocol=protocol, client_name="application", health_check_interval=1
    )
    use(client)
    client.close()
print(f"redis-py {redis.__version__} works as {PROFILE}")
