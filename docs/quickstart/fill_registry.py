#!/usr/bin/python3
"""Pushes small images under real names into an OCI registry.

    fill_registry.py BASE_URL < LIST

Each line of LIST is REPOSITORY <tab> TAG <tab> DAY; empty lines and lines with # are skipped. Every
tag becomes an OCI index of linux/amd64 and linux/arm64 with one layer of a few hundred bytes and
the day as creation date. Tags of one repository and day share their image, as aliases do. The same
line gives the same bytes, always.
"""
import gzip
import hashlib
import http.client
import io
import json
import sys
import tarfile
import urllib.parse

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
ARCHITECTURES = ("amd64", "arm64")


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Registry:
    def __init__(self, base_url):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(base_url).netloc, timeout=30)

    def request(self, method, path, body=b"", content_type="application/octet-stream"):
        self.connection.request(method, path, body=body, headers={"Content-Type": content_type})
        response = self.connection.getresponse()
        text = response.read()
        if response.status >= 300:
            sys.exit(f"fill_registry.py: {method} {path}: {response.status} {text[:200]!r}")
        return response

    def push_blob(self, repository, content):
        started = self.request("POST", f"/v2/{repository}/blobs/uploads/")
        location = urllib.parse.urlsplit(started.getheader("Location"))
        query = f"{location.query}&digest={urllib.parse.quote(digest_of(content))}"
        self.request("PUT", f"{location.path}?{query}", content)
        return {"digest": digest_of(content), "size": len(content)}

    def push_manifest(self, repository, reference, document):
        content = json.dumps(document, indent=2).encode()
        self.request("PUT", f"/v2/{repository}/manifests/{reference or digest_of(content)}", content,
                     document["mediaType"])
        return {"mediaType": document["mediaType"], "digest": digest_of(content), "size": len(content)}


def layer_of(text):
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.GNU_FORMAT) as archive:
        entry = tarfile.TarInfo("etc/release")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
    return tar.getvalue()


def push_image(registry, repository, name, day, architecture):
    tar = layer_of(f"{name} {architecture}\n".encode())
    layer = registry.push_blob(repository, gzip.compress(tar, mtime=0))
    created = f"{day}T12:00:00Z"
    config = registry.push_blob(repository, json.dumps({
        "architecture": architecture, "os": "linux", "created": created,
        "config": {"Env": ["PATH=/bin"], "Cmd": ["/bin/sh"]},
        "rootfs": {"type": "layers", "diff_ids": [digest_of(tar)]},
        "history": [{"created": created, "created_by": "fill_registry.py"}]}).encode())
    descriptor = registry.push_manifest(repository, None, {
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, **config}, "layers": [{"mediaType": LAYER, **layer}]})
    return {**descriptor, "platform": {"architecture": architecture, "os": "linux"}}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    registry = Registry(sys.argv[1])
    children = {}
    for line in sys.stdin:
        if not line.strip() or line.startswith("#"):
            continue
        repository, tag, day = line.rstrip("\n").split("\t")
        if (repository, day) not in children:
            name = f"{repository} of {day}"
            children[repository, day] = [push_image(registry, repository, name, day, architecture)
                                         for architecture in ARCHITECTURES]
        registry.push_manifest(repository, tag, {"schemaVersion": 2, "mediaType": INDEX,
                                                 "manifests": children[repository, day]})


if __name__ == "__main__":
    main()
