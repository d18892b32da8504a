"""Which version of each program takes part."""
import re
import subprocess

import tools

REGCLIENT = ["version", "--format", "{{.VCSTag}}"]
ARGUMENTS = {"imglife": ["version"], "crane": ["version"], "regsync": REGCLIENT, "regctl": REGCLIENT, "regbot": REGCLIENT}
NUMBER = re.compile(r"\d+\.\d+\S*")


def of(wanted, imglife):
    """By name of the program, for these tools and the registry."""
    programs = {tools.program(tool, tool): tools.program(tool, imglife) for tool in [*wanted, "docker-registry"]}
    return {name: version(program, ARGUMENTS.get(name, ["--version"])) for name, program in programs.items()}


def version(program, arguments):
    if not tools.installed(program):
        return "not installed"
    said = subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
    number = NUMBER.search(said)
    return number.group() if number else said.strip()
