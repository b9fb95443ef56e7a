"""Uses a tenant's cache at a steady rate until its standard input ends.

It writes one line for each version of the secret that it has come to use, and one at the end:

    {"version": "01a2001e-33c4-7e40-8f1a-e2ad052b5067"}
    {"requests": 1200, "failures": 0, "logins": 2, "versions": ["…", "…"]}
"""

import argparse
import importlib
import json
import sys
import threading
import urllib.error
import urllib.request

import boto3

from ringfence_client import SecretCredentials, TenantClient


class CountedCredentials(SecretCredentials):
    """Knows how often it was asked, and what it has last answered."""

    n_logins = 0
    used = None

    def get_credentials(self):
        login = self.current()
        self.n_logins += 1
        self.used = login.version
        return login.username, login.password


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--secret", required=True, help="such as ringfence/acme")
    parser.add_argument("--key", required=True, help="what to write, such as acme:progress")
    parser.add_argument("--library", choices=["redis", "valkey"], default="redis")
    parser.add_argument("--rate", type=float, default=10.0, help="requests in a second")
    parser.add_argument("--max-age", type=float, default=300.0, help="of the secret, in seconds")
    parser.add_argument("--patience", type=float, default=600.0, help="with a command, in seconds")
    parser.add_argument("--acknowledge", metavar="URL", help="such as http://…/tenants/acme")
    parser.add_argument("--consumer", default="example", help="the name to acknowledge with")
    return parser.parse_args()


def acknowledge(tenant_url, version, consumer):
    """Says that this consumer uses the password that a rotation has made.

    False if that has to be said again.
    """
    request = urllib.request.Request(
        f"{tenant_url}/rotations/{version}/acks",
        data=json.dumps({"consumer": consumer}).encode(),
        headers={"content-type": "application/json"},
    )
    try:
        urllib.request.urlopen(request, timeout=5).close()
    except urllib.error.HTTPError as error:
        # The first version was made by no rotation, and one that is over waits for nobody.
        return error.code in (404, 409)
    except OSError:  # No connection, or no answer in time.
        return False
    return True


def main():
    options = arguments()
    library = importlib.import_module(options.library)
    credentials = CountedCredentials(
        boto3.client("secretsmanager"), options.secret, max_age=options.max_age
    )
    client = TenantClient(library, credentials, patience=options.patience)

    stopped = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()

    client.once(lambda redis: redis.incr(f"{options.key}:runs"))
    requests, failures, versions = 0, 0, []
    while not stopped.wait(1.0 / options.rate):
        requests += 1
        value = str(requests)
        try:
            client.until_done(lambda redis: redis.set(options.key, value))
        except library.RedisError as error:
            failures += 1
            print(error, file=sys.stderr)
            continue
        # What was just done was done with the login that was made last.
        version = credentials.used
        if version in versions:
            continue
        if options.acknowledge and not acknowledge(options.acknowledge, version, options.consumer):
            continue
        versions.append(version)
        print(json.dumps({"version": version}), flush=True)
    print(
        json.dumps(
            {
                "requests": requests,
                "failures": failures,
                "logins": credentials.n_logins,
                "versions": versions,
            }
        )
    )


if __name__ == "__main__":
    main()
