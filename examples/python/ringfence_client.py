"""A tenant's client that goes on while its password is replaced.

To be copied. It needs boto3, and redis-py or valkey-py, which have the same interface:

    secrets_manager = boto3.client("secretsmanager")
    client = TenantClient(redis, SecretCredentials(secrets_manager, "ringfence/acme"))
    client.until_done(lambda redis: redis.set("acme:plan", "gold"))
    client.once(lambda redis: redis.incr("acme:visits"))
"""

import json
import logging
import random
import threading
import time
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Login:
    """What AWSCURRENT holds."""

    version: str  # of the secret; if a rotation made it, this is the rotation's id
    username: str
    password: str = field(repr=False)
    host: str
    port: int
    tls: bool


class SecretCredentials:
    """Reads a tenant's secret, and keeps it for a while.

    It is a `CredentialProvider` of redis-py: it is asked for each login. It must be told when one was
    refused. AWSPREVIOUS is never tried: while it is of use the password of AWSCURRENT works as well,
    and later it is the password that was taken away.
    """

    def __init__(self, secrets_manager, secret_id, max_age=300.0):
        self._secrets_manager = secrets_manager
        self._secret_id = secret_id
        self._max_age = max_age
        self._lock = threading.Lock()
        self._login = None
        self._fresh_until = 0.0

    def get_credentials(self):
        """User name and password, for `AUTH`."""
        login = self.current()
        return login.username, login.password

    def current(self):
        """The login, at most `max_age` seconds old."""
        with self._lock:
            if self._login is None or time.monotonic() >= self._fresh_until:
                self._read()
            return self._login

    def refused(self):
        """A login was refused, so that what is kept is not to be trusted any more."""
        with self._lock:
            self._fresh_until = 0.0

    def _read(self):
        try:
            # Without a version or a stage, the answer is AWSCURRENT.
            answer = self._secrets_manager.get_secret_value(SecretId=self._secret_id)
        except (BotoCoreError, ClientError) as error:
            if self._login is None:
                raise
            # The old password works throughout the grace: better late than not at all.
            log.warning("cannot read %s, going on with what is known: %s", self._secret_id, error)
        else:
            secret = json.loads(answer["SecretString"])
            # Not `url`: a rotation by another tool leaves the old password in it.
            self._login = Login(
                version=answer["VersionId"],
                username=secret["username"],
                password=secret["password"],
                host=secret["host"],
                port=secret["port"],
                tls=secret["tls"],
            )
        self._fresh_until = time.monotonic() + self._max_age


class TenantClient:
    """Runs commands, and does not mind refused logins and lost connections for `patience` seconds.

    `library` is the module `redis` or `valkey`; further options go to its client. Safe to be shared
    by threads, as their clients are.
    """

    def __init__(self, library, credentials, patience=60.0, **options):
        self._credentials = credentials
        self._patience = patience
        login = credentials.current()
        host = f"[{login.host}]" if ":" in login.host else login.host
        self._version = login.version
        self._client = library.from_url(
            f"{'rediss' if login.tls else 'redis'}://{host}:{login.port}",
            credential_provider=credentials,
            # The library's own retries know nothing of the secret, and redis-py sends a command
            # several times again, whatever it is.
            retry=library.retry.Retry(library.backoff.NoBackoff(), 0),
            **{"socket_timeout": 5.0, "socket_connect_timeout": 5.0, **options},
        )
        self._refused = library.exceptions.AuthenticationError
        self._lost = (library.exceptions.ConnectionError, library.exceptions.TimeoutError)

    def until_done(self, command):
        """Runs a command that can be done twice with the same result (SET, GET, DEL, EXPIRE …).

        When a connection is lost nobody knows whether the command was done, so it is sent again.
        """
        return self._run(command, is_idempotent=True)

    def once(self, command):
        """Runs a command that must not be done twice (INCR, LPUSH …).

        It is sent once. That a login is refused before it was sent is no reason to give up; that the
        connection is lost afterwards is told to the caller, who alone can find out what became of it.
        """
        return self._run(command, is_idempotent=False)

    def _run(self, command, is_idempotent):
        give_up_at = time.monotonic() + self._patience
        for pause in pauses():
            self._leave_older_logins()
            try:
                return command(self._client)
            # In both libraries this is a kind of ConnectionError, and has to come first.
            except self._refused:
                self._credentials.refused()
                if time.monotonic() + pause > give_up_at:
                    raise
            except self._lost:
                if not is_idempotent or time.monotonic() + pause > give_up_at:
                    raise
            time.sleep(pause)

    def _leave_older_logins(self):
        """Closes idle connections that have logged in with an older password.

        They would go on working. Without them it can be seen from outside that the old password is
        not used any more. Nothing is risked: AWSCURRENT moves after a login with it has succeeded.
        """
        version = self._credentials.current().version
        if version != self._version:
            self._version = version
            self._client.connection_pool.disconnect(inuse_connections=False)


def pauses():
    """Seconds to wait before each further try: none, because what was read anew mostly helps, then
    up to 0.1, 0.2, 0.4 … 5, by chance, so that not all clients come back at once."""
    yield 0.0
    limit = 0.1
    while True:
        yield random.uniform(0.0, limit)
        limit = min(2 * limit, 5.0)
