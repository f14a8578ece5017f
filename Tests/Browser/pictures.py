"""The pictures of the READMEs: a plausible team, nothing hostile, few colours."""

import io

import checks
import team
from PIL import Image

SIZE = {"width": 1280, "height": 800}
TALL = {"width": 1280, "height": 1300}

# Name, path, language, scheme, size, and what is done first.
PICTURES = [
    ("overview", "/", "en", "light", TALL),
    ("spend", "/page/spend", "en", "dark", SIZE),
    ("overview-zh", "/", "zh-CN", "light", TALL),
    ("phone-zh", "/", "zh-CN", "dark", checks.PHONE),
]


def take(browser, house, folder):
    """Writes them to `folder`, each below 200 kB."""
    folder.mkdir(parents=True, exist_ok=True)
    gateway = team.plausible(house)
    for name, path, language, scheme, size in PICTURES:
        context = browser.new_context(viewport=size, locale=language, color_scheme=scheme, device_scale_factor=1.5)
        page = context.new_page()
        page.goto(f"{gateway}/page/sign-in")
        page.fill("input[name=key]", house.keys["wang-lei"])
        page.locator("main button[type=submit]").click()
        page.goto(gateway + path)
        shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        few = shot.quantize(64, dither=Image.Dither.NONE)
        few.save(folder / f"{name}.png", optimize=True)
        context.close()
