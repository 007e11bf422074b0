"""The command of the rows `paint-…`: when the largest part of a page is painted, in seconds.

A page is opened once, by a browser that has seen nothing yet, with its processor slowed four times.
"""

import functools
import http.server
import sys
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

_TIMES_SLOWER = 4
_SETTLED = 500
"""Milliseconds without anything larger, after which nothing larger is waited for."""
_WATCH = """
new PerformanceObserver((list) => (window.painted = list.getEntries().at(-1).startTime))
  .observe({ type: "largest-contentful-paint", buffered: true });
"""
_IS_SETTLED = f"() => window.painted && performance.now() > window.painted + {_SETTLED}"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: what is printed is the time."""


def main(executable: str, site: str, page: str) -> int:
    """Print after how many seconds the largest part of a page of a site is painted."""
    handler = functools.partial(_Quiet, directory=str(Path(site).resolve()))
    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server,
        sync_playwright() as playwright,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        slowed = {"rate": _TIMES_SLOWER}
        tab.context.new_cdp_session(tab).send("Emulation.setCPUThrottlingRate", slowed)
        tab.add_init_script(_WATCH)
        tab.goto(f"http://127.0.0.1:{server.server_port}/{page}", wait_until="load")
        tab.wait_for_function(_IS_SETTLED)
        print(tab.evaluate("window.painted") / 1000)
        browser.close()
        server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
