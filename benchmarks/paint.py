"""The command of the rows `paint`: when the largest part of a page is painted, in seconds.

A page is opened once, by a browser that has seen nothing yet, with its processor slowed four times.
"""

import functools
import http.server
import shutil
import sys
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_TIMES_SLOWER = 4
_SETTLES = 500
"""Milliseconds after which nothing larger is painted any more."""
_WATCH = """
new PerformanceObserver((list) => (window.painted = list.getEntries().at(-1).startTime))
  .observe({ type: "largest-contentful-paint", buffered: true });
"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: what is printed is the time."""


def main(site: str, page: str) -> int:
    """Print after how many seconds the largest part of a page of a site is painted."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        print("no browser: looked for " + ", ".join(_BROWSERS), file=sys.stderr)
        return 1
    handler = functools.partial(_Quiet, directory=str(Path(site).resolve()))
    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server,
        sync_playwright() as playwright,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        tab.context.new_cdp_session(tab).send(
            "Emulation.setCPUThrottlingRate", {"rate": _TIMES_SLOWER}
        )
        tab.add_init_script(_WATCH)
        tab.goto(f"http://127.0.0.1:{server.server_port}/{page}", wait_until="networkidle")
        tab.wait_for_timeout(_SETTLES)
        print(tab.evaluate("window.painted") / 1000)
        browser.close()
        server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
