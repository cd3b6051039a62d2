#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# interop.py LOG...: what the scenarios xen.interop-* said, as docs/INTEROP.md.
# A line of theirs: row|FEATURE|CHANGED|BACKEND|FRONTEND|AGREED|CONTENT
import pathlib
import re
import sys

HEAD = """# With Linux's drivers

`./dev interop` writes this from what three scenarios on real Xen say; see [tests/xen](../tests/xen/README.md). In each
line an interface of its own was connected (Linux's driver at one end, `netback` or `netfront` at the other), and TCP and
UDP of 1 byte to 65507 went both ways, over IPv4 and IPv6, every byte compared: *same*, or *differs*.

*Backend* and *frontend* are what the end wrote into its directory: the keys are netif.h's
([EXTENSIONS.md](EXTENSIONS.md) has those of our own), - one that is not there, *given* a number that is another's each
time. *Agreed* is what `--explain` says of the connection. With ethtool Linux does without something that it still takes.
"""

SECTIONS = [
    ("interop-front", "Linux's netfront on our netback"),
    ("interop-guest", "The same in a guest of its own, with an XDP program"),
    ("interop-back", "Our netfront on Linux's netback"),
]


def rows(log):
    for line in log.read_text(errors="replace").splitlines():
        row = re.match(r" *\d+  row\|(.*)", line)
        if row:
            yield row.group(1).split("|")


def main():
    logs = {pathlib.Path(name).stem: pathlib.Path(name) for name in sys.argv[1:]}
    print(HEAD)
    for stem, title in SECTIONS:
        print(f"## {title}\n")
        print("| feature | changed | backend | frontend | agreed | content |")
        print("|---|---|---|---|---|---|")
        for row in rows(logs[stem]):
            print("| " + " | ".join(row) + " |")
        print()


main()
