"""Looks at the gateway's page with a real browser. `Scripts/browse` says what for."""

import argparse
import sys
import time
from pathlib import Path
from urllib.parse import quote

import checks
import pictures
import team
import walks
from household import Household
from playwright.sync_api import sync_playwright

LANGUAGES = ["en", "zh-CN"]
PATHS = {"overview": "/", "spend": "/page/spend", "jobs": "/page/jobs", "members": "/page/members",
         "route": "/page/route", "audit": "/page/audit"}
CLOSED = {"owner": [], "operator": ["audit"], "member": ["route", "audit"], "auditor": []}
ASK = {"confirm": "/page/accounts/ultra-1/pause", "rotate": "/page/accounts/ultra-1/rotate"}


class Look:
    """A run: the browser, what it looks at, and what was found."""

    def __init__(self, browser, house, gateway, output):
        self.browser, self.house, self.gateway, self.output = browser, house, gateway, output
        self.cookies, self.findings, self.seen, self.pages = {}, [], set(), 0

    def page(self, role=None, language="en", width=checks.DESKTOP, **options):
        """A new page of a browser of its own, signed in as a member of that role where one is told."""
        context = self.browser.new_context(
            viewport=width, locale=language, ignore_https_errors=True, reduced_motion="reduce", **options
        )
        context.set_default_timeout(10_000)
        if role:
            context.add_cookies(self.cookies[role])
        page = context.new_page()
        page.watch = checks.Watch(context, self.gateway)
        return page

    def sign_in(self, page, member):
        """Fills in the form with a member's key."""
        page.goto(f"{self.gateway}/page/sign-in")
        page.fill("input[name=key]", self.house.keys[member])
        page.locator("main button[type=submit]").click()
        page.wait_for_url(f"{self.gateway}/")

    def note(self, where, findings):
        """Keeps what was found."""
        self.findings += [f"{where}: {finding}" for finding in findings]

    def expect(self, where, holds, what):
        """One claim."""
        if not holds:
            self.note(where, [what])

    def check(self, page, where, language="en", thoroughly=True):
        """Everything that has to hold of the page as it stands."""
        self.pages += 1
        findings = page.watch.take() + checks.markup(page) + checks.sideways(page)
        findings += checks.structure(page, language)
        if thoroughly:
            findings += checks.axe(page)
        self.note(where, findings)
        text = page.evaluate(
            "() => document.body.textContent + [...document.querySelectorAll('input, textarea')].map(it => it.value)"
        )
        self.seen |= {place for place in team.SHOWN if f"hostile-{place}\"" in text}

    def picture(self, page, *name):
        """Keeps what it looks like."""
        page.screenshot(path=self.output / f"{'-'.join(name)}.png", full_page=True)


def control(browser):
    """Each check finds what it is for, on a page that does everything wrong."""
    context = browser.new_context(viewport=checks.PHONE)
    watch = checks.Watch(context, "http://page.invalid")
    page = context.new_page()
    policy = {"Content-Security-Policy": "script-src 'none'; img-src 'none'", "Content-Type": "text/html"}
    body = """<html><style>* { outline: none } p { width: 50em; color: #ccc }</style>
        <p>pale</p><img class=hostile src=http://other.invalid/><script>alert(1)</script>
        <a href=/x>one</a><div tabindex=0></div><a tabindex=1 href=/y onfocus="this.blur()">two</a>"""
    context.route("http://page.invalid/**", lambda route: route.fulfill(body=body, headers=policy))
    page.goto("http://page.invalid/")
    page.evaluate("() => document.querySelector('div').addEventListener('focus', event => event.target.blur())")
    page.evaluate("() => { setTimeout(() => alert('a dialog'), 0) }")
    page.wait_for_timeout(50)
    heard = " ".join(watch.take())
    found = {
        "console": "console:" in heard, "policy": "content policy: script-src" in heard, "dialog": "a dialog" in heard,
        "others": "somebody else" in heard, "markup": checks.markup(page), "sideways": checks.sideways(page),
        "axe": any("color-contrast" in finding for finding in checks.axe(page)),
        "structure": checks.structure(page, "en"),
    }
    focus = " ".join(checks.keyboard(page))
    found |= {"focus": "cannot be seen" in focus, "Tab": "does not reach" in focus}
    context.close()
    missed = [name for name, finding in found.items() if not finding]
    if missed:
        raise SystemExit(f"purser: error: the control was not noticed by: {', '.join(missed)}")


def signed_out(look):
    """Who is not signed in sees the form and nothing else."""
    for language in LANGUAGES:
        page = look.page(None, language)
        for name, path in PATHS.items():
            page.goto(look.gateway + path)
            look.expect(f"signed out, {name}", "/page/sign-in" in page.url, "no form to sign in")
        every_look(look, page, "sign-in", "signed-out", language)
        look.note(f"signed out, {language}", checks.keyboard(page))
        page.context.close()


