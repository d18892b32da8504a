"""Which bars of bars.json imglife meets, going by the results of the same run."""
import json
import pathlib

BARS = json.loads((pathlib.Path(__file__).resolve().parent / "bars.json").read_text())["cases"]
UNITS = {"seconds": "s", "times faster than peers": "s", "times the limit": "s", "peak MB": "MB"}


def judge(results):
    """What imglife may take and what it took, from the results of all tools in one case at one latency."""
    walls = {result["tool"]: result["wall"] for result in results}
    verdicts = []
    for own in (result for result in results if result["tool"] == "imglife"):
        for kind, bar in bars_of(own["case"], own["latency_ms"]).items():
            at_most, against = allowed(kind, bar, walls)
            verdicts.append({"kind": kind, "bar": bar, "against": against, "at_most": at_most,
                             "measured": measured(kind, own), "unit": UNITS.get(kind, "requests")})
    return verdicts


def bars_of(case, latency):
    bars = BARS.get(case, {})
    return {**bars.get("always", {}), **bars.get("delayed" if latency else "direct", {})}


def allowed(kind, bar, walls):
    """The most that meets the bar, and the tool that sets it; no figure if that tool took no part."""
    if kind == "times faster than peers":
        peers = {tool: wall for tool, wall in walls.items() if tool not in ("imglife", "limit")}
        fastest = min(peers, key=peers.get, default=None)
        return (peers[fastest] / bar, fastest) if fastest else (None, None)
    if kind == "times the limit":
        return (walls["limit"] * bar, "limit") if "limit" in walls else (None, None)
    return bar, None


def measured(kind, own):
    if UNITS.get(kind) == "s":
        return own["wall"]
    if kind == "peak MB":
        return max(run["peak_kib"] for run in own["runs"]) / 1024
    side, which = kind.split()
    return max(sum(count for method, count in run["requests"][side].items() if which in ("requests", method))
               for run in own["runs"])
