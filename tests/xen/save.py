#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""save.py MONITOR FILE: has QEMU write the machine's state to FILE, and ends it."""
import json
import socket
import sys
import time

monitor, path = sys.argv[1:]
connection = socket.socket(socket.AF_UNIX)
connection.settimeout(120)
connection.connect(monitor)
lines = connection.makefile("rw")
lines.readline()  # the greeting


def ask(command, **arguments):
    json.dump({"execute": command, "arguments": arguments}, lines)
    lines.flush()
    while True:
        answer = json.loads(lines.readline())
        if "error" in answer:
            sys.exit(f"{command}: {answer['error']['desc']}")
        if "return" in answer:
            return answer["return"]


ask("qmp_capabilities")
ask("migrate-set-parameters", **{"max-bandwidth": 100 << 30})
ask("migrate", uri=f"exec:cat >'{path}'")
while (status := ask("query-migrate")["status"]) in ("setup", "active", "device"):
    time.sleep(0.1)
if status != "completed":
    sys.exit(f"the snapshot {status}")
ask("quit")
