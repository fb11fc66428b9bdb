#!/usr/bin/env python3
"""Opens reports in Chromium without a window and says what is wrong with them; exit code 1 if anything is.

report_check.py REPORT...              layout at several widths in both themes, console, requests, interaction
report_check.py --layout-only REPORT   without the interaction
report_check.py --lacks ID REPORT      that section is not there
report_check.py --trouble REPORT...    each has to say in a sentence that it cannot be shown, and nothing else is wrong
"""

import json
import pathlib
import sys
import time

from browser import Browser

FINDINGS = (pathlib.Path(__file__).parent / "layout_findings.js").read_text()
WIDTHS = (1400, 800, 390)


def spoken(browser):
    """Console messages, errors, dialogs, and requests to anywhere but the page itself."""
    found = []
    for event in browser.events:
        method, parameters = event["method"], event["params"]
        if method == "Runtime.consoleAPICalled":
            found.append(f"console: {parameters['type']} {[one.get('value') for one in parameters['args']]}")
        elif method == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            found.append(f"exception: {details.get('exception', {}).get('description', details['text'])}")
        elif method == "Log.entryAdded":
            found.append(f"console: {parameters['entry']['level']} {parameters['entry']['text']}")
        elif method == "Page.javascriptDialogOpening":
            found.append(f"dialog: {parameters['message']}")
            browser.call("Page.handleJavaScriptDialog", accept=True)
        elif method == "Network.requestWillBeSent":
            address = parameters["request"]["url"]
            if parameters.get("type") != "Document" and not address.startswith("data:"):
                found.append(f"request: {address}")
    browser.events.clear()
    return found


def check_layout(browser, report):
    found = []
    for width in WIDTHS:
        for theme in ("light", "dark"):
            browser.call(
                "Emulation.setEmulatedMedia",
                features=[
                    {"name": "prefers-color-scheme", "value": theme},
                    {"name": "prefers-reduced-motion", "value": "reduce"},
                ],
            )
            browser.resize(width)
            browser.open(report)
            # Everything that can be opened is open, so that it is looked at too.
            browser.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            browser.settle()
            found += [f"{width} px, {theme}: {finding}" for finding in browser.evaluate(FINDINGS) + spoken(browser)]
    return found


class Interaction:
    """What a person does with the page, and what has to come of it."""

    def __init__(self, browser):
        self.browser, self.found = browser, []

    def expect(self, what, holds):
        if not holds:
            self.found.append(f"interaction: {what}")

    def title(self):
        return self.browser.evaluate("document.querySelector('#node-title').textContent")

    def has(self, selector):
        return self.browser.evaluate(f"!!document.querySelector(`{selector}`)")

    def search(self):
        browser = self.browser
        wanted = browser.evaluate("JSON.parse(document.querySelector('#report-data').textContent).nodes.names.at(-1)")
        browser.click("#node-search")
        browser.call("Input.insertText", text=wanted)
        browser.settle()
        self.expect("a search offers nodes", browser.evaluate("!document.querySelector('#offers').hidden"))
        browser.press("Enter")
        browser.settle()
        self.expect(f"Enter opens the node {wanted}, got {self.title()}", self.title() == wanted)
        self.expect("the address names the node", browser.evaluate("location.hash.startsWith('#node=')"))
        browser.click("#node-search")
        browser.call("Input.insertText", text="no such node")
        browser.settle()
        self.expect(
            "a search in vain says so", "No node" in browser.evaluate("document.querySelector('#offers').textContent")
        )
        browser.press("Escape")
        self.expect("Escape closes the offers", browser.evaluate("document.querySelector('#offers').hidden"))
        browser.evaluate("document.querySelector('#node-search').value = ''")

    def neighbours(self):
        browser, before = self.browser, self.title()
        if not self.has(".neighbour"):
            return
        browser.click(".neighbour .disc")
        after = self.title()
        self.expect("a click on a neighbour goes there", after != before)
        browser.evaluate("history.back()")
        time.sleep(0.2)
        browser.settle()
        self.expect(f"going back shows {before} again, got {self.title()}", self.title() == before)
        browser.evaluate("document.querySelector('.neighbour').focus()")
        browser.press("Enter")
        browser.settle()
        self.expect("Enter on a neighbour goes there", self.title() == after)
        self.expect(
            "the focus stays in the picture", browser.evaluate("!!document.activeElement.closest('.neighbourhood')")
        )

    def select(self, selector, value):
        self.browser.evaluate(f"""(() => {{ const e = document.querySelector("{selector}"); e.value = {value};
            e.dispatchEvent(new Event("change", {{bubbles: true}})); }})()""")
        self.browser.settle()

    def layers_and_heads(self):
        weights = lambda: self.browser.evaluate(
            "[...document.querySelectorAll('[aria-label=\"Neighbours\"] td.number')].map(e => e.textContent).join()"
        )
        if (
            not self.has("#node-head")
            or self.browser.evaluate("document.querySelector('#node-head').options.length") < 3
        ):
            return
        mean = weights()
        self.select("#node-head", 1)
        self.expect("another head has other weights", weights() != mean)
        self.select("#node-head", -1)
        self.expect("the mean comes back", weights() == mean)
        if self.browser.evaluate("document.querySelector('#node-layer').options.length") > 1:
            self.select("#node-layer", 1)
            self.expect("another layer has other weights", weights() != mean)

    def wrong_only(self):
        if not self.has("#node-wrong"):
            return
        browser = self.browser
        browser.click("#node-wrong")
        for _ in range(3):
            browser.evaluate(
                "[...document.querySelectorAll('#node button')].find(b => b.textContent === 'Random node').click()"
            )
            browser.settle()
            self.expect("a random one of the wrong nodes is wrong", self.has("#node .node-head .wrong"))
        browser.click("#node-wrong")

    def map(self):
        if not self.has(".map canvas"):
            return
        browser = self.browser
        picture = lambda: browser.evaluate("document.querySelector('.map canvas').toDataURL()")
        before, title = picture(), self.title()
        browser.evaluate("document.querySelector('.map .marks').focus()")
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowUp"):
            browser.press(key)
        browser.settle()
        self.expect("arrow keys name a node of the map", browser.evaluate("!document.querySelector('.tip').hidden"))
        named = browser.evaluate("document.querySelector('.tip strong').textContent")
        browser.press("Enter")
        browser.settle()
        self.expect(f"Enter opens {named}, got {self.title()}", self.title() == named)
        browser.click(".class-legend button")
        browser.settle()
        self.expect(
            "the legend switches a class off",
            self.has(".class-legend button[aria-pressed=false]") and picture() != before,
        )
        browser.click(".class-legend button")

    def curves(self):
        if not self.has(".readable"):
            return
        value = lambda: self.browser.evaluate("document.querySelector('.readable').getAttribute('aria-valuenow')")
        self.browser.evaluate("document.querySelector('.readable').focus()")
        before = value()
        self.browser.press("ArrowLeft")
        self.expect("an arrow key chooses another epoch", value() != before)
        self.browser.evaluate("document.activeElement.blur()")

    def splits(self):
        if not self.has(".choices"):
            return
        text = lambda: self.browser.evaluate("document.querySelector('.confusion').textContent")
        before = text()
        self.browser.click(".choices button:nth-child(2)")
        self.expect("the switch shows other nodes", text() != before)

    def theme(self):
        background = lambda: self.browser.evaluate("getComputedStyle(document.body).backgroundColor")
        before = background()
        self.browser.click("#theme")
        self.expect("the theme changes", background() != before)
        self.browser.click("#theme")
        self.expect("the theme changes back", background() == before)

    def run(self):
        self.theme()
        self.curves()
        self.splits()
        if self.has("#node-search"):
            for part in (self.search, self.layers_and_heads, self.neighbours, self.wrong_only, self.map):
                part()
        return self.found


