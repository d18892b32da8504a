"""Results as rows of a Markdown table."""
import os
import platform
import statistics

COLUMNS = ["case", "latency", "tool", "wall s: median", "min", "max", "CPU s", "registries' CPU s", "peak MB", "source", "target"]


def head(versions, options):
    lines = [f"- {program} {version}" for program, version in versions.items()]
    lines += [f"- {tool} takes no part in runs with latency" for tool in options.skip_delayed]
    if options.quick:
        lines.append("- quick: no measurement")
    return "\n".join([*lines, "", "| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)])


def requests(counts):
    return ", ".join(f"{count} {method}" for method, count in counts.items()) or "none"


def row(result):
    def median(value):
        return statistics.median(value(run) for run in result["runs"])

    walls = [run["wall"] for run in result["runs"]]
    last = result["runs"][-1]
    cells = [result["case"], f"{result['latency_ms']:g} ms" if result["latency_ms"] else "none", result["tool"],
             f"{statistics.median(walls):.3f}", f"{min(walls):.3f}", f"{max(walls):.3f}",
             f"{median(lambda run: run['user'] + run['system']):.3f}", f"{median(lambda run: run['server_cpu']):.2f}",
             f"{max(run['peak_kib'] for run in result['runs']) / 1024:.1f}",
             requests(last["requests"]["source"]), requests(last["requests"]["target"])]
    return "| " + " | ".join(cells) + " |"


def machine():
    return {"cores": os.cpu_count(), "system": platform.platform(), "load": os.getloadavg()}
