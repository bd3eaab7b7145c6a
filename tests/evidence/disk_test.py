#!/usr/bin/env python3
"""A disk that is full: disk_test.py MERLON

A store on a small file system of its own (tmpfs, in a mount namespace that ends with the test) is filled by imports, decisions,
gates, bundles and exports until each is refused. What was acknowledged stays, the store is sound while the disk is full, nothing
is left half-written, and where there is room again work goes on. Where no file system can be mounted a limit of the size of files
(RLIMIT_FSIZE) stands for it, and that is said. Failing and torn writes, one by one, are in src/evidence/faulty_vfs_test.cpp."""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile

INSIDE = "--inside"
MEGABYTES = 8
FINDINGS = 1500


def namespace():
    """The words that give a mount namespace here, or None."""
    for words in (["unshare", "-m"], ["unshare", "-Urm"]):
        if not shutil.which("unshare"):
            return None
        folder = tempfile.mkdtemp()
        probe = subprocess.run([*words, "mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], capture_output=True)
        os.rmdir(folder)
        if probe.returncode == 0:
            return words
    return None


class Disk:
    def __init__(self, merlon, is_mounted):
        self.merlon, self.is_mounted, self.is_full = merlon, is_mounted, not is_mounted
        self.folder = tempfile.mkdtemp()
        self.disk = os.path.join(self.folder, "disk")
        os.mkdir(self.disk)
        if is_mounted:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "none", self.disk], check=True)
        self.store = os.path.join(self.disk, "s.db")
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.folder, "USER": "tester"}
        self.acknowledged = []  # what stands in the log's events

    def grow(self, megabytes):
        if self.is_mounted:
            subprocess.run(["mount", "-o", f"remount,size={megabytes}m", self.disk], check=True)

    def limit(self):
        if not self.is_mounted and self.is_full:
            resource.setrlimit(resource.RLIMIT_FSIZE, (MEGABYTES << 20, MEGABYTES << 20))

    def run(self, *words, codes=(0,)):
        done = subprocess.run([self.merlon, *words, "--store", self.store], cwd=self.folder, env=self.environment, text=True,
                              capture_output=True, timeout=300, preexec_fn=self.limit)
        if done.returncode not in codes:
            sys.exit(f"{words}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def report(self, number):
        name = os.path.join(self.folder, f"report{number}.sarif")
        with open(name, "w") as out:
            json.dump({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": f"Tool{number}"}}, "results": [
                {"ruleId": "r", "message": {"text": f"text {number} {i}"}, "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": f"src/f{i % 40}.py"},
                    "region": {"startLine": i + 1, "snippet": {"text": os.urandom(40).hex()}}}}]} for i in range(FINDINGS)]}]}, out)
        return name

    def fill(self, what, most, command, told):
        """Until it is refused; `told` is what the log has of a command."""
        for number in range(most):
            done = self.run(*command(number), codes=(0, 2))
            if done.returncode == 0:
                self.acknowledged.append(told(number))
                continue
            if "the disk" not in done.stderr:
                sys.exit(f"{what} on a full disk says: {done.stderr}")
            self.check(what)
            return number
        sys.exit(f"the disk was not full after {most} times {what}")

    def check(self, what):
        self.run("store", "check")
        events = json.loads(self.run("audit", "log", "--format", "json", "--limit", "100000").stdout)
        told = "\n".join(event["body"] for event in events)
        lost = [one for one in self.acknowledged if one not in told]
        if lost:
            sys.exit(f"{what}: {len(lost)} acknowledged commands are lost: {lost[:3]}")

    def refuse(self, what, place, *words):
        """Either it is done and whole, or refused and nothing of it is there."""
        done = self.run(*words, codes=(0, 1, 2))
        left = sorted(os.listdir(self.disk))
        if done.returncode == 2 and os.path.exists(place):
            sys.exit(f"{what} was refused ({done.stderr.strip()}), and left {place}")
        if [name for name in left if not name.startswith("s.db") and os.path.join(self.disk, name) != place]:
            sys.exit(f"{what} left {left}")
        self.check(what)
        return done.returncode


def fill_disk(merlon, is_mounted):
    disk = Disk(merlon, is_mounted)
    imports = disk.fill("an import", 200, lambda number: ["import", disk.report(number)], lambda number: f"report{number}.sarif")
    disk.grow(MEGABYTES + 2)
    decisions = disk.fill("a decision", 5000, lambda number: [
        "findings", "decide", "1", "--verdict", "accepted", "--until", "9d", "--reason", f"reason {number}. " + "x" * 8000],
        lambda number: f"reason {number}. ")
    refused = 0
    if is_mounted:
        place = os.path.join(disk.disk, "out")
        for what, words in (("a gate", ["gate", "pr", "--report", os.path.join(disk.folder, "report0.sarif"), "--statement", place]),
                            ("a bundle", ["report", "audit", "--from", "2020-01-01", "--out", place]),
                            ("an export", ["store", "export", place])):
            refused += disk.refuse(what, place, *words) == 2
        if refused < 2:
            sys.exit("the disk had room for what was to be refused")
    disk.grow(20 * MEGABYTES)
    disk.is_full = False
    disk.run("import", disk.report(imports))
    disk.acknowledged.append(f"report{imports}.sarif")
    disk.check("afterwards")
    kind = "a file system" if is_mounted else "a file"
    print(f"{kind} of {MEGABYTES} MiB: {imports} imports and {decisions} decisions were acknowledged, and none is lost; "
          f"{refused} outputs refused whole; work goes on where there is room")
    if is_mounted:
        subprocess.run(["umount", disk.disk], check=True)
    shutil.rmtree(disk.folder)


def main():
    merlon = os.path.abspath(sys.argv[1])
    if INSIDE in sys.argv:
        return fill_disk(merlon, True)
    words = namespace()
    if words:
        subprocess.run([*words, sys.executable, os.path.abspath(__file__), merlon, INSIDE], check=True)
    else:
        print("no file system can be mounted here: only a limit of the size of files was tried")
    fill_disk(merlon, False)


if __name__ == "__main__":
    main()
