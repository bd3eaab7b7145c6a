"""A PostgreSQL server for tests: it listens on a socket in a temporary folder, and is gone afterwards.

    with postgres_server.running() as server:
        server.new_database("a")    # postgres://merlon@/a?host=/tmp/…

The server refuses to run as root, so that there it runs as the user `postgres` (or `nobody`).
"""

import contextlib
import glob
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time


def program(name):
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    path = found[-1] if found else shutil.which(name)
    if not path:
        sys.exit(f"no {name}: tools/setup.sh installs PostgreSQL's server")
    return path


def unprivileged():
    """Arguments of subprocess for a user that may run the server."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    sys.exit("no user that the server could run as")


class Server:
    def __init__(self, folder):
        self.folder = folder

    def url(self, database):
        return f"postgres://merlon@/{database}?host={self.folder}"

    def sql(self, text, database="postgres"):
        done = subprocess.run([program("psql"), "-X", "-q", "-At", "-h", self.folder, "-U", "merlon", "-d", database, "-c", text],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def new_database(self, name):
        self.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.sql(f'CREATE DATABASE "{name}"')
        return self.url(name)


@contextlib.contextmanager
def running(*settings):
    """`settings` are name=value, as for postgres -c."""
    folder = tempfile.mkdtemp()
    data, who = os.path.join(folder, "data"), unprivileged()
    child = None
    try:
        if who:
            os.chown(folder, who["user"], who["group"])
        # What it keeps lives no longer than the test: nothing is gained by waiting for the disk.
        subprocess.run([program("initdb"), "-D", data, "-U", "merlon", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
                       check=True, stdout=subprocess.DEVNULL, cwd=folder, **who)
        words = [program("postgres"), "-D", data, "-k", folder, "-c", "listen_addresses="]
        for setting in settings:
            words += ["-c", setting]
        with open(os.path.join(folder, "log"), "w") as log:
            child = subprocess.Popen(words, stdout=log, stderr=log, cwd=folder, **who)
        for _ in range(600):
            ready = subprocess.run([program("pg_isready"), "-q", "-h", folder], stdout=subprocess.DEVNULL)
            if ready.returncode == 0:
                break
            if child.poll() is not None:
                with open(os.path.join(folder, "log")) as log:
                    sys.exit("the server did not start:\n" + log.read())
            time.sleep(0.1)
        yield Server(folder)
    finally:
        if child:
            child.send_signal(2)  # a fast shutdown
            try:
                child.wait(timeout=30)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        shutil.rmtree(folder, ignore_errors=True)