def every_role(look):
    """Every page that a role may see, and the word on those that it may not."""
    for member, role in team.ROLES.items():
        page = look.page()
        look.sign_in(page, member)
        look.cookies[role] = page.context.cookies()
        page.context.close()
        for language in LANGUAGES:
            page = look.page(role, language)
            open_pages = {name: path for name, path in PATHS.items() if name not in CLOSED[role]}
            if role in ("owner", "operator"):
                open_pages |= ASK
            for name, path in open_pages.items():
                answer = page.goto(look.gateway + path)
                look.expect(f"{role}, {name}", answer.status == 200, f"answers {answer.status}")
                every_look(look, page, name, role, language)
            links = page.eval_on_selector_all("nav a", "links => links.map(it => it.getAttribute('href'))")
            wanted = [path for name, path in PATHS.items() if name not in CLOSED[role]]
            look.expect(role, sorted(links) == sorted(wanted), f"navigation has {links}")
            page.watch.refused = True
            for name in [*CLOSED[role], *(ASK if role not in ("owner", "operator") else [])]:
                answer = page.goto(look.gateway + (PATHS | ASK)[name])
                look.expect(f"{role}, {name}", answer.status == 403, f"answers {answer.status}")
                look.check(page, f"{role}, closed {name}, {language}", language, thoroughly=False)
            page.context.close()


def every_look(look, page, name, role, language):
    """One page in both widths. An owner's and a stranger's in both schemes, the others' light or dark by language."""
    fully = role in ("owner", "signed-out")
    for scheme in ("light", "dark") if fully else ("light",) if language == "en" else ("dark",):
        page.emulate_media(color_scheme=scheme)
        for width, size in (("desktop", checks.DESKTOP), ("phone", checks.PHONE)):
            page.set_viewport_size(size)
            # What axe-core finds depends little on the language: each scheme and width has its turn.
            thoroughly = (scheme == "light") == ((width == "desktop") == (language == "en")) if fully else width == "desktop"
            look.check(page, f"{role}, {name}, {language}, {scheme}, {width}", language, thoroughly)
            if fully or language == "en":
                look.picture(page, name, role, language, width, scheme)
    page.set_viewport_size(checks.DESKTOP)
    page.emulate_media(color_scheme="light")


def hostile_addresses(look):
    """Markup in what is asked for: paths, queries and forms."""
    page = look.page("owner")
    page.watch.refused = True
    text = quote(checks.HOSTILE.format("address"), safe="")
    for path in (
        f"/?x={text}", f"/page/{text}", f"/page/accounts/{text}/pause", f"/page/spend?from={text}&to={text}&by={text}",
        f"/page/jobs?cursor={text}&open={text}", f"/page/audit?verb={text}&actor={text}", f"/page/audit?cursor={text}",
        f"/page/audit?from={text}",
    ):
        page.goto(look.gateway + path)
        look.check(page, path[:40], thoroughly=False)
    page.goto(f"{look.gateway}/page/route")
    for text in (checks.HOSTILE.format("request"), '{"requests": [{"videoModelKey": "<img class=hostile>"}]}'):
        page.fill("textarea", text)
        page.fill("input[name=member]", checks.HOSTILE.format("member")[:64])
        page.locator("main button[type=submit]").click()
        look.check(page, "route, a hostile request", thoroughly=False)
    page.context.close()
    page = look.page()
    page.goto(f"{look.gateway}/page/sign-in?next={text}")
    page.watch.refused = True
    page.fill("input[name=key]", checks.HOSTILE.format("key"))
    page.locator("main button[type=submit]").click()
    look.check(page, "sign-in, a hostile key")
    look.expect("sign-in", "hostile-key" not in page.content(), "a wrong key is shown again")
    page.context.close()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("chromium")
    options.add_argument("output", type=Path)
    options.add_argument("--pictures", type=Path, metavar="FOLDER")
    options.add_argument("--demo", action="store_true")
    told = options.parse_args()
    told.output.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    # Chromium's own sandbox needs user namespaces that root has not; it loads nothing but what these tests serve.
    flags = ["--no-sandbox"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=told.chromium, args=flags)
        with Household(told.program) as house:
            if told.pictures:
                return pictures.take(browser, house, told.pictures)
            control(browser)
            look = Look(browser, house, team.hostile(house), told.output)
            steps = [signed_out, every_role, hostile_addresses, *walks.ALL]
            for step in steps:
                begun = time.monotonic()
                step(look)
                print(f"purser: {time.monotonic() - begun:5.1f} s  {step.__doc__.splitlines()[0]}", file=sys.stderr)
            for place in set(team.SHOWN) - look.seen:
                look.note("hostile text", [f"the text from {place} is on no page: nothing was tried"])
        browser.close()
    for finding in look.findings:
        print(f"purser: error: {finding}", file=sys.stderr)
    print(
        f"purser: {look.pages} looks at the page in {time.monotonic() - started:.0f} s, {len(look.findings)} findings;"
        f" pictures in {told.output}",
        file=sys.stderr,
    )
    sys.exit(bool(look.findings))


main()
