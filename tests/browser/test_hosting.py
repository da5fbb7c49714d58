"""The samples of docs/hosting behind a real proxy: the page works under their headers, and what they close is closed.

Skipped where the proxy (nginx, caddy) is not installed.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import re
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest
from server import ROOT, running

SAMPLES = ROOT / "docs" / "hosting"
FILES = {"nginx": "nginx.conf", "caddy": "Caddyfile"}
HEADERS = (
    "Content-Security-Policy",
    "Strict-Transport-Security",
    "X-Frame-Options",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Permissions-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
)


def policy(name):
    """The Content-Security-Policy of a sample."""
    return re.search(r'Content-Security-Policy "([^"]+)"', (SAMPLES / FILES[name]).read_text())[1]


def test_samples_name_one_policy_and_the_hash_of_the_only_inline_script():
    """Streamlit's start page holds one inline script; another version may hold another one."""
    streamlit = pytest.importorskip("streamlit")
    start = (Path(streamlit.__file__).parent / "static" / "index.html").read_text()
    scripts = re.findall(r"<script>(.*?)</script>", start, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    assert policy("nginx") == policy("caddy")
    assert re.findall(r"'sha256-([^']+)'", policy("nginx")) == hashes
    assert "'unsafe-eval'" not in policy("nginx")
    assert "script-src 'self' 'sha256-" in policy("nginx")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def configure(name, folder, page, port):
    """A sample with this machine's ports, a certificate of its own, and its files in a folder of the test."""
    origin = f"https://localhost:{port}"
    told = (SAMPLES / FILES[name]).read_text().replace("https://chips.example.org", origin)
    told = told.replace("127.0.0.1:8501", page.removeprefix("http://"))
    if name == "caddy":
        told = told.replace(
            "\nchips.example.org {", f"\n{origin} {{\n\ttls {folder}/c.pem {folder}/k.pem\n\tbind 127.0.0.1"
        )
        return "{\n\tadmin off\n\tauto_https off\n\tskip_install_trust\n}\n" + told
    told = told.replace("listen 80;", f"listen 127.0.0.1:{free_port()};").replace(
        "listen 443", f"listen 127.0.0.1:{port}"
    )
    told = told.replace("chips.example.org", "localhost").replace("/var/log/nginx", str(folder))
    told = told.replace("/etc/ssl/localhost.pem", f"{folder}/c.pem").replace(
        "/etc/ssl/private/localhost.key", f"{folder}/k.pem"
    )
    temporary = "".join(f"{k}_temp_path {folder}/{k};\n" for k in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log warn;\nevents {{}}\nhttp {{\n{temporary}{told}}}\n"


@pytest.fixture(scope="module", params=list(FILES))
def proxied(request, tmp_path_factory):
    """Name of a proxy, its folder, and the port at which it serves the page."""
    name = request.param
    if not shutil.which(name) or not shutil.which("openssl"):
        pytest.skip(f"{name} or openssl is not installed")
    pytest.importorskip("streamlit")
    folder, port = tmp_path_factory.mktemp(name), free_port()
    folder.chmod(0o755)
    files = ["-keyout", folder / "k.pem", "-out", folder / "c.pem"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *files, "-days", "2", "-subj", "/CN=localhost"],
        check=True,
        capture_output=True,
    )
    with running(30.0, "--server.allowedHosts", "localhost") as page:
        (folder / FILES[name]).write_text(configure(name, folder, page, port))
        command = {
            "nginx": ["nginx", "-p", folder, "-c", folder / "nginx.conf"],
            "caddy": ["caddy", "run", "--config", folder / "Caddyfile"],
        }
        with (folder / "said").open("w") as said:
            process = subprocess.Popen(command[name], cwd=folder, stdout=said, stderr=said)
            try:
                for _ in range(100):
                    try:
                        socket.create_connection(("127.0.0.1", port), 1).close()
                        break
                    except OSError:
                        time.sleep(0.1)
                else:
                    pytest.fail((folder / "said").read_text())
                yield name, folder, port
            finally:
                process.terminate()
                process.wait(10)


def ask(port, path, method="GET", body=None, **headers):
    """Status and headers of a request over TLS."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=20)
    connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.headers


def test_headers_and_what_is_closed(proxied):
    name, _, port = proxied
    status, headers = ask(port, "/")
    assert status == 200
    assert [h for h in HEADERS if h not in headers] == []
    assert headers["Content-Security-Policy"] == policy(name)
    for path in (
        "/_stcore/metrics",
        "/_stcore/agent/openapi.json",
        "/_stcore/agent/interact",
        "/_stcore/script-health-check",
    ):
        assert ask(port, path)[0] == 404, path
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": "x" * 22 + "==",
    }
    assert ask(port, "/_stcore/stream", Origin="https://evil.example", **upgrade)[0] == 403
    assert ask(port, "/_stcore/stream", Origin=f"https://localhost:{port}", **upgrade)[0] == 101
    assert ask(port, "/_stcore/upload_file/a/b", "PUT", b"x" * (3 * 10**6))[0] >= 400  # too large, or no token
    if name == "nginx":
        tries = [ask(port, "/_stcore/upload_file/a/b", "PUT", b"x")[0] for _ in range(20)]
        assert tries[-1] == 429
        assert "xsrf" in ask(port, "/_stcore/health")[1]["Set-Cookie"]
        assert "secure" in ask(port, "/_stcore/health")[1]["Set-Cookie"].lower()


@pytest.mark.browser
def test_page_works_under_the_policy(proxied, browser, tmp_path):
    from visitor import Visit

    _, folder, port = proxied
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, ignore_https_errors=True, accept_downloads=True
    )
    visit = Visit(context.new_page(), f"https://localhost:{port}")
    try:
        for tab in ("Overview", "Cost", "Share"):
            visit.open(f"?tab={tab}&node=7nm")
            if tab != "Share":
                visit.page.wait_for_selector(".js-plotly-plot .main-svg")
        with visit.page.expect_download(timeout=15_000) as info:
            visit.page.get_by_role("button", name="Results (CSV)").click()
        assert "die_area_mm2" in Path(info.value.path()).read_text()
        own = tmp_path / "own.toml"
        own.write_text('base = "tsmc-n7"\nlabel = "proxied node"\n')
        visit.page.get_by_text("Your own chip", exact=False).first.click()
        visit.page.locator('input[type="file"]').set_input_files(str(own))
        visit.page.get_by_text("on proxied node", exact=False).first.wait_for(timeout=15_000)
        for name in ("Nodes", "Sweep", "Claims", "Validation", "Method"):
            visit.page.get_by_test_id("stTopNavLink").filter(has_text=name).click()
            visit.page.wait_for_selector('[data-testid="stPlotlyChart"], .katex', timeout=60_000)
            visit.settle()
        assert visit.complaints == []
        assert [r for r in visit.foreign() if not r.startswith(f"wss://localhost:{port}/")] == []
    finally:
        context.close()
    for log in folder.glob("*.log"):
        assert "node=7nm" not in log.read_text()
