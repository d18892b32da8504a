#!/usr/bin/python3
"""endoflife.date for tests: serves testdata/eol on a free loopback port, as the site does.

    eol_server.py [--data DIRECTORY] [--log FILE] [--without-v1]

Prints the port on a line of its own and then serves until it is ended by a signal. Both APIs, 301
for aliases and for a missing slash at the end, HTML in a 404, 304 for a known ETag. --log appends a
line "PATH STATUS" for every answer; --without-v1 answers 404 to all of API v1, as an older mirror
does.
"""
import argparse
import hashlib
import http.server
import json
import pathlib
import re

NOT_FOUND = b"<!DOCTYPE html>\n<html><head><title>Page not found | endoflife.date</title></head></html>\n"


class Site:
    """What there is at which path: (status, content type, body, location)."""

    def __init__(self, directory, with_v1):
        self.v0 = {path.stem: path for path in directory.glob("v0/*.json")}
        self.v1 = {path.stem: path for path in directory.glob("v1/*.json")} if with_v1 else {}
        self.aliases = json.loads((directory / "aliases.json").read_text(encoding="utf-8"))

    def answer(self, path):
        v1 = re.fullmatch(r"/api/v1/products(?:/([^/]+))?(/?)", path)
        if v1 and self.v1:
            return self.answer_v1(v1.group(1), v1.group(2))
        v0 = re.fullmatch(r"/api/([^/]+)\.json", path)
        if v0:
            return self.answer_v0(v0.group(1))
        return self.missing()

    def answer_v1(self, product, slash):
        if product is None:
            return self.document(self.products()) if slash else self.moved("/api/v1/products/")
        if product in self.aliases:
            return self.moved(f"/api/v1/products/{self.aliases[product]}/")
        if product not in self.v1:
            return self.missing()
        if not slash:
            return self.moved(f"/api/v1/products/{product}/")
        return 200, "application/json", self.v1[product].read_bytes(), None

    def answer_v0(self, product):
        if product == "all":
            return self.document(sorted(self.v0))
        if product in self.aliases:
            return self.moved(f"/api/{self.aliases[product]}.json")
        if product not in self.v0:
            return self.missing()
        return 200, "application/json", self.v0[product].read_bytes(), None

    def products(self):
        summaries = []
        for name in sorted(self.v1):
            aliases = sorted(alias for alias, product in self.aliases.items() if product == name)
            summaries.append({"name": name, "aliases": aliases, "label": name})
        return {"schema_version": "1.2.1", "total": len(summaries), "result": summaries}

    @staticmethod
    def document(value):
        return 200, "application/json", json.dumps(value).encode(), None

    @staticmethod
    def moved(location):
        return 301, "text/plain", b"Redirecting\n", location

    @staticmethod
    def missing():
        return 404, "text/html; charset=utf-8", NOT_FOUND, None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.split("?", 1)[0]
        status, content_type, body, location = self.server.site.answer(path)
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if status == 200 and self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        if self.server.log:
            with open(self.server.log, "a", encoding="utf-8") as log:
                log.write(f"{path} {status}\n")
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if status in (200, 304):
            self.send_header("ETag", etag)
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    default = pathlib.Path(__file__).resolve().parents[2] / "testdata" / "eol"
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=pathlib.Path, default=default)
    parser.add_argument("--log")
    parser.add_argument("--without-v1", action="store_true")
    arguments = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.site = Site(arguments.data, not arguments.without_v1)
    server.log = arguments.log
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
