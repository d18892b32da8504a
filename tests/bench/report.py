"""Results as rows of a Markdown table."""
import os
import platform
import statistics

COLUMNS = ["case", "latency", "tool", "wall s: median", "min", "max", "CPU s", "registries' CPU s", "peak MB", "source", "target",
           "bars"]


def head(versions, options):
    lines = [f"- {program} {version}" for program, version in versions.items()]
    lines += [f"- {tool} takes no part in runs with latency" for tool in options.skip_delayed]
    if options.quick:
        lines.append("- quick: no measurement, and the bars are those of the full sizes")
    return "\n".join([*lines, "", "| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)])


def requests(counts):
    return ", ".join(f"{count} {method}" for method, count in counts.items()) or "none"


def bar(verdict):
    against, at_most, measured, unit = (verdict[field] for field in ("against", "at_most", "measured", "unit"))
    name = f"{verdict['kind']} {verdict['bar']}" + (f" ({against})" if against else "")
    if at_most is None:
        return f"{name}: not judged, nothing to compare with took part"
    if measured <= at_most:
        return f"{name}: met"
    return f"{name}: missed by {measured / at_most - 1:.1%}, {measured:.4g} {unit} instead of {at_most:.4g}"


def row(result):
    def median(value):
        return statistics.median(value(run) for run in result["runs"])

    walls = [run["wall"] for run in result["runs"]]
    last = result["runs"][-1]
    cells = [result["case"], f"{result['latency_ms']:g} ms" if result["latency_ms"] else "none", result["tool"],
             f"{statistics.median(walls):.3f}", f"{min(walls):.3f}", f"{max(walls):.3f}",
             f"{median(lambda run: run['user'] + run['system']):.3f}", f"{median(lambda run: run['server_cpu']):.2f}",
             f"{max(run['peak_kib'] for run in result['runs']) / 1024:.1f}",
             requests(last["requests"]["source"]), requests(last["requests"]["target"]),
             "; ".join(bar(verdict) for verdict in result["verdicts"])]
    return "| " + " | ".join(cells) + " |"


def machine():
    return {"cores": os.cpu_count(), "system": platform.platform(), "load": os.getloadavg()}
