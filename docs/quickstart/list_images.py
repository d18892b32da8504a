#!/usr/bin/python3
"""Lists the images of an OCI registry, and fetches all of each.

    list_images.py BASE_URL

One line for every platform of every tag, sorted by bytes: REPOSITORY:TAG <tab> DIGEST <tab> PLATFORM <tab> LABELS,
the digest being the tag's and the labels KEY=VALUE, separated by spaces. Every manifest, config and layer is compared
with its digest and size: what is missing or different ends it with exit code 1.
"""
import hashlib
import http.client
import json
import sys
import urllib.parse

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Registry:
    def __init__(self, base_url):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(base_url).netloc, timeout=30)

    def get(self, path):
        self.connection.request("GET", path, headers={"Accept": f"{INDEX}, {MANIFEST}"})
        response = self.connection.getresponse()
        content = response.read()
        if response.status != 200:
            sys.exit(f"list_images.py: {path}: {response.status} {content[:200]!r}")
        if response.getheader("Link"):
            sys.exit(f"list_images.py: {path} has more pages")
        return content

    def get_verified(self, repository, kind, descriptor):
        path = f"/v2/{repository}/{kind}/{descriptor['digest']}"
        content = self.get(path)
        if digest_of(content) != descriptor["digest"] or len(content) != descriptor["size"]:
            sys.exit(f"list_images.py: {path}: {len(content)} bytes, {digest_of(content)}, not {descriptor}")
        return content

    def repositories(self):
        return json.loads(self.get("/v2/_catalog"))["repositories"]

    def tags(self, repository):
        return json.loads(self.get(f"/v2/{repository}/tags/list"))["tags"]


def platform_of(document):
    return "/".join(document[key] for key in ("os", "architecture", "variant") if document.get(key))


def describe(registry, repository, descriptor):
    """PLATFORM <tab> LABELS of one manifest of an index."""
    manifest = json.loads(registry.get_verified(repository, "manifests", descriptor))
    config = json.loads(registry.get_verified(repository, "blobs", manifest["config"]))
    for layer in manifest["layers"]:
        registry.get_verified(repository, "blobs", layer)
    if platform_of(config) != platform_of(descriptor["platform"]):
        sys.exit(f"list_images.py: {repository}: {descriptor} is an image for {platform_of(config)}")
    labels = (config.get("config") or {}).get("Labels") or {}
    return f"{platform_of(config)}\t{' '.join(f'{key}={labels[key]}' for key in sorted(labels))}"


def lines_of(registry, repository, tag):
    content = registry.get(f"/v2/{repository}/manifests/{tag}")
    index = json.loads(content)
    if index.get("mediaType") != INDEX:
        sys.exit(f"list_images.py: {repository}:{tag} is no index: {index.get('mediaType')}")
    return [f"{repository}:{tag}\t{digest_of(content)}\t{describe(registry, repository, child)}"
            for child in index["manifests"]]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    registry = Registry(sys.argv[1])
    lines = [line for repository in registry.repositories() for tag in registry.tags(repository)
             for line in lines_of(registry, repository, tag)]
    sys.stdout.write("".join(line + "\n" for line in sorted(lines)))


if __name__ == "__main__":
    main()
