"""Images of random bytes, pushed over a registry's HTTP API. The same names give the same bytes, always."""
import concurrent.futures
import datetime
import hashlib
import http.client
import io
import json
import random
import tarfile
import threading
import urllib.parse
import zlib

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
ACCEPT = f"{INDEX}, {MANIFEST}"
PUSHES_AT_ONCE = 4
PIECE = 1 << 20


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Pusher:
    """Keeps one connection a thread."""

    def __init__(self, host):
        self.host = host
        self.of_thread = threading.local()

    def request(self, method, path, body=b"", content_type="application/octet-stream"):
        if not hasattr(self.of_thread, "connection"):
            self.of_thread.connection = http.client.HTTPConnection(self.host, timeout=300)
        connection = self.of_thread.connection
        connection.request(method, path, body=body, headers={"Content-Type": content_type})
        response = connection.getresponse()
        text = response.read()
        if response.status >= 300:
            raise RuntimeError(f"{method} {path}: {response.status} {text[:200]!r}")
        return response

    def blob(self, repository, content):
        started = self.request("POST", f"/v2/{repository}/blobs/uploads/")
        location = urllib.parse.urlsplit(started.getheader("Location"))
        query = f"{location.query}&digest={urllib.parse.quote(digest_of(content))}"
        self.request("PUT", f"{location.path}?{query}", content)
        return {"digest": digest_of(content), "size": len(content)}

    def manifest(self, repository, reference, document):
        content = json.dumps(document, indent=2).encode()
        self.request("PUT", f"/v2/{repository}/manifests/{reference or digest_of(content)}", content, document["mediaType"])
        return {"mediaType": document["mediaType"], "digest": digest_of(content), "size": len(content)}


def random_bytes(name, size):
    source = random.Random(name)
    return b"".join(source.randbytes(min(PIECE, size - at)) for at in range(0, size, PIECE))


def layer(name, size):
    """A tar of one file in gzip's stored form: as large on the wire as asked for. And the tar's digest."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
        entry = tarfile.TarInfo("data")
        entry.size = size
        archive.addfile(entry, io.BytesIO(random_bytes(name, size)))
    tar = packed.getvalue()
    compressor = zlib.compressobj(0, zlib.DEFLATED, 31)
    return compressor.compress(tar) + compressor.flush(), digest_of(tar)


def day(number):
    return (datetime.datetime(2020, 1, 1) + datetime.timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%SZ")


def push_image(pusher, repository, tag, name, layer_sizes, created, architecture="amd64"):
    layers, tars = [], []
    for number, size in enumerate(layer_sizes):
        content, tar = layer(f"{name} {architecture} {number}", size)
        layers.append({"mediaType": LAYER, **pusher.blob(repository, content)})
        tars.append(tar)
    config = pusher.blob(repository, json.dumps({
        "architecture": architecture, "os": "linux", "created": created,
        "config": {"Env": ["PATH=/bin"], "Cmd": ["/bin/sh"], "Labels": {"name": name}},
        "rootfs": {"type": "layers", "diff_ids": tars},
        "history": [{"created": created, "created_by": "images.py"} for _ in tars]}).encode())
    described = pusher.manifest(repository, tag, {
        "schemaVersion": 2, "mediaType": MANIFEST, "config": {"mediaType": CONFIG, **config}, "layers": layers})
    return {**described, "platform": {"architecture": architecture, "os": "linux"}}


def push_index(pusher, repository, tag, name, layer_sizes, created):
    children = [push_image(pusher, repository, None, name, layer_sizes, created, architecture)
                for architecture in ("amd64", "arm64")]
    pusher.manifest(repository, tag, {"schemaVersion": 2, "mediaType": INDEX, "manifests": children})


def in_parallel(push, count):
    with concurrent.futures.ThreadPoolExecutor(PUSHES_AT_ONCE) as pool:
        list(pool.map(push, range(count)))


def fill_platforms(host, repository, count, layer_size=1_000_000):
    """`count` tags, each an index of two platforms with one layer of its own."""
    pusher = Pusher(host)
    in_parallel(lambda n: push_index(pusher, repository, f"3.{n // 3}.{n % 3}", f"{repository} {n}", [layer_size], day(n)), count)


def fill_single(host, repository, count):
    """`count` tags, each a small image with a creation date of its own."""
    pusher = Pusher(host)
    in_parallel(lambda n: push_image(pusher, repository, f"1.{n // 100}.{n % 100}", f"{repository} {n}", [1000], day(n)), count)


def fill_big(host, repository, layer_size, layers=4):
    push_image(Pusher(host), repository, "1.0", repository, [layer_size] * layers, day(0))


def fill_aliases(host, repository):
    """Four tags of one image of four blobs."""
    pusher = Pusher(host)
    for tag in ("1", "1.2", "1.2.3", "latest"):
        push_image(pusher, repository, tag, repository, [100_000] * 3, day(0))


def write_layout(directory, count):
    """An image layout with `count` tags of one small image, all of different digests."""
    (directory / "blobs" / "sha256").mkdir(parents=True)
    (directory / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')

    def store(content):
        (directory / "blobs" / "sha256" / digest_of(content).split(":")[1]).write_bytes(content)
        return {"digest": digest_of(content), "size": len(content)}

    content, tar = layer("layout", 1000)
    stored_layer = {"mediaType": LAYER, **store(content)}
    config = {"mediaType": CONFIG, **store(json.dumps({
        "architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [tar]}}).encode())}
    manifests = []
    for n in range(count):
        manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [stored_layer],
                               "annotations": {"number": str(n)}}).encode()
        manifests.append({"mediaType": MANIFEST, **store(manifest),
                          "annotations": {"org.opencontainers.image.ref.name": f"1.{n // 100}.{n % 100}"}})
    (directory / "index.json").write_text(json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}))
