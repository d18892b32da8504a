"""How imglife, its peers and the limit do a piece of work: each function returns the command.

A `Job` says what to do.
"""
import dataclasses
import json
import os
import pathlib
import re
import shutil
import urllib.request

import images

NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
# What curl and xargs keep in flight together.
AT_ONCE = "32"
REGSYNC_ENTRIES = 10


@dataclasses.dataclass
class Job:
    imglife: str
    source: str        # HOST:PORT, as the tool sees it
    target: str
    direct_source: str  # the same without delay, for what isn't measured
    direct_target: str
    repository: str    # of the source; the target's is mirrors/NAME
    directory: pathlib.Path  # the tool's own, empty at first, HOME while it runs

    @property
    def copy(self):
        return "mirrors/" + self.repository.rsplit("/", 1)[1]

    def write(self, name, text):
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)


def program(tool, imglife):
    return {"imglife": imglife, "limit": "curl", "regsync-split": "regsync"}.get(tool, tool)


def installed(program):
    return shutil.which(program) is not None


def ask(host, path):
    request = urllib.request.Request(f"http://{host}/v2/{path}", headers={"Accept": images.ACCEPT})
    with NO_PROXY.open(request) as answer:
        return json.load(answer)


def tags_of(host, repository):
    return ask(host, f"{repository}/tags/list")["tags"] or []


# imglife


def imglife(job, arguments, sync="", more=""):
    job.write("imglife.yaml", f"""sync:
  entries:
    - source: {job.source}/{job.repository}
      tag_regex: '.'
      target: {job.target}/{job.copy}
{sync}{more}""")
    return [job.imglife, *arguments]


def imglife_mirror(job):
    return imglife(job, ["sync", "--quiet"])


def imglife_mirror_digests(job):
    return imglife(job, ["sync", "--quiet"], sync="      check_digest: true\n")


def imglife_dates(job):
    return imglife(job, ["cleanup", "--list", "--quiet"], more="retention: {keep_last: 100000}\n")


def imglife_version(job):
    return [job.imglife, "version"]


# crane


def crane_mirror(job):
    return ["crane", "copy", "--insecure", "--all-tags", "--jobs", "8", f"{job.source}/{job.repository}", f"{job.target}/{job.copy}"]


def crane_mirror_missing(job):
    return [*crane_mirror(job), "--no-clobber"]


def crane_dates(job):
    job.write("tags", "".join(f"{job.target}/{job.copy}:{tag}\n" for tag in tags_of(job.direct_target, job.copy)))
    return ["sh", "-c", f"crane ls --insecure {job.target}/{job.copy} > ls && xargs -P 8 -n 1 crane config --insecure < tags > dates"]


# regclient


def regsync(job, entries, defaults, host_options):
    config = job.write("regsync.yaml", json.dumps({
        "version": 1,
        "defaults": defaults,
        "creds": [{"registry": host, "tls": "disabled", **host_options} for host in (job.source, job.target)],
        "sync": [{"source": f"{job.source}/{job.repository}", "target": f"{job.target}/{job.copy}", "type": "repository", **entry}
                 for entry in entries]}))
    return ["regsync", "--config", config, "--verbosity", "error", "once"]


def regsync_mirror(job):
    return regsync(job, [{}], defaults={}, host_options={})


def regsync_mirror_missing(job):
    return [*regsync_mirror(job), "--missing"]


def regsync_mirror_split(job):
    """By minor version into entries that run in parallel; regsync lets them have three requests to a host in flight if not told."""
    minors = sorted({tag.rpartition(".")[0] for tag in tags_of(job.direct_source, job.repository)})
    entries = [minors[first::REGSYNC_ENTRIES] for first in range(min(REGSYNC_ENTRIES, len(minors)))]
    return regsync(job, [{"tags": {"allow": [re.escape(minor) + r"\..*" for minor in entry]}} for entry in entries],
                   defaults={"parallel": REGSYNC_ENTRIES}, host_options={"reqConcurrent": REGSYNC_ENTRIES})