def check_names(browser):
    """Names from files are text and make no elements."""
    found = []
    if browser.evaluate("document.querySelectorAll('img, iframe, [onerror]').length + document.scripts.length") != 2:
        found.append("names: the page has elements that are not its own")
    if not browser.evaluate("""document.querySelector('h1').textContent ===
            JSON.parse(document.querySelector('#report-data').textContent).title"""):
        found.append("names: the heading is not the title as it stands in the data")
    return found


def check_neighbourhoods(browser, report, most=50):
    """On a narrow page, nothing in the pictures of the nodes lies over anything; of many nodes some are looked at."""
    browser.resize(390)
    browser.open(report)
    names = browser.evaluate("JSON.parse(document.querySelector('#report-data').textContent).nodes?.names ?? []")
    found = []
    for name in names[:: -(-len(names) // most) or 1]:
        browser.evaluate(f"location.hash = '#node=' + encodeURIComponent({json.dumps(name)})")
        browser.settle()
        found += [f"node {name} at 390 px: {finding}" for finding in browser.evaluate(FINDINGS) if "in node" in finding]
    return found


def check(browser, report, with_interaction):
    found = check_layout(browser, report)
    if not with_interaction:
        return found
    for width in (1400, 390):
        browser.resize(width)
        browser.open(report)
        found += check_names(browser) + Interaction(browser).run()
        # Only at the top does the bar of sections lie over nothing.
        browser.evaluate("scrollTo({top: 0, behavior: 'instant'})")
        browser.settle()
        found += [
            f"after interaction at {width} px: {finding}" for finding in browser.evaluate(FINDINGS) + spoken(browser)
        ]
    return found + check_neighbourhoods(browser, report)


def check_trouble(browser, report):
    browser.open(report)
    text = browser.evaluate("[...document.querySelectorAll('.trouble')].map(e => e.textContent).join(' ')")
    found = (
        [] if "cannot be shown" in text or "no results" in text else [f"no sentence says what is wrong, but: {text!r}"]
    )
    return found + browser.evaluate(FINDINGS) + spoken(browser)


def check_lacks(browser, report, section):
    browser.open(report)
    there = browser.evaluate(f"document.querySelectorAll('#{section}, [href=\\'#{section}\\']').length")
    return [f"section {section} is there"] if there else []


def main(arguments):
    lacks = arguments[1] if arguments[0] == "--lacks" else None
    arguments = arguments[2:] if lacks else arguments
    options = {one for one in arguments if one.startswith("--")}
    failed = False
    with Browser() as browser:
        for path in (one for one in arguments if one not in options):
            report = pathlib.Path(path).resolve().as_uri()
            if lacks:
                found = check_lacks(browser, report, lacks)
            elif "--trouble" in options:
                found = check_trouble(browser, report)
            else:
                found = check(browser, report, "--layout-only" not in options)
            for finding in dict.fromkeys(found):
                print(f"{path}: {finding}")
            failed = failed or bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
