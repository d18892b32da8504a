#!/usr/bin/python3
"""The JSON Schema of imglife.yaml accepts what the decoder accepts, and refuses what it refuses.

  json_schema_test.py SCHEMA TESTDATA

TESTDATA/valid and TESTDATA/invalid-semantic must be accepted (the latter is wrong in ways that a
schema can't say), TESTDATA/invalid refused. config_files_test.cc asks the decoder the same.
"""
import json
import pathlib
import re
import sys

import jsonschema
import yaml


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema, which editors use: `no` is a string, `010` is ten."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", r"<<", "<"),
]:
    CoreLoader.add_implicit_resolver(
        "tag:yaml.org,2002:" + tag, re.compile(f"^(?:{pattern})$"), None if "\0" in first else list(first)
    )
CoreLoader.add_constructor(
    "tag:yaml.org,2002:int",
    lambda loader, node: int(node.value, 0 if node.value.startswith(("0x", "0o")) else 10),
)
CoreLoader.add_constructor("!secret", lambda loader, node: loader.construct_scalar(node))


def check_schema_itself(schema):
    """Every property says what it is, and gives a default or an example; examples hold."""
    problems = []

    def visit(node, path):
        if isinstance(node, dict):
            for name, value in node.get("properties", {}).items():
                if "/if/" in path or "/not/" in path or path.endswith(("/if", "/not", "/then")):
                    continue
                if "description" not in value:
                    problems.append(f"{path}/properties/{name} has no description")
                if "default" not in value and "examples" not in value:
                    problems.append(f"{path}/properties/{name} has neither default nor example")
            if "examples" in node or "default" in node:
                resolved = {**node, "definitions": schema["definitions"]}
                samples = node.get("examples", []) + ([node["default"]] if "default" in node else [])
                for sample in samples:
                    for error in jsonschema.Draft7Validator(resolved).iter_errors(sample):
                        problems.append(f"{path}: sample {sample!r}: {error.message}")
            for key, value in node.items():
                if key not in ("examples", "default", "const", "enum"):
                    visit(value, f"{path}/{key}")
        elif isinstance(node, list):
            for index, value in enumerate(node):
                visit(value, f"{path}/{index}")

    visit(schema, "")
    return problems


def main():
    schema = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    testdata = pathlib.Path(sys.argv[2])
    jsonschema.Draft7Validator.check_schema(schema)
    problems = check_schema_itself(schema)
    validator = jsonschema.Draft7Validator(schema)
    seen = 0
    for folder, accepted in [("valid", True), ("invalid-semantic", True), ("invalid", False)]:
        files = sorted((testdata / folder).glob("*.yaml"))
        if not files:
            problems.append(f"{folder} holds no files")
        for file in files:
            seen += 1
            document = yaml.load(file.read_text(encoding="utf-8"), Loader=CoreLoader)
            errors = list(validator.iter_errors(document))
            if accepted:
                problems += [f"{folder}/{file.name}: {e.json_path}: {e.message}" for e in errors]
            elif not errors:
                problems.append(f"{folder}/{file.name}: the schema accepts it")
    print("\n".join(problems) if problems else f"{seen} files")
    return 1 if problems else 0


sys.exit(main())
