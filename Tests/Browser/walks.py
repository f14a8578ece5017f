"""What people do on the page: follow a job, act on an account, go by keyboard, without scripts, over TLS."""

import checks
from household import wait


def live(look):
    """A job ends, and the page says so by itself."""
    status, _ = look.house.order(look.gateway, "chief", "a tide table")
    job = look.house.jobs()[-1]
    page = look.page("owner")
    page.goto(f"{look.gateway}/page/jobs")
    page.evaluate("() => { window.isTheSame = true }")
    box = page.locator("[data-live] [tabindex='0']").first
    box.focus()
    row = page.locator("tr", has_text=job)
    look.expect("live", status == 200 and row.count() == 1, f"the job {job} is not in the list")
    before = row.inner_text()
    look.house.end(job)
    try:
        page.wait_for_function(
            "([job, before]) => [...document.querySelectorAll('tr')].some(row =>"
            " row.innerText.includes(job) && row.innerText !== before && row.querySelector('.state.good'))",
            arg=[job, before],
        )
    except Exception:
        look.note("live", [f"ten seconds after its end the job still reads {row.inner_text()!r}"])
    look.expect("live", page.evaluate("() => window.isTheSame"), "the page was loaded again")
    focused = page.evaluate("() => document.activeElement.matches('[data-live] *')")
    look.expect("live", focused, "the focus was lost when the list changed")
    look.check(page, "live")
    page.context.close()


def keyboard(look):
    """The Tab key reaches everything on every page, and one sees where it is."""
    page = look.page("owner")
    for path in ("/", "/page/spend", "/page/jobs", "/page/members", "/page/route", "/page/audit",
                 "/page/accounts/ultra-1/rotate"):
        page.goto(look.gateway + path)
        look.note(f"keyboard, {path}", checks.keyboard(page))
        # As narrow as a page that was made four times as large.
        page.set_viewport_size({"width": 320, "height": 640})
        look.note(f"320 pixels, {path}", checks.sideways(page))
        page.set_viewport_size(checks.DESKTOP)
    page.goto(look.gateway)
    page.keyboard.press("Tab")
    first = page.evaluate("() => document.activeElement.className")
    look.expect("keyboard", first == "skip", "the first stop is not the way past the navigation")
    page.keyboard.press("Enter")
    at = page.evaluate("() => document.activeElement.id")
    look.expect("keyboard", at == "main", f"the way past the navigation leads to {at!r}")
    page.context.close()


def without_scripts(look):
    """Without scripts all of it works: signing in, looking, acting, signing out."""
    page = look.page(java_script_enabled=False)
    look.sign_in(page, "chief")
    for path in ("/page/spend", "/page/jobs", "/page/members", "/page/audit"):
        answer = page.goto(look.gateway + path)
        look.expect(f"no scripts, {path}", answer.status == 200, f"answers {answer.status}")
    act(look, page, "no scripts")
    page.goto(f"{look.gateway}/page/route")
    page.fill("textarea", '{"requests": [{"textInput": {"prompt": "a"}, "videoModelKey": "veo_3_1_t2v_fast"}]}')
    page.locator("main button[type=submit]").click()
    look.expect("no scripts, route", page.locator("main table").count() == 1, "a request is not explained")
    sign_out(look, page, "no scripts")
    page.context.close()


def acting(look):
    """Pause and resume, refresh and rotate an account, each after a question."""
    page = look.page("owner")
    act(look, page, "scripts")
    page.goto(f"{look.gateway}/page/accounts/ultra-1/refresh")
    page.locator("main button[type=submit]").click()
    look.expect("refresh", page.locator(".notice:not(.failed)").count() == 1, page.locator("main").inner_text())
    look.check(page, "refresh")
    for token, works in (("no-such-token", False), ("a-fresh-token", True)):
        look.house.control("accounts/ultra-1/token", {"token": "a-fresh-token", "keepOld": True})
        page.goto(f"{look.gateway}/page/accounts/ultra-1/rotate")
        page.watch.refused = not works
        page.fill("input[name=token]", token)
        page.locator("main button[type=submit]").click()
        look.expect("rotate", (page.locator(".notice.failed").count() == 0) == works, page.locator("main").inner_text())
        look.expect("rotate", token not in page.content(), "a pasted token is shown again")
        look.check(page, f"rotate to {token}")
        look.picture(page, "rotate", "works" if works else "fails")
    page.context.close()


