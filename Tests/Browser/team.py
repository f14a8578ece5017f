"""The teams that are looked at: one where every text is hostile, and one as it might be."""

import json
import random
from datetime import datetime, timedelta, timezone

from checks import HOSTILE
from household import request, wait

LONG = "a-name-as-long-as-a-name-may-be-" + "x" * 32

ROLES = {"chief": "owner", "helper": "operator", "maker": "member", "reader": "auditor"}

# Where hostile text came from, for those that a page has to show to an owner.
SHOWN = ["pause", "name", "state", "failure", "request"]

_SETTINGS = """
[routing]
wait = "1s"
[gateway]
[upstream.flow]
poll-every = "200ms"
"""


def hostile(house):
    """A home whose every free text, ours and the service's, is markup; returns the gateway's address."""
    # What has a form of its own cannot be hostile, and is refused at the door.
    title = json.dumps(HOSTILE.format("title"))
    models = f'[[models]]\nid = "veo_2_1_fast_d_15_t2v"\ntitle = {title}\n'
    house.begin(
        [
            {"name": "ultra-1", "tier": "ultra", "balance": 690, "tags": ["studio"],
             "monthly-credits": 12500, "renews-on": 14, "expires-at": datetime(2099, 12, 31)},
            {"name": "pro-1", "tier": "tier-one", "balance": 700},
            {"name": "pro-2", "tier": "tier-one", "balance": 40, "reserve": 20},
            {"name": LONG, "tier": "tier-one", "balance": 900},
            {"name": "odd", "tier": "ultra", "balance": 5},
        ],
        {"jobSeconds": 3600},
        _SETTINGS + models,
    )
    for name, role in ROLES.items():
        house.member(name, "--role", role)
    house.member(LONG, "--per-day", "500", "--budget", "400", "--warn-at", "10")
    house.run("members", "set", "maker", "--per-day", "60", "--per-month", "900", "--warn-at", "50")
    house.run("members", "set", "--team", "--per-month", "20000")
    for field in (["members", "add"], ["accounts", "set", "pro-1", "--tag"], ["accounts", "set", "pro-1", "--rename"],
                  ["accounts", "set", "pro-1", "--project-id"]):
        house.run(*field, HOSTILE.format("refused"), accepts=(64, 78))

    gateway = house.open()
    for member in ("chief", "helper", "maker", LONG):
        status, answer = house.order(gateway, member, HOSTILE.format("prompt"))
        assert status == 200, answer
    # One failed with words of the service, one went well, two are under way.
    first, second, *_ = house.jobs()
    house.end(first, "FAILED", reason=HOSTILE.format("failure"))
    house.end(second)
    wait("the end of two jobs", 20, lambda: _ended(house) == 2)
    # The service names a job, and its state, as it likes.
    operation = {"operation": {"name": HOSTILE.format("name")}, "status": HOSTILE.format("state")}
    answer = json.dumps({"operations": [operation], "remainingCredits": 650})
    house.control("faults", {"kind": "answer", "status": 200, "body": answer, "on": "submit"})
    house.order(gateway, "chief", "a pier")
    # The service calls an account's activity unusual, in words of its own, and that account is paused.
    house.control("faults", {"status": 403, "reason": "PUBLIC_ERROR_UNUSUAL_ACTIVITY",
                             "message": HOSTILE.format("service"), "on": "submit"})
    house.order(gateway, "chief", "a pier")
    for name in ("pro-1", "ultra-1"):
        house.run("accounts", "resume", name)
    house.run("accounts", "pause", "pro-2", "--reason", HOSTILE.format("pause"))
    return gateway


def _ended(house):
    jobs = json.loads(house.run("jobs", "list", "--json"))
    return sum(job["state"] in ("SUCCESSFUL", "FAILED") for job in jobs.get("jobs", jobs))


def plausible(house, days=40):
    """A team of five with some weeks behind it; returns the gateway's address.

    The days go by for the program alone: faketime tells it another time of day.
    """
    chance = random.Random(5)
    today = datetime.now(timezone.utc).replace(minute=20)
    _at(house, today - timedelta(days=days))
    # What they are granted, and how many days ago that was.
    grants = {"ultra-1": (12500, 19), "ultra-2": (12500, 8), "pro-1": (1000, 25), "pro-2": (1000, 12)}
    plans = {name: (grant, (today - timedelta(days=past)).day) for name, (grant, past) in grants.items()}
    house.begin(
        [
            {"name": name, "tier": name.split("-")[0].replace("pro", "tier-one"), "balance": grant * 3 // 5,
             "monthly-credits": grant, "renews-on": day, "tags": ["studio" if name < "ultra" else "ads"],
             "max-in-flight": 80}
            for name, (grant, day) in plans.items()
        ],
        {"jobSeconds": 300},
        _SETTINGS,
    )
    members = {"mei": 4, "anna": 3, "jonas": 2, "render-farm": 5}
    house.member("wang-lei", "--role", "owner")
    house.member("mei", "--role", "operator", "--per-month", "12000")
    house.member("anna", "--per-day", "600", "--warn-at", "80")
    house.member("jonas", "--per-week", "2500")
    house.member("render-farm", "--budget", "25000")
    house.member("books", "--role", "auditor")
    house.run("members", "set", "--team", "--per-month", "36000", "--warn-at", "90")
    for past in reversed(range(1, days)):
        day = today - timedelta(days=past)
        _at(house, day)
        for name, (grant, renewal) in plans.items():
            if day.day == renewal:
                house.control(f"accounts/{name}/credits", {"set": grant})
        house.run("accounts", "refresh", accepts=(0, 1))
        for _ in range(2 if day.weekday() > 4 else 6):
            member = chance.choices(list(members), members.values())[0]
            model = chance.choices(["veo_3_1_t2v_fast", "veo_3_1_t2v", "veo_2_1_fast_d_15_t2v"], [6, 1, 3])[0]
            body = request("a door opens", model, chance.randint(1, 3) if model == "veo_3_1_t2v" else chance.randint(8, 20))
            house.run("send", house.write("request.json", json.dumps(body)), "--member", member, "--quiet",
                      accepts=(0, 80, 81, 82, 85))
        house.control("clock", {"advanceSeconds": 400})
        house.run("jobs", "check", accepts=(0, 1))
    house.before = []
    house.run("accounts", "refresh")
    house.run("accounts", "pause", "pro-2", "--reason", "plan ends, do not renew")
    gateway = house.open()
    for member in ("anna", "mei", "render-farm"):
        house.order(gateway, member, "a door opens", "veo_3_1_t2v_fast")
    return gateway


def _at(house, instant):
    house.before = ["faketime", "--exclude-monotonic", "-f", instant.strftime("@%Y-%m-%d %H:%M:%S")]
