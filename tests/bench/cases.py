"""What is measured: the data, the state before each run, and who does it."""
import dataclasses
from typing import Callable

import images
import tools


@dataclasses.dataclass
class Size:
    platforms_tags: int = 60
    layer: int = 1_000_000
    many_tags: int = 1000
    big_layer: int = 256 << 20
    actions: int = 10_000
    latency: float = 20


QUICK = Size(platforms_tags=4, layer=10_000, many_tags=10, big_layer=1 << 20, actions=100, latency=5)


@dataclasses.dataclass
class Case:
    name: str
    title: str
    # By tool. Several names of one tool are several ways to use it.
    commands: dict[str, Callable]
    repository: str = "lib/none"
    # Fills the repository of the source; None: needs no registry.
    fill: Callable = None
    # Does the target have everything before a run?
    filled_target: bool = False
    # Runs the command once before it is measured, with the same HOME.
    again: bool = False
    runs: int = 7


def make_cases(size):
    tags = f"{size.platforms_tags} two-platform tags"
    many = f"{size.many_tags:,} tags"

    def platforms(host):
        images.fill_platforms(host, "lib/platforms", size.platforms_tags, size.layer)

    def single(host):
        images.fill_single(host, "lib/many", size.many_tags)

    mirror = {"imglife": tools.imglife_mirror, "crane": tools.crane_mirror, "regsync": tools.regsync_mirror,
              "skopeo": tools.skopeo_mirror}
    split_mirror = {**mirror, "regsync-split": tools.regsync_mirror_split}
    digests = {**split_mirror, "imglife": tools.imglife_mirror_digests, "limit": tools.curl_digests}
    many_digests = {name: command for name, command in digests.items() if name != "skopeo"}
    dates = {"imglife": tools.imglife_dates, "crane": tools.crane_dates, "regbot": tools.regbot_dates, "limit": tools.curl_dates}
    return [
        Case("start", "imglife version", {"imglife": tools.imglife_version}, runs=21),
        Case("cold", f"first copy of {tags}", split_mirror, "lib/platforms", platforms, runs=5),
        Case("uptodate", f"{tags}, nothing to do",
             {"imglife": tools.imglife_mirror, "crane": tools.crane_mirror_missing, "regsync": tools.regsync_mirror_missing,
              "limit": tools.curl_lists},
             "lib/platforms", platforms, filled_target=True, runs=15),
        Case("digests", f"{tags}, nothing to do, digests compared", digests, "lib/platforms", platforms, filled_target=True),
        Case("big", f"one image of 4 layers of {size.big_layer >> 20} MiB",
             {"imglife": tools.imglife_mirror, "crane": tools.crane_mirror, "regctl": tools.regctl_copy,
              "skopeo": tools.skopeo_mirror, "limit": tools.curl_copy},
             "lib/big", lambda host: images.fill_big(host, "lib/big", size.big_layer), runs=5),
        Case("many", f"{many}, nothing to do, digests compared", many_digests, "lib/many", single, filled_target=True, runs=5),
        Case("dates", f"created dates of {many}", dates, "lib/many", single, filled_target=True, runs=5),
        Case("dates-again", f"created dates of {many}, second time", {"imglife": tools.imglife_dates}, "lib/many", single,
             filled_target=True, again=True, runs=5),
        Case("aliases", "4 tags of one image of 4 blobs", mirror, "lib/aliases",
             lambda host: images.fill_aliases(host, "lib/aliases")),
        Case("render", f"imglife show: a plan of {size.actions:,} actions", {"imglife": None}),
    ]


TAGS_OF_A_LAYOUT = 100


def render_command(job, actions):
    """A saved plan of copies between image layouts, and the command that shows it."""
    entries = []
    for first in range(0, actions, TAGS_OF_A_LAYOUT):
        images.write_layout(job.directory / f"upstream{first}", min(TAGS_OF_A_LAYOUT, actions - first))
        entries.append(f"    - source: ocidir://./upstream{first}\n      tag_regex: '.'\n      target: ocidir://./mirror{first}\n")
    job.write("imglife.yaml", "sync:\n  entries:\n" + "".join(entries))
    return [[job.imglife, "plan", "--quiet", "--out", "plan.json"], [job.imglife, "show", "plan.json"]]
