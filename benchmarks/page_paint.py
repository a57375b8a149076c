"""How soon the customer's page shows something, and how much it loads: python -m benchmarks.page_paint.

Beside it a bare page of the same server (the demo bank's purchase page), which is as fast as a page here can be.
The limits of the project are 1 s to the first paint on the local machine and 400 kB gzip before charts.
"""

from __future__ import annotations

import gzip
import re
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from page_client import CHROMIUM_ARGUMENTS, PageServer  # noqa: E402

ROUNDS = 7
DIST = ROOT / "web" / "app" / "dist"


def paint(browser: Browser, url: str, ready: str) -> tuple[float, float]:
    """Milliseconds to the first contentful paint and until `ready` is there, with an empty cache."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(url)
    page.locator(ready).first.wait_for()
    usable = page.evaluate("performance.now()")
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    first = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    context.close()
    return first, usable


def gzip_kb(names: list[str]) -> float:
    return sum(len(gzip.compress((DIST / name).read_bytes())) for name in names) / 1024


def main() -> None:
    index = (DIST / "index.html").read_text(encoding="utf-8")
    first_screen = sorted(set(re.findall(r'(?:src|href)="/([^"]+\.(?:js|css|svg))"', index)))
    charts = [f"assets/{file.name}" for file in (DIST / "assets").glob("echarts-*.js")]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = PageServer(Path(folder)).start()
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_ARGUMENTS)
        try:
            rows = [paint(browser, server.url, ".picker li") for _ in range(ROUNDS)]
            bare = [paint(browser, server.url + "/demo/bank/purchase", "body *") for _ in range(ROUNDS)]
        finally:
            browser.close()
            server.stop()
    page_first, page_usable = (statistics.median(column) for column in zip(*rows, strict=True))
    bare_first = statistics.median(row[0] for row in bare)
    print(f"first contentful paint   page {page_first:6.0f} ms   bare page {bare_first:6.0f} ms   "
          f"ratio {page_first / bare_first:.2f}   limit 1000 ms")  # fmt: skip
    print(f"picker can be tapped     page {page_usable:6.0f} ms")
    print(f"gzip before charts       {gzip_kb(first_screen):6.1f} kB   limit 400 kB")
    print(f"gzip of the chart code   {gzip_kb(charts):6.1f} kB   loaded with the first chart")


if __name__ == "__main__":
    main()
