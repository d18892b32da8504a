#!/usr/bin/python3 -IS
"""Runs a program and says what it cost.

    measured.py RESULT_FILE PROGRAM [ARGUMENT...]

Writes JSON: seconds of wall clock, user and system time with those of children it waited for, peak of resident memory in KiB, exit
code. A small process of its own, because the kernel counts the memory of whoever starts a program as that program's, too.
"""
import json
import os
import sys
import time


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    started = time.monotonic()
    pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
    _, status, used = os.wait4(pid, 0)
    wall = time.monotonic() - started
    with open(sys.argv[1], "w", encoding="ascii") as result:
        json.dump({"wall": wall, "user": used.ru_utime, "system": used.ru_stime, "peak_kib": used.ru_maxrss,
                   "exit_code": os.waitstatus_to_exitcode(status)}, result)


if __name__ == "__main__":
    main()
