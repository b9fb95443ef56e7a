"""What an application does with redis-py, or with its fork valkey-py, as each of some tenants.

The library is named on the command line, the tenants are in a variable: see tests/it/clients/.
"""

import importlib
import json
import os
import sys
import uuid

library = importlib.import_module(sys.argv[1])
NAME = {"redis": "redis-py", "valkey": "valkey-py"}[sys.argv[1]]


def connect(url, protocol, **tls):
    return library.from_url(
        url,
        protocol=protocol,
        client_name="application",
        health_check_interval=30,
        **tls,
    )


def refused(call, *arguments):
    try:
        call(*arguments)
    except library.exceptions.NoPermissionError:
        return
    raise AssertionError(f"{call.__name__}{arguments} was not refused")


def keys(client, prefix, may):
    own, counter = prefix + "greeting", prefix + "counter"
    if "SET" not in may:
        refused(client.set, own, "hello")
        return
    assert client.set(own, "hello", ex=60)
    assert client.get(own) == b"hello"
    pipeline = client.pipeline(transaction=False).get(own).ttl(own)
    assert pipeline.execute()[0] == b"hello"
    # A pipeline is a transaction unless told otherwise: MULTI, the commands, EXEC.
    assert client.pipeline().incr(counter).expire(counter, 60).execute() == [1, True]
    # All or nothing: what is refused takes what is allowed with it.
    refused(client.pipeline().incr(counter).set("0:greeting", "hello").execute)
    assert client.get(counter) == b"1"
    assert client.delete(own, counter) == 2


def queue(client, prefix):
    assert client.rpush(prefix + "jobs", "sweep") == 1
    assert client.blpop([prefix + "jobs"], timeout=5) in (
        (prefix.encode() + b"jobs", b"sweep"),
        [prefix.encode() + b"jobs", b"sweep"],
    )


def channels(client, prefix, may):
    if "PUBLISH" not in may:
        refused(client.publish, prefix + "news", "hello")
        return
    hears = client.pubsub()
    hears.subscribe(prefix + "news")
    assert hears.get_message(timeout=5)["type"] == "subscribe"
    assert client.publish(prefix + "news", "hello") == 1
    assert hears.get_message(timeout=5)["data"] == b"hello"
    hears.subscribe("0:news")
    refused(hears.get_message, False, 5)
    hears.close()


def fence(client):
    refused(client.get, "0:greeting")
    refused(client.publish, "0:news", "hello")
    refused(client.scan)
    refused(client.dbsize)
    refused(client.flushall)
    assert client.ping()


def lose_connection(client):
    try:
        client.echo(f"hang up {uuid.uuid4()}")
    except library.exceptions.ConnectionError:
        # Without retries the client says so; its next command connects anew.
        pass
    assert client.ping()


for tenant in json.loads(os.environ["TENANTS"]):
    prefix, may = tenant["prefix"], tenant["may"]
    tls = {"ssl_ca_certs": tenant["ca"]} if tenant["ca"] else {}
    for protocol in (2, 3):
        client = connect(tenant["url"], protocol, **tls)
        client.echo(f"connected: {NAME}, RESP{protocol}")
        if "GET" in may:
            assert client.get(prefix + "nothing") is None
        keys(client, prefix, may)
        if "BLPOP" in may:
            queue(client, prefix)
        channels(client, prefix, may)
        fence(client)
        lose_connection(client)
        client.close()
