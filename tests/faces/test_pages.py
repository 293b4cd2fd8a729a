"""The site on a real server: what its pages show, refuse and never fetch."""

import os
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import waitress
from running import Demo

CHROMIUM = next(
    (
        p
        for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
        if Path(p).exists()
    ),
    None,
)


@pytest.fixture(scope="module")
def address(demo: Demo) -> Iterator[str]:
    os.environ.pop("CHARCOT_DATABASE_URL", None)
    from charcot.wiring.folder import open_folder
    from charcot.wiring.serving import site

    server = waitress.create_server(site(open_folder(demo.path)), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(5)


def fetch(url: str, **headers: str) -> tuple[int, dict[str, str], str]:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read().decode()


def test_the_home_shows_everybody_and_every_visit(address: str, demo: Demo) -> None:
    status, headers, page = fetch(address)
    assert status == 200
    assert len(re.findall(r'<th scope="row">', page)) == 20  # screened, says the paper
    assert "without sign-in" in page
    assert demo.receipt in page
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


def test_the_report_is_served_as_it_was_written(address: str, demo: Demo) -> None:
    status, headers, page = fetch(f"{address}/report")
    assert status == 200
    assert page.encode() == (demo.path / "reports" / "report.html").read_bytes()
    assert "script-src" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_style_and_fonts_come_from_here(address: str) -> None:
    status, _, style = fetch(f"{address}/static/charcot.css")
    assert status == 200
    assert "http" not in re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)


@pytest.mark.parametrize(
    "path", ["/nothing", "/report/../../trial.sqlite3", "/static/../settings.py", "/%00"]
)
def test_what_does_not_exist_is_said_kindly(address: str, path: str) -> None:
    status, _, page = fetch(address + path)
    assert status in (400, 404)
    assert "Traceback" not in page


def test_other_hosts_and_writing_are_refused(address: str) -> None:
    assert fetch(address, Host="evil.example")[0] == 400
    request = urllib.request.Request(address, data=b"x=1")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=60)
    assert refused.value.code in (403, 405)


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium was found on this machine")
def test_in_a_browser_the_home_leads_to_the_report_by_keyboard(address: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-quic"],
        )
        page = browser.new_page(viewport={"width": 360, "height": 740})
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/report")
        assert page.get_by_role("heading", name="Table 1").count() >= 1
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert not problems
        assert all(url.startswith((address, "data:")) for url in asked)
        browser.close()
