"""A home, the sandbox and the gateway: real processes in a folder of their own."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path


class Household:
    """One team with everything it has running. Leaves nothing behind."""

    def __init__(self, program):
        self.program = program
        self.folder = Path(tempfile.mkdtemp(prefix="purser-browse-"))
        self.servers = []
        self.keys = {}
        self.before = []  # words before those of a command: one that tells it another day
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("PURSER_")
        } | {
            "PURSER_HOME": str(self.folder / "home"),
            "PURSER_CONFIG": str(self.folder / "accounts.toml"),
            "PURSER_LOG_LEVEL": "error",
            "XDG_STATE_HOME": str(self.folder / "state"),
            "NO_COLOR": "1",
            "TZ": "UTC",
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.terminate()
        for server in self.servers:
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    # Files and commands

    def write(self, name, text):
        """Writes a file that only its owner may read, and returns its path."""
        path = self.folder / name
        path.touch(0o600)
        path.write_text(text)
        return str(path)

    def run(self, *words, accepts=(0,)):
        """Runs one command and returns what it printed."""
        done = subprocess.run(
            [*self.before, self.program, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        if done.returncode not in accepts:
            raise RuntimeError(f"purser {' '.join(words)}: {done.returncode}\n{done.stderr}")
        return done.stdout

    def serve(self, *words):
        """Starts a server, and returns the address on which it says that it listens."""
        name = f"server-{len(self.servers)}"
        with open(self.folder / f"{name}.log", "w") as log:
            server = subprocess.Popen(
                [self.program, *words, "--json"],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.servers.append(server)
        told = ""
        while line := server.stdout.readline():
            told += line
            try:
                return json.loads(told)["url"]
            except json.JSONDecodeError:
                pass  # the result is printed over several lines
        raise RuntimeError((self.folder / f"{name}.log").read_text())

    # The parts of a team

    def begin(self, accounts, scenario=None, settings=""):
        """Starts the sandbox and makes a home with these accounts: tables of a configuration's [[accounts]]."""
        tiers = {"ultra": "PAYGATE_TIER_TWO", "tier-one": "PAYGATE_TIER_ONE"}
        told = [
            {
                "label": account["name"],
                "token": f"sandbox-{account['name']}",
                "tier": tiers.get(account["tier"], "PAYGATE_TIER_NOT_PAID"),
                "credits": account.pop("balance"),
                "maxJobs": account.get("max-in-flight", 4),
            }
            for account in accounts
        ]
        plan = json.dumps({"accounts": told, **(scenario or {})})
        self.sandbox = self.serve(
            "sandbox", "--port", "0", "--scenario", self.write("scenario.json", plan)
        )
        self.environment["PURSER_FLOW_BASE_URL"] = self.sandbox
        tables = []
        for account in accounts:
            file = self.write(account["name"], f"sandbox-{account['name']}")
            fields = account | {"token-file": file}
            lines = [f"{key} = {_toml(value)}" for key, value in fields.items()]
            tables.append("\n".join(["[[accounts]]", *lines]))
        config = self.write("accounts.toml", settings + "\n" + "\n".join(tables) + "\n")
        key = str(self.folder / "key")
        passphrase = self.write("passphrase", "a passphrase for nothing\n")
        self.run(
            "init", "--quiet", "--config", config, "--passphrase-file", passphrase, "--key-file", key
        )
        self.environment["PURSER_KEY_FILE"] = key

    def member(self, name, *options):
        """Adds a member and keeps the key."""
        self.keys[name] = json.loads(self.run("members", "add", name, *options, "--json"))["key"]

    def open(self, certificate=False):
        """Starts the gateway, with TLS under a certificate of its own where told, and returns its address."""
        words = ["serve", "--port", "0"]
        if certificate:
            config = Path(self.environment["PURSER_CONFIG"])
            config.write_text(
                config.read_text().replace("[gateway]\n", "[gateway]\n" + self._certified())
            )
        return self.serve(*words).replace("0.0.0.0", "127.0.0.1")

    def _certified(self):
        certificate, key = self.folder / "page.pem", self.folder / "page.key"
        subprocess.run(
            ["/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
             "-keyout", str(key), "-out", str(certificate)],
            check=True,
            capture_output=True,
        )
        key.chmod(0o600)
        return f'tls-certificate = "{certificate}"\ntls-key = "{key}"\n'

    # Calls

    def control(self, path, body=None):
        """A control call of the sandbox; returns its state, or what was asked for."""
        return _call(f"{self.sandbox}/sandbox/{path}", body)[1]

    def order(self, gateway, member, prompt, model="veo_2_1_fast_d_15_t2v"):
        """One video in a member's name, through the gateway; returns the status and the answer."""
        headers = {"Authorization": f"Bearer {self.keys[member]}"}
        return _call(f"{gateway}/v1/video:batchAsyncGenerateVideoText", request(prompt, model), headers)

    def jobs(self, ended=False):
        """The names of the jobs that the sandbox has under way, or that ended."""
        last = {"SUCCESSFUL", "FAILED", "CANCELED", "FILTERED"}
        return [
            job["name"] for job in self.control("state")["jobs"] if (job["state"] in last) == ended
        ]

    def end(self, job, state="SUCCESSFUL", **fields):
        """Ends a job at the service, for good."""
        self.control(f"jobs/{job}/state", {"state": state, **fields})


def request(prompt, model="veo_2_1_fast_d_15_t2v", videos=1):
    """The body of a request, as the service takes it."""
    element = {
        "aspectRatio": "VIDEO_ASPECT_RATIO_LANDSCAPE",
        "seed": 1,
        "textInput": {"prompt": prompt},
        "videoModelKey": model,
        "metadata": {"sceneId": prompt},
    }
    context = {"tool": "PINHOLE", "userPaygateTier": "PAYGATE_TIER_ONE"}
    return {"clientContext": context, "requests": [element] * videos}


def _toml(value):
    # A basic string of TOML is one of JSON; numbers and lists of strings are the same in both.
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else json.dumps(value)


def _call(address, body=None, headers=None):
    call = urllib.request.Request(
        address,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **(headers or {})},
    )
    try:
        with urllib.request.urlopen(call, timeout=30) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        text = error.read().decode()
        return error.code, json.loads(text) if text.startswith("{") else text


def wait(what, seconds, check):
    """Until `check()` holds; an error that says what was waited for."""
    end = time.monotonic() + seconds
    while not (value := check()):
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not within {seconds} s")
        time.sleep(0.05)
    return value