def regbot_dates(job):
    config = job.write("regbot.yaml", f"""version: 1
creds:
  - {{registry: "{job.target}", tls: disabled}}
scripts:
  - name: dates
    script: |
      for _, tag in ipairs(tag.ls("{job.target}/{job.copy}")) do
        local m = manifest.get("{job.target}/{job.copy}:" .. tag)
        log(image.config(m).Created)
      end
""")
    return ["regbot", "--config", config, "once"]


def regctl_copy(job):
    for host in (job.source, job.target):
        job.write(".regctl/config.json", json.dumps({"hosts": {h: {"tls": "disabled", "hostname": h}
                                                               for h in (job.source, job.target)}}))
    return ["regctl", "image", "copy", f"{job.source}/{job.repository}:1.0", f"{job.target}/{job.copy}:1.0"]


# skopeo


def skopeo_mirror(job):
    return ["skopeo", "sync", "--all", "--src", "docker", "--dest", "docker", "--src-tls-verify=false", "--dest-tls-verify=false",
            f"{job.source}/{job.repository}", f"{job.target}/mirrors"]


# The limit: curl with the same requests, which it is told beforehand.


def curl_config(job, requests):
    """One request a line: (url, HEAD instead of GET)."""
    lines = []
    for url, head in requests:
        lines.append(f'url = "{url}"\noutput = "/dev/null"\nheader = "Accept: {images.ACCEPT}"\nsilent\nshow-error\nfail\n' +
                     ("head\n" if head else ""))
    return ["curl", "--noproxy", "*", "--parallel", "--parallel-immediate", "--parallel-max", AT_ONCE, "--config",
            job.write("curl.config", "next\n".join(lines))]


def curl_lists(job):
    return curl_config(job, [(f"http://{job.source}/v2/{job.repository}/tags/list", False),
                             (f"http://{job.target}/v2/{job.copy}/tags/list", False)])


def curl_digests(job):
    requests = [(f"http://{job.source}/v2/{job.repository}/tags/list", False),
                (f"http://{job.target}/v2/{job.copy}/tags/list", False)]
    for tag in tags_of(job.direct_source, job.repository):
        requests.append((f"http://{job.source}/v2/{job.repository}/manifests/{tag}", True))
        requests.append((f"http://{job.target}/v2/{job.copy}/manifests/{tag}", True))
    return curl_config(job, requests)


def curl_dates(job):
    base = f"http://{job.target}/v2/{job.copy}"
    requests = [(f"{base}/tags/list", False)]
    for tag in tags_of(job.direct_target, job.copy):
        config = ask(job.direct_target, f"{job.copy}/manifests/{tag}")["config"]["digest"]
        requests += [(f"{base}/manifests/{tag}", False), (f"{base}/blobs/{config}", False)]
    return curl_config(job, requests)


def curl_copy(job):
    """Every blob of one image through a pipe from curl to curl, all at once; then its manifest."""
    manifest = ask(job.direct_source, f"{job.repository}/manifests/1.0")
    script = ["set -e", "curl() { command curl --noproxy '*' -sSf \"$@\"; }", "copy() {",
              f"  place=$(curl -X POST -D - -o /dev/null http://{job.target}/v2/{job.copy}/blobs/uploads/ | tr -d '\\r' "
              "| sed -n 's/^[Ll]ocation: //p')",
              f"  curl http://{job.source}/v2/{job.repository}/blobs/$1 | curl -X PUT -H 'Expect:' -H 'Transfer-Encoding:' "
              "-H \"Content-Length: $2\" -H 'Content-Type: application/octet-stream' -T - \"$place&digest=$1\"", "}"]
    for blob in [manifest["config"], *manifest["layers"]]:
        script.append(f"copy {blob['digest']} {blob['size']} & copies=\"$copies $!\"")
    script += ["for copy in $copies; do wait $copy; done",
               f"curl -H 'Accept: {images.ACCEPT}' -o manifest http://{job.source}/v2/{job.repository}/manifests/1.0",
               f"curl -X PUT -H 'Content-Type: {images.MANIFEST}' --data-binary @manifest "
               f"http://{job.target}/v2/{job.copy}/manifests/1.0"]
    return ["sh", job.write("copy.sh", "\n".join(script) + "\n")]


def environment(directory):
    return {"PATH": os.environ["PATH"], "HOME": str(directory), "TMPDIR": str(directory), "LANG": "C.UTF-8"}
