"""What has to hold of a page, whatever it shows. Every check can fail: `browse.py` begins with a page that breaks all."""

from pathlib import Path

import axe_playwright_python

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}

# Markup that comes to life wherever it is written out as it came: between tags, in an attribute of either quotes, in a
# title, a textarea, a script, a style or a template. {} is where it came from.
HOSTILE = (
    "hostile-{}\"'></title></textarea></script></style></svg>"
    "<script>alert(1)</script><img class=hostile src=x onerror=alert(2)>{{{{{{x}}}}}}"
)

_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()

# Runs before the page's own script; the policy's violations are otherwise seen by nobody.
LISTEN = """
document.addEventListener('securitypolicyviolation', event =>
    console.error(`content policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""

_FOCUSABLE = """
() => [...document.querySelectorAll(
    'a[href], area[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]')]
    .filter(element => !element.disabled && element.tabIndex >= 0 && element.checkVisibility({visibilityProperty: true}))
"""

_WIDE = """
() => {
    const width = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= width) return []
    const wide = [...document.body.querySelectorAll('*')].filter(element => {
        for (let part = element; part; part = part.parentElement)
            if (part !== document.body && getComputedStyle(part).overflowX !== 'visible') return false
        return element.getBoundingClientRect().right > width + 1
    })
    return [`scrolls sideways, by ${document.documentElement.scrollWidth - width} px`,
        ...wide.slice(-3).map(element => element.outerHTML.slice(0, 90))]
}
"""

# How elements look without the keyboard on them, and where it is now.
_REMEMBER = """
() => {
    const look = element => {
        const style = getComputedStyle(element)
        return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.borderColor,
            style.backgroundColor, style.textDecorationLine].join()
    }
    document.activeElement?.blur()
    getSelection().removeAllRanges()
    const all = (%s)()
    const plain = all.map(look)
    window.focusNow = () => {
        const element = document.activeElement
        if (!element || element === document.body) return null
        const here = all.indexOf(element)
        return {here, seen: plain[here] !== look(element), what: element.outerHTML.slice(0, 90)}
    }
    const groups = new Set()
    return all.map((element, here) => ({here, what: element.outerHTML.slice(0, 90),
        group: element.type === 'radio' ? (element.form?.id ?? '') + element.name : ''}))
        .filter(it => !it.group || (!groups.has(it.group) && groups.add(it.group)))
}
""" % _FOCUSABLE


class Watch:
    """Collects what a page says that it should not: errors, violations, dialogs, foreign requests."""

    def __init__(self, context, address):
        self.heard = []
        context.add_init_script(LISTEN)
        context.on("console", lambda message: self._console(message))
        context.on("weberror", lambda error: self.heard.append(f"error of a script: {error.error}"))
        context.on("dialog", lambda dialog: self._dialog(dialog))
        context.on("request", lambda request: self._request(request, address))
        # What is refused is meant to be; the browser writes a line of its own about it.
        self.refused = False

    def _console(self, message):
        if message.type not in ("error", "warning"):
            return
        if self.refused and "the server responded with a status of" in message.text:
            return
        self.heard.append(f"console: {message.text}")

    def _dialog(self, dialog):
        self.heard.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request, address):
        if not request.url.startswith((address, "data:")):
            self.heard.append(f"a request to somebody else: {request.url}")

    def take(self):
        """What was heard since it was last asked."""
        heard, self.heard = self.heard, []
        return heard


def markup(page):
    """Hostile markup that came to life."""
    return page.evaluate(
        "() => [...document.querySelectorAll('.hostile')].map(it => 'markup of others: ' + it.outerHTML)"
    )


def sideways(page):
    """Whether the page scrolls sideways, and what is too wide."""
    found = page.evaluate(_WIDE)
    return [" · ".join(found)] if found else []


def axe(page):
    """Findings of axe-core that are serious or critical."""
    page.evaluate(_AXE + "; undefined")
    result = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"axe {rule['impact']} {rule['id']}: {node['html'][:120]} {_reason(node)}"
        for rule in result["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"][:3]
    ]


def _reason(node):
    told = [check["message"] for kind in ("any", "all", "none") for check in node[kind]]
    return told[0] if told else ""


def keyboard(page):
    """What the Tab key does not reach, and where it cannot be seen to be."""
    reachable = page.evaluate(_REMEMBER)
    reached, findings = set(), []
    # A box for a date has several stops.
    for _ in range(4 * len(reachable) + 20):
        page.keyboard.press("Tab")
        at = page.evaluate("() => focusNow()")
        if at is None or len(reached) >= len(reachable):
            break
        if at["here"] in reached:
            continue
        reached.add(at["here"])
        if not at["seen"]:
            findings.append(f"focus that cannot be seen: {at['what']}")
    missed = [it["what"] for it in reachable if it["here"] not in reached]
    return findings + [f"the Tab key does not reach: {what}" for what in missed]


def structure(page, language):
    """Title, language, one main and one first heading."""
    told = page.evaluate("""() => ({
        language: document.documentElement.lang, title: document.title,
        main: document.querySelectorAll('main').length, first: document.querySelectorAll('h1').length,
        text: document.body.innerText})""")
    findings = []
    if not told["language"].startswith(language[:2]):
        findings.append(f"lang is {told['language']!r}")
    if not told["title"] or told["main"] != 1 or told["first"] != 1:
        findings.append(f"title {told['title']!r}, {told['main']} main, {told['first']} h1")
    if language.startswith("zh") != any("\u4e00" <= sign <= "\u9fff" for sign in told["text"]):
        findings.append(f"is not in {language}")
    return findings
