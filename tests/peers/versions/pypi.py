"""Compares versions as Python's packaging does: lines "A<tab>B" in, < = > out."""
import sys
import warnings

from packaging.version import parse

warnings.simplefilter("ignore")
out = []
for line in sys.stdin:
    left, right = (parse(text) for text in line.rstrip("\n").split("\t"))
    out.append("<" if left < right else ">" if left > right else "=")
print("\n".join(out))