def act(look, page, where):
    """Pauses an account with a hostile reason, resumes it, and is told so each time."""
    for action, state in (("pause", "paused"), ("resume", "enabled")):
        page.goto(look.gateway)
        page.locator(f"a[href='/page/accounts/pro-1/{action}']").click()
        if action == "pause":
            page.fill("input[name=reason]", checks.HOSTILE.format("pause")[:200])
        page.locator("main button[type=submit]").click()
        page.wait_for_url(f"{look.gateway}/")
        look.expect(f"{where}, {action}", page.locator(".notice[role=status]").count() == 1, "nothing is said of it")
        told = look.house.run("accounts", "show", "pro-1").splitlines()[0]
        look.expect(f"{where}, {action}", state in told, f"the account is {told}")
        if where != "no scripts":
            look.check(page, action)
            look.picture(page, action)


def sign_out(look, page, where):
    """Signs out, after which the page is closed and the browser holds no cookie."""
    page.goto(look.gateway)
    page.locator("form[action='/page/sign-out'] button").click()
    page.goto(f"{look.gateway}/page/spend")
    look.expect(f"{where}, signing out", "/page/sign-in" in page.url, "the page is still open")
    look.expect(f"{where}, signing out", not page.context.cookies(), "a cookie stayed")


def secure(look):
    """Over TLS, as on loopback: the session's cookie is not for scripts, other sites or clear text."""
    plain = look.gateway
    for gateway in (plain, look.house.open(certificate=True)):
        look.gateway = gateway
        page = look.page()
        look.sign_in(page, "helper")
        cookies = page.context.cookies()
        has_tls = gateway.startswith("https")
        for cookie in cookies:
            holds = cookie["httpOnly"] and cookie["sameSite"] == "Strict" and (cookie["secure"] or not has_tls)
            look.expect(gateway.split(":")[0], holds, f"the cookie is {cookie}")
        look.expect(gateway.split(":")[0], len(cookies) == 1, f"{len(cookies)} cookies")
        look.check(page, "over TLS" if has_tls else "plain")
        sign_out(look, page, gateway.split(":")[0])
        page.context.close()
    look.gateway = plain


def report(look):
    """The report as one file needs no server, asks for nothing, and reads like the page."""
    text = look.house.run("credits", "report", "--format", "html")
    file = look.house.write("report.html", text)
    context = look.browser.new_context(viewport=checks.DESKTOP)
    page = context.new_page()
    page.watch = checks.Watch(context, "file://")
    page.goto(f"file://{file}")
    for scheme, size in (("light", checks.DESKTOP), ("dark", checks.PHONE)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        look.check(page, f"report, {scheme}")
        look.picture(page, "report", scheme)
    # A4 with a browser's margins.
    page.set_viewport_size({"width": 718, "height": 1000})
    page.emulate_media(media="print")
    look.note("report, printed", checks.sideways(page))
    context.close()


def revoked(look):
    """A revoked member's page is closed, and a page that is open says nothing more."""
    page = look.page("auditor")
    page.goto(f"{look.gateway}/page/audit")
    look.house.run("members", "revoke", "reader", "--quiet")
    wait("the end of a revoked member's session", 5, lambda: _is_closed(look, page))
    look.check(page, "revoked")
    page.context.close()


def _is_closed(look, page):
    page.goto(f"{look.gateway}/page/audit")
    return "/page/sign-in" in page.url


ALL = [live, keyboard, acting, without_scripts, secure, report, revoked]
