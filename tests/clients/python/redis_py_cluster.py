"""What an application does with redis-py's cluster client, as a tenant that may read and write."""

import os

import redis
from redis.cluster import RedisCluster

URL = os.environ["TENANT_URL"]
PREFIX = os.environ["TENANT_PREFIX"]
FOREIGN = "ringfence-canary:greeting"


def refused(call, *arguments, **options):
    try:
        call(*arguments, **options)
    except redis.exceptions.NoPermissionError:
        return
    raise AssertionError(f"{call.__name__}{arguments} was not refused")


def use(client):
    keys = [f"{PREFIX}greeting-{number}" for number in range(100)]
    for key in keys:
        assert client.set(key, "hello", ex=60)
    slots = {client.keyslot(key) * 3 // 16384 for key in keys}
    assert slots == {0, 1, 2}, slots
    # A replica answers a moment behind its primary.
    assert all(client.get(key) in (b"hello", None) for key in keys)
    pipeline = client.pipeline()
    for key in keys:
        pipeline.get(key)
    assert len(pipeline.execute()) == len(keys)
    # What belongs together is in one slot, and can be one transaction.
    tagged = PREFIX + "{cart}:"
    with client.pipeline(transaction=True) as transaction:
        transaction.incr(tagged + "n")
        transaction.expire(tagged + "n", 60)
        assert transaction.execute()[1]
    assert sum(client.delete(key) for key in [*keys, tagged + "n"]) == len(keys) + 1
    assert client.publish(PREFIX + "news", "hello") == 0
    refused(client.get, FOREIGN)
    refused(client.set, FOREIGN, "hello")
    for node in client.get_nodes():
        refused(client.dbsize, target_nodes=node)
        refused(client.scan, target_nodes=node)
        refused(client.execute_command, "CLUSTER COUNTKEYSINSLOT", 0, target_nodes=node)


for protocol in (2, 3):
    for read_from_replicas in (False, True):
        client = RedisCluster.from_url(
            URL, protocol=protocol, read_from_replicas=read_from_replicas
        )
        assert len(client.get_nodes()) == 6, client.get_nodes()
        use(client)
        client.close()
print(f"redis-py {redis.__version__} works in a cluster")
