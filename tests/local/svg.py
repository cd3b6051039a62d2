# SPDX-License-Identifier: MIT OR GPL-2.0-only
# svg.py FILE N TEXT...: a well-formed picture of gnuplot's with so many bars
# and points, those of the legend too, in which each TEXT is to be read. Where a
# machine was too busy for some values, fewer, but not half.
import sys
from xml.etree import ElementTree as tree

root = tree.parse(sys.argv[1]).getroot()
assert root.tag == "{http://www.w3.org/2000/svg}svg", root.tag


def all_of(tag, under=root):
    return list(under.iter(root.tag[:-3] + tag))


text = ["".join(t.itertext()).strip() for t in all_of("text")]
for want in sys.argv[3:]:
    assert any(want in t for t in text), want + " is not in " + repr(text)
# points are defined before they are used
bars = len(all_of("polygon"))
points = len(all_of("use")) - sum(len(all_of("use", d)) for d in all_of("defs"))
assert int(sys.argv[2]) / 2 < bars + points <= int(sys.argv[2]), (bars, points)
