"""The page's server for tests, screenshots and benchmarks: started on a free port of this machine, stopped at the end."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parent.parent.parent


@contextmanager
def running(seconds: float = 30.0, *options: str, log: IO[str] | int = subprocess.DEVNULL) -> Iterator[str]:
    """Address of a running page; `options` go to ``streamlit run``, what the server says to `log`."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.port",
        str(port),
        "--server.address",
        "127.0.0.1",
        *options,
    ]
    process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        until = time.monotonic() + seconds
        while True:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).read()
                break
            except OSError:
                if time.monotonic() > until or process.poll() is not None:
                    raise RuntimeError("the page's server does not start") from None
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10)
