#!/usr/bin/python3
"""Measures imglife side by side with the tools that it replaces, on registries of its own. See docs/performance.md.

    bench.py [--quick] [--runs N] [--direct] [--tool NAME]... [--skip-delayed NAME]... [--json FILE] --imglife FILE [CASE...]
"""
import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

import bars
import cases
import report
import servers
import tools
import versions

HERE = pathlib.Path(__file__).resolve().parent


class Bench:
    def __init__(self, options, tools_taking_part, work):
        self.options, self.tools, self.work = options, tools_taking_part, work
        self.size = cases.QUICK if options.quick else cases.Size()
        self.source = servers.Registry(work)
        self.filled = servers.Registry(work)
        self.have = set()
        self.results = []

    def stop(self):
        self.source.stop()
        self.filled.stop()

    def run(self, case):
        latencies = [0] if case.fill is None or self.options.direct else [0, self.size.latency]
        if case.fill:
            self.fill(case)
        for latency in latencies:
            self.measure(case, latency)

    def fill(self, case):
        if case.repository not in self.have:
            self.have.add(case.repository)
            case.fill(self.source.host)
        if case.filled_target and (case.repository, "copied") not in self.have:
            self.have.add((case.repository, "copied"))
            job = self.job(case, self.source.host, self.filled.host)
            self.execute(tools.imglife_mirror(job), job)

    def measure(self, case, latency):
        """Each tool in turn, so that whatever else the machine does hits all of them."""
        left_out = self.options.skip_delayed if latency else []
        runs = {name: [] for name in case.commands if name in self.tools and name not in left_out}
        for _ in range(self.options.runs or (1 if self.options.quick else case.runs)):
            for name, done in runs.items():
                done.append(self.run_once(case, name, latency))
        results = [{"case": case.name, "title": case.title, "latency_ms": latency, "tool": name, "runs": done,
                    "wall": statistics.median(run["wall"] for run in done)} for name, done in runs.items()]
        verdicts = bars.judge(results)
        for result in results:
            result["verdicts"] = verdicts if result["tool"] == "imglife" else []
            print(report.row(result), flush=True)
        self.results += results

    def run_once(self, case, name, latency):
        target = self.filled if case.filled_target or case.fill is None else servers.Registry(self.work)
        delays = [servers.Delay(registry.host, latency) for registry in (self.source, target)] if latency else []
        source_host, target_host = [delay.host for delay in delays] or [self.source.host, target.host]
        job = self.job(case, source_host, target_host, target)
        try:
            commands = cases.render_command(job, self.size.actions) if case.name == "render" else [case.commands[name](job)]
            for before in commands[:-1] + (commands if case.again else []):
                self.execute(before, job)
            return self.observe(commands[-1], job, target)
        finally:
            for delay in delays:
                delay.stop()
            if target is not self.filled:
                target.stop()
            shutil.rmtree(job.directory)

    def observe(self, command, job, target):
        registries = {"source": self.source, "target": target}
        for registry in registries.values():
            registry.requests()
        before = sum(registry.cpu_seconds() for registry in registries.values())
        measured = self.execute(command, job)
        measured["server_cpu"] = sum(registry.cpu_seconds() for registry in registries.values()) - before
        measured["requests"] = {name: registry.requests() for name, registry in registries.items()}
        return measured

    def execute(self, command, job):
        result = job.directory / "measured.json"
        with open(job.directory / "output", "wb") as output:
            subprocess.run([str(HERE / "measured.py"), str(result), *command], cwd=job.directory, stdin=subprocess.DEVNULL,
                           stdout=output, stderr=output, env=tools.environment(job.directory), check=True)
        measured = json.loads(result.read_text())
        if measured["exit_code"] != 0:
            said = (job.directory / "output").read_text(errors="replace")
            sys.exit(f"{' '.join(command)} ended with {measured['exit_code']}:\n{said[-2000:]}")
        return measured

    def job(self, case, source, target, target_registry=None):
        return tools.Job(imglife=self.options.imglife, source=source, target=target, direct_source=self.source.host,
                         direct_target=(target_registry or self.filled).host, repository=case.repository,
                         directory=pathlib.Path(tempfile.mkdtemp(prefix="job-", dir=self.work)))


def taking_part(options, known):
    """All tools that are installed; but those that were asked for, and imglife, have to be."""
    wanted = options.tool or known
    missing = [tool for tool in wanted if not tools.installed(tools.program(tool, options.imglife))]
    if missing and (options.tool or "imglife" in missing):
        sys.exit(f"{missing[0]} can't be measured: there is no program {tools.program(missing[0], options.imglife)}")
    return [tool for tool in wanted if tool not in missing]


def main():
    known_cases = cases.make_cases(cases.Size())
    known_tools = list(dict.fromkeys(tool for case in known_cases for tool in case.commands))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="*", help=", ".join(case.name for case in known_cases))
    parser.add_argument("--quick", action="store_true", help="everything once, with little data")
    parser.add_argument("--runs", type=int, help="of each tool, instead of what the case is measured with")
    parser.add_argument("--direct", action="store_true", help="without the runs with latency")
    parser.add_argument("--tool", action="append", choices=known_tools, metavar="NAME",
                        help="only this one of " + ", ".join(known_tools) + "; may be given several times")
    parser.add_argument("--skip-delayed", action="append", default=[], choices=known_tools, metavar="NAME",
                        help="leave this tool out of the runs with latency; may be given several times")
    parser.add_argument("--json", type=pathlib.Path, help="every run in a file")
    parser.add_argument("--imglife", required=True, help="the program")
    options = parser.parse_args()
    options.imglife = str(pathlib.Path(options.imglife).resolve())
    work = pathlib.Path(tempfile.mkdtemp(prefix="imglife-bench-"))
    try:
        bench = Bench(options, taking_part(options, known_tools), work)
        try:
            known = {case.name: case for case in cases.make_cases(bench.size)}
            unknown = [name for name in options.case if name not in known]
            if unknown:
                sys.exit(f"there is no case {unknown[0]}; there are {', '.join(known)}")
            took_part = versions.of(options.tool or known_tools, options.imglife)
            print(report.head(took_part, options), flush=True)
            for name in options.case or known:
                bench.run(known[name])
        finally:
            bench.stop()
        if options.json:
            options.json.write_text(json.dumps({
                "machine": report.machine(), "versions": took_part, "quick": options.quick, "skip_delayed": options.skip_delayed,
                "results": bench.results}, indent=1) + "\n")
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
