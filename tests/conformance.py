#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""conformance.py REPORT...: docs/CONFORMANCE.md on standard output.

A REPORT is what ctest --output-junit wrote of a run. A test proves the items
that its name begins with: R5_notifies_only_past_the_event_index, or several,
T2_T3_refused_and_answered. The items are those of conformance.txt.
"""
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

HEAD = """# Conformance

Every duty of the netif protocol, the tests that prove it, and what they said.
Written by `./dev conformance` from a run of the tests; `./dev test` fails when
this file says anything else. A duty is B: the backend's, F: the frontend's,
P: the producer's or C: the consumer's on either end, A: anyone's.
"""
RESULT = re.compile(r"\[\s*(OK|FAILED)\s*\] (\w+)")
ITEMS = re.compile(r"(?:[A-Z]\d+_)+")


def read_items(path):
    """Yields (id, duty, summary), in the order of the file."""
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split(None, 2)


def read_cases(reports):
    for report in reports:
        yield from ElementTree.parse(report).getroot().iter("testcase")


def read_results(reports):
    """Maps an item to its tests, each with whether it passed."""
    proofs = {}
    for case in read_cases(reports):
        output = case.findtext("system-out") or ""
        passed = {}
        for result, name in RESULT.findall(output):
            passed[name] = passed.get(name, True) and result == "OK"
        for name, ok in passed.items():
            prefix = ITEMS.match(name)
            for item in prefix.group().split("_")[:-1] if prefix else []:
                test = f"{case.get('name')} {name}"
                proofs.setdefault(item, {})[test] = ok
    return proofs


def state(tests):
    if not tests:
        return "open"
    return "proved" if all(tests.values()) else "FAILS"


def main():
    items = list(read_items(pathlib.Path(__file__).with_suffix(".txt")))
    proofs = read_results(sys.argv[1:])
    unknown = sorted(set(proofs) - {item for item, _, _ in items})
    if unknown:
        sys.exit("no such item: " + " ".join(unknown))

    done = sum(state(proofs.get(item)) == "proved" for item, _, _ in items)
    print(HEAD)
    print(f"{done} of {len(items)} items are proved.\n")
    print("| Item | Duty | What | State | Tests |\n|---|---|---|---|---|")
    for item, duty, summary in items:
        tests = proofs.get(item, {})
        cells = "<br>".join(f"`{test}`" for test in sorted(tests))
        print(f"| {item} | {duty} | {summary} | {state(tests)} | {cells} |")


main()
