"""Registries and delays on free loopback ports; they end with the program that started them."""
import collections
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
REQUEST = re.compile(r'"(\w+) (\S+) HTTP/[0-9.]+" (\d+)')
TICKS = os.sysconf("SC_CLK_TCK")
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Registry:
    """Debian's docker-registry with an access log."""

    def __init__(self, parent):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="registry-", dir=parent))
        self.counted = 0
        for _ in range(5):
            if self._start():
                return
        raise RuntimeError(f"docker-registry doesn't start: {(self.directory / 'errors.log').read_text()[-500:]}")

    def _start(self):
        port = free_port()
        self.host = f"127.0.0.1:{port}"
        config = self.directory / "config.yml"
        config.write_text(f"""version: 0.1
log: {{level: error}}
storage:
  filesystem: {{rootdirectory: {self.directory}/data}}
  delete: {{enabled: true}}
http: {{addr: "{self.host}"}}
""")
        with open(self.directory / "access.log", "ab") as log, open(self.directory / "errors.log", "ab") as errors:
            self.process = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=log, stderr=errors)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                NO_PROXY.open(f"http://{self.host}/v2/", timeout=5).close()
                self.requests()
                return True
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.01)
        self.process.kill()
        self.process.wait()
        return False

    def requests(self):
        """Requests by method since the last call. The server may log a moment after its answer has arrived."""
        log = self.directory / "access.log"
        size = -1
        while size != log.stat().st_size:
            size = log.stat().st_size
            time.sleep(0.03)
        with open(log, "rb") as lines:
            lines.seek(self.counted)
            found = REQUEST.findall(lines.read(size - self.counted).decode(errors="replace"))
        self.counted = size
        return dict(sorted(collections.Counter(method for method, _, _ in found).items()))

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def stop(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


class Delay:
    """A registry seen from far away."""

    def __init__(self, host, milliseconds):
        self.process = subprocess.Popen([str(HERE / "delay_proxy.py"), str(milliseconds), host], stdout=subprocess.PIPE, text=True)
        self.host = f"127.0.0.1:{self.process.stdout.readline().strip()}"

    def stop(self):
        self.process.kill()
        self.process.wait()
