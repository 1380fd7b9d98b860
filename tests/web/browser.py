"""What a browser makes of the status page: BASE PATH... ; a line for each thing that is wrong."""

import base64
import sys

from selenium import webdriver

# CSS pixels; the narrowest is a small telephone.
SIZES = [(320, 700), (360, 780), (768, 1000), (1280, 900)]


def browser():
    options = webdriver.ChromeOptions()
    for flag in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path="/usr/bin/chromedriver")
    return webdriver.Chrome(options=options, service=service)


def size(driver, width, height):
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def scheme(driver, word):
    feature = {"name": "prefers-color-scheme", "value": word}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def picture(driver):
    return base64.b64decode(driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"])


def wide(driver):
    """What sticks out to the right, if anything does."""
    return driver.execute_script(
        """const room = document.documentElement.clientWidth;
           if (document.documentElement.scrollWidth <= room) return null;
           const out = [...document.querySelectorAll('body *')].find(e => e.getBoundingClientRect().right > room + 1);
           return document.documentElement.scrollWidth + ' of ' + room + ', ' + (out ? out.outerHTML.slice(0, 120) : '?');"""
    )


def far_apart(driver):
    """Letters and words as far apart as a reader may set them (WCAG 2.1, 1.4.12): wider than any usual font."""
    driver.execute_script(
        """const sheet = new CSSStyleSheet();
           sheet.replaceSync('*{letter-spacing:.12em!important;word-spacing:.16em!important}');
           document.adoptedStyleSheets = [sheet];"""
    )


def pale(driver):
    """Text whose contrast with what it stands on is below 4.5 (WCAG 2.1, 1.4.3)."""
    return driver.execute_script(
        """const rgb = c => c.match(/[\\d.]+/g).map(Number);
           const light = c => { const [r, g, b] = rgb(c).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
                                return .2126 * r + .7152 * g + .0722 * b; };
           const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
                                 if ((rgb(c)[3] ?? 1) > 0) return c; } return 'rgb(255,255,255)'; };
           const found = [];
           for (const e of document.querySelectorAll('body *')) {
             const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
             if (!own || e.closest('svg') || !e.getClientRects().length) continue;
             const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
             const ratio = (a + .05) / (b + .05);
             if (ratio < 4.5) found.push(ratio.toFixed(2) + ' ' + e.outerHTML.slice(0, 100));
           }
           return found.slice(0, 3);"""
    )


def check(driver, base, path):
    wrong = []
    sign = "&" if "?" in path else "?"
    for lang in ["en", "zh"]:
        for colours in ["light", "dark"]:
            scheme(driver, colours)
            size(driver, *SIZES[0])
            driver.get(f"{base}{path}{sign}lang={lang}")
            where = f"{path} {lang} {colours}"
            for width, height in SIZES:
                size(driver, width, height)
                if out := wide(driver):
                    wrong.append(f"{where} at {width} px scrolls sideways: {out}")
            wrong += [f"{where}: contrast {e}" for e in pale(driver)]
            with_scripts = picture(driver)
            driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
            driver.refresh()
            if picture(driver) != with_scripts:
                wrong.append(f"{where} looks another way without scripts")
            driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
            far_apart(driver)
            for width, height in SIZES:
                size(driver, width, height)
                if out := wide(driver):
                    wrong.append(f"{where} at {width} px, letters apart, scrolls sideways: {out}")
    said = [entry["message"] for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    return wrong + [f"{path}: the browser says {entry}" for entry in said]


def main():
    base, paths = sys.argv[1], sys.argv[2:]
    driver = browser()
    try:
        wrong = [line for path in paths for line in check(driver, base, path)]
    finally:
        driver.quit()
    print("\n".join(wrong))
    print(f"{len(paths)} pages looked at")


main()
