#!/usr/bin/env python3
"""Runs gitleaks 8.30.1 and `merlon compat gitleaks` over the same inputs and compares what they say.

Compared are the reports as multisets over all JSON keys (entropy to four decimals), the other
report formats once sorted, and the exit codes. The last line is `N equal, 0 missing, 0 extra`;
every difference is written below build/parity/differences with the command that shows it.

Inputs: gitleaks's own test data and configurations (from its module directory), source trees of
public projects (Go modules at pinned versions, and what MERLON_PARITY_TREES=dir1:dir2 names), real
.gitleaks.toml files (from those trees, and from MERLON_PARITY_CONFIGS=dir or what tools/peers.sh
fetched), trees generated from a seed, archives of every kind (archives.py), and damaged tars (tars.py). Where ours is loud
about what gitleaks passes over, it is compared with --exact-exit. What a predicate of compare.py
explains is counted by its name. Exit code: 0 all equal or explained, 1 differences, 2 no peer.
"""

import argparse
import collections
import glob
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import archives  # noqa: E402
import compare  # noqa: E402
import shapes  # noqa: E402
import tars  # noqa: E402
import trees  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORK = os.path.join(ROOT, "build", "parity")
PEER_MODULE = "github.com/zricethezav/gitleaks/v8@v8.30.1"
# Trees for everybody: source modules of well-known projects. Some ship a .gitleaks.toml.
MODULES = (
    "github.com/spf13/cobra@v1.8.1",
    "github.com/gin-gonic/gin@v1.10.0",
    "github.com/go-git/go-git/v5@v5.12.0",
    "github.com/hashicorp/vault/api@v1.15.0",
    "github.com/sigstore/cosign/v2@v2.4.1",
    "github.com/aquasecurity/trivy@v0.57.0",
    "github.com/openfga/openfga@v1.8.0",
)
# What ours says when it read less than it should have; see docs/compat-gitleaks.md.
LOUD_MARK = b"not scanned"


class Run:
    """The answer of one program to one command."""

    def __init__(self, code, report, output, errors):
        self.code, self.report, self.output, self.errors = code, report, output, errors


class Comparison:
    def __init__(self, options):
        self.options = options
        self.equal = self.missing = self.extra = 0
        self.runs = self.code_differences = self.loud = 0
        self.figures = collections.OrderedDict()
        self.explained = collections.Counter()
        self.differences = os.path.join(WORK, "differences")
        shutil.rmtree(self.differences, ignore_errors=True)
        os.makedirs(os.path.join(WORK, "peer"), exist_ok=True)
        home = os.path.join(WORK, "home", "merlon")
        os.makedirs(home, exist_ok=True)
        link = os.path.join(home, "gitleaks.toml")
        if os.path.lexists(link):
            os.remove(link)
        os.symlink(os.path.join(options.module, "config", "gitleaks.toml"), link)
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("GITLEAKS")}
        self.environment["XDG_DATA_HOME"] = os.path.join(WORK, "home")

    def execute(self, program, arguments, kind, cwd, stdin, environment):
        report = os.path.join(WORK, f"report-{os.getpid()}")
        if os.path.exists(report):
            os.remove(report)
        command = list(program) + list(arguments)
        if kind:
            command += ["-r", report] + (["-f", kind] if kind != "template" else [])
        with open(stdin or os.devnull, "rb") as source:
            done = subprocess.run(command, cwd=cwd, stdin=source, capture_output=True,
                                  env={**self.environment, **(environment or {})}, check=False)
        data = None
        if os.path.exists(report):
            with open(report, "rb") as f:
                data = f.read()
        return Run(done.returncode, data, done.stdout, done.stderr)

    def compare(self, group, arguments, kind="json", cwd=None, stdin=None, environment=None,
                tree=None, verbose=False, explains=True):
        arguments = [str(a) for a in arguments]
        cwd = cwd or WORK
        common = arguments + ["--no-banner"]
        peer = self.execute([self.options.peer], common, kind, cwd, stdin, environment)
        ours = self.execute(self.options.merlon, common, kind, cwd, stdin, environment)
        if ours.code == 2 and LOUD_MARK in ours.errors:
            # Documented: loud where gitleaks passes in silence. With --exact-exit both are equal.
            self.loud += 1
            ours = self.execute(self.options.merlon, common + ["--exact-exit"], kind, cwd, stdin,
                                environment)
        peer_rows = collections.Counter()
        try:
            peer_rows = compare.rows_of(kind, peer.report) if kind else peer_rows
            equal, missing, extra = compare.difference(
                peer_rows, compare.rows_of(kind, ours.report) if kind else collections.Counter())
        except (ValueError, KeyError, SyntaxError) as error:
            equal, missing, extra = 0, collections.Counter([f"unreadable: {error}"]), {}
        if verbose:
            out = compare.difference(compare.template_rows(peer.output),
                                     compare.template_rows(ours.output))
            missing, extra = missing + out[1], extra + out[2]
        self.runs += 1
        if explains and (missing or extra or ours.code != peer.code):
            facts = {"missing": missing, "extra": extra, "peer": peer, "ours": ours}
            reasons = compare.explanations(peer_rows=peer_rows, **facts)
            if not reasons and kind == "json" and "-b" in common:
                # A finding that the baseline hides may have lent its tags to one that is shown.
                at = common.index("-b")
                shown = self.execute([self.options.peer], common[:at] + common[at + 2:], kind, cwd, stdin, environment)
                reasons = compare.explanations(peer_rows=compare.rows_of(kind, shown.report), **facts)
            if reasons:
                self.explained.update(reasons)
                return True
        self.equal += equal
        self.missing += sum(missing.values())
        self.extra += sum(extra.values())
        code_differs = ours.code != peer.code
        self.code_differences += code_differs
        figure = self.figures.setdefault(group, [0, 0, 0, 0, 0])
        for i, value in enumerate((1, equal, sum(missing.values()), sum(extra.values()),
                                   int(code_differs))):
            figure[i] += value
        if missing or extra or code_differs:
            self.write_difference(group, common, kind, cwd, stdin, tree, peer, ours, missing, extra)
        return not (missing or extra or code_differs)

    def write_difference(self, group, arguments, kind, cwd, stdin, tree, peer, ours, missing, extra):
        os.makedirs(self.differences, exist_ok=True)
        name = os.path.join(self.differences, f"{self.runs:05d}-{group}.txt")
        with open(name, "w", encoding="utf-8", errors="backslashreplace") as f:
            f.write(f"cd {cwd}\n{' '.join(arguments)} -f {kind} < {stdin}\n")
            f.write(f"exit codes: gitleaks {peer.code}, merlon {ours.code}\n")
            if tree:
                f.write(f"tree: {tree}\n")
            for title, rows in (("missing", missing), ("extra", extra)):
                for row, count in list(rows.items())[:40]:
                    f.write(f"{title} x{count}: {row}\n")
            f.write(f"\ngitleaks said:\n{peer.errors[-2000:].decode('utf-8', 'replace')}\n")
            f.write(f"\nmerlon said:\n{ours.errors[-2000:].decode('utf-8', 'replace')}\n")
        print(f"  differs: {name} (missing {sum(missing.values())}, extra {sum(extra.values())}, "
              f"exit {peer.code}/{ours.code})", flush=True)

    # ---- groups ------------------------------------------------------------------------------

    def own_test_data(self):
        module = self.options.module
        data = os.path.join(module, "testdata")
        default = os.path.join(module, "config", "gitleaks.toml")
        cwd = os.path.join(module, "config")
        fixed = os.path.join(data, "repos")
        for path in sorted(glob.glob(os.path.join(data, "config", "**", "*.toml"), recursive=True)):
            for scanned in (fixed, os.path.join(data, "config"), os.path.join(module, "detect")):
                self.compare("gitleaks-configs", ["dir", scanned, "-c", path], cwd=cwd)
        for config in (default, *sorted(glob.glob(os.path.join(data, "config", "*.toml")))):
            for depth in (0, 1, 8):
                for scanned in ("archives", "repos", "baseline"):
                    self.compare("gitleaks-testdata", ["dir", os.path.join(data, scanned), "-c",
                                                       config, f"--max-archive-depth={depth}"])
        self.compare("gitleaks-module", ["dir", module, "-c", default])

    def trees(self):
        default = os.path.join(self.options.module, "config", "gitleaks.toml")
        for tree in self.options.trees:
            for arguments in (["-c", default], ["-c", default, "--max-archive-depth=3"], []):
                self.compare("trees", ["dir", tree, *arguments], tree=tree)

    def formats(self):
        default = os.path.join(self.options.module, "config", "gitleaks.toml")
        templates = sorted(glob.glob(os.path.join(self.options.module, "testdata/report/*.tmpl")))
        for tree in [*self.options.trees[:4], os.path.join(self.options.module, "detect")]:
            for kind in ("csv", "sarif", "junit"):
                self.compare("formats", ["dir", tree, "-c", default], kind=kind)
            for template in templates:
                self.compare("formats", ["dir", tree, "-c", default, "-f", "template",
                                         "--report-template", template], kind="template")

    def real_configs(self):
        scanned = [os.path.join(self.options.module, "testdata"),
                   os.path.join(self.options.module, "cmd"), *self.options.trees[:2]]
        for config in self.options.configs:
            for tree in scanned:
                self.compare("real-configs", ["dir", tree, "-c", config], cwd=os.path.dirname(config))

    def archives(self):
        """Every kind of archive and compressed file, in all names, damages and depths: a tree at all
        depths, and each file alone for its exit code."""
        folder = os.path.join(WORK, "archives")
        shutil.rmtree(folder, ignore_errors=True)
        maker = archives.Archives(self.options.seed)
        for kind in maker.absent:
            print(f"  no library makes .{kind} here; it is left out")
        for number in range(self.options.archives):
            maker = archives.Archives(self.options.seed + number)
            for kind in maker.kinds():
                place = os.path.join(folder, f"{number}-{kind}")
                files = maker.tree(kind)
                os.makedirs(os.path.join(place, "tree"))
                with open(os.path.join(place, "config.toml"), "w", encoding="utf-8") as f:
                    f.write(archives.RULES)
                for path, data in files.items():
                    with open(os.path.join(place, "tree", path), "wb") as f:
                        f.write(data)
                same = True
                for depth in (0, 1, 2, 3):
                    same &= self.compare("archives", ["dir", "tree", "-c", "config.toml",
                                                      f"--max-archive-depth={depth}"], cwd=place, tree=kind)
                for path in files:
                    same &= self.compare("archives", ["dir", f"tree/{path}", "-c", "config.toml",
                                                      "--max-archive-depth=2"], cwd=place, tree=kind)
                if same:
                    shutil.rmtree(place)

    def tars(self):
        """Tars with one thing in them that is odd: 50 in a folder, each as it is, compressed, and in another archive.
        Nothing explains a difference here."""
        folder = os.path.join(WORK, "tars")
        shutil.rmtree(folder, ignore_errors=True)
        maker, packer = tars.Tars(self.options.seed), archives.Archives(self.options.seed)
        streams = [kind for kind in packer.streams if kind not in ("zst", "lz")]
        for begin in range(0, self.options.tars, 50):
            place = os.path.join(folder, str(begin))
            os.makedirs(os.path.join(place, "tree"))
            with open(os.path.join(place, "config.toml"), "w", encoding="utf-8") as f:
                f.write(archives.RULES)
            for number in range(begin, min(begin + 50, self.options.tars)):
                what, data = maker.case(number)
                stream = maker.random.choice(streams)
                members = [("in.tar", data), ("later.txt", b"tok_laterlaterla")]
                outer = maker.random.choice(("zip", "tar"))
                for kind, content in (("tar", data), (f"tar.{stream}", packer.streams[stream](data)),
                                      (f"outer.{outer}", archives.CONTAINERS[outer](members))):
                    with open(os.path.join(place, "tree", f"{number:05d}-{what}.{kind}"), "wb") as f:
                        f.write(content)
            if self.compare("tars", ["dir", "tree", "-c", "config.toml", "--max-archive-depth=3"], cwd=place,
                            explains=False):
                shutil.rmtree(place)

    def explained_cases(self):
        """The smallest case of each explained difference is still one, and is explained as what it is."""
        for name, (files, arguments) in compare.EXPLAINED_CASES.items():
            place = os.path.join(WORK, "explained", name)
            os.makedirs(place, exist_ok=True)
            for file, content in files.items():
                with open(os.path.join(place, file), "wb") as f:
                    f.write(content if isinstance(content, bytes) else content.encode())
            before = self.explained[name]
            self.compare("explained", arguments, cwd=place)
            if self.explained[name] != before + 1:
                self.extra += 1
                print(f"  {name}: the case in {place} shows no difference of that kind any more")

    def generated(self):
        folder = os.path.join(WORK, "generated")
        shutil.rmtree(folder, ignore_errors=True)
        for i in range(self.options.generated):
            seed = self.options.seed + i
            place = os.path.join(folder, str(seed))
            flags = trees.Generator(seed).write_tree(place)
            kind = random.Random(seed).choice(("json",) * 6 + ("csv", "sarif", "junit"))
            same = self.compare("generated", ["dir", "tree", "-c", "config.toml", *flags],
                                kind=kind, cwd=place, tree=f"seed {seed}")
            files = sorted(glob.glob(os.path.join(place, "tree", "*.*")))
            files = [f for f in files if os.path.isfile(f)]
            if files and i % 3 == 0:
                same &= self.compare("stdin", ["stdin", "-c", "config.toml", *flags], cwd=place,
                                     stdin=files[0])
            if same:
                shutil.rmtree(place)

    def shapes(self):
        """Configurations as people write them, ignore files and baselines, flags, broken files."""
        folder = os.path.join(WORK, "shapes")
        shutil.rmtree(folder, ignore_errors=True)
        for i in range(self.options.generated):
            seed = self.options.seed + i
            place = os.path.join(folder, str(seed))
            shape = shapes.Shapes(seed)
            arguments, environment = shape.write_case(place)
            first = self.execute([self.options.peer], [*arguments, "--no-banner"], "json", place, None,
                                 environment)
            rows = json.loads(first.report or b"[]")
            kind = shape.random.choice(("json",) * 6 + ("csv", "sarif", "junit"))
            verbose = shape.chance(0.2)
            same = self.compare("shapes", arguments + (["-v"] if verbose else []), kind=kind, cwd=place,
                                tree=f"shape {seed}", environment=environment, verbose=verbose)
            if flags := shape.ignores(place, rows):
                same &= self.compare("ignores", arguments + flags, cwd=place, tree=f"shape {seed}",
                                     environment=environment)
            if same:
                shutil.rmtree(place)
        self.broken_configs(folder)

    def broken_configs(self, folder):
        place = os.path.join(folder, "broken")
        os.makedirs(os.path.join(place, "tree"))
        with open(os.path.join(place, "tree", "a.txt"), "w", encoding="utf-8") as f:
            f.write("tok tokabcdefgh12345 = SECabc123456789\n")
        for text in shapes.broken_configs(self.options.seed):
            with open(os.path.join(place, "config.toml"), "w", encoding="utf-8") as f:
                f.write(text)
            same = self.compare("broken-configs", ["dir", "tree", "-c", "config.toml"], cwd=place)
            if not same:
                shutil.copy(os.path.join(place, "config.toml"),
                            os.path.join(self.differences, f"{self.runs:05d}-config.toml"))

    def templates(self):
        module = self.options.module
        default = os.path.join(module, "config", "gitleaks.toml")
        one = os.path.join(module, "testdata", "repos", "nogit", "main.go")
        place = os.path.join(WORK, "templates")
        os.makedirs(place, exist_ok=True)
        own = sorted(glob.glob(os.path.join(module, "report_templates", "*.tmpl")))
        for i, text in enumerate(shapes.TEMPLATES):
            own.append(os.path.join(place, f"{i}.tmpl"))
            with open(own[-1], "w", encoding="utf-8") as f:
                f.write(text)
        for template in own:
            # One finding or none: with more, what a template shows depends on gitleaks's order.
            for scanned in (one, os.path.join(module, "report"), place):
                self.compare("templates", ["dir", scanned, "-c", default, "-f", "template",
                                           "--report-template", template], kind="template",
                             environment={"TZ": "UTC"})

    def command_lines(self):
        module = self.options.module
        small = os.path.join(module, "testdata", "repos", "nogit")
        default = os.path.join(module, "config", "gitleaks.toml")
        one = os.path.join(module, "testdata", "repos", "nogit", "main.go")
        baseline = os.path.join(module, "testdata", "baseline", "baseline.json")
        cases = (
            ["dir", small], ["file", one], ["directory", small, "extra"], ["dir", "-vc", default, small],
            ["-c", default, "dir", small], [f"-c={default}", "dir", small], ["dir", f"-c{default}", small],
            ["dir", "--config", default, "--", small], ["detect", "--no-git", "-s", small],
            ["detect", "--no-git", f"--source={small}", "--redact"], ["dir", small, "--exit-code", "7"],
            ["dir", small, "--exit-code=0"], ["dir", small, "--exit-code=x"], ["dir", small, "--bogus"],
            ["dir", "-z", small], ["bogus"], ["dir", small, "--enable-rule=nothing"],
            ["dir", small, "--enable-rule=aws-access-token,generic-api-key"],
            ["dir", small, "-b", baseline], ["dir", small, "-b", "/nowhere.json"],
            ["dir", "/nowhere"], ["dir", "/nowhere", "-c", default], ["dir", small, "-c", "/nowhere"],
            ["dir", small, "--max-target-megabytes=1"], ["dir", small, "--log-level=debug"],
            ["dir", small, "--verbose=false"], ["dir", small, "--verbose=maybe"], ["version"], ["help"],
            ["dir", "--help"], [], ["--version"], ["dir", small, "--redact=20"], ["dir", small, "--redact", "20"],
            ["dir", small, "--redact=-1"], ["dir", small, "-i", small], ["dir", ""],
            ["stdin", "-c", default], ["detect", "--pipe"], ["dir", small, "--timeout=100"],
        )
        for case in cases:
            self.compare("command-lines", case, cwd=small, stdin=one)
        for case in (["-f", "xml"], ["-f", "json", "--report-template", "x"], ["-f", "template"]):
            self.compare("command-lines", ["dir", small, "-r", "unused.out", *case], kind=None)
        for case in (["dir", small, "-v"], ["dir", small, "-v", "--redact"], ["dir", one, "-v", "--no-color"],
                     ["stdin", "-v"]):
            self.compare("verbose", case, stdin=one, verbose=True)
        with open(default, encoding="utf-8") as f:
            content = f.read()
        self.compare("command-lines", ["dir", small], environment={"GITLEAKS_CONFIG": default})
        self.compare("command-lines", ["dir", small],
                     environment={"GITLEAKS_CONFIG_TOML": content[:60_000].rsplit("[[rules]]", 1)[0]})

    def summary(self):
        print(f"\n{'group':<18}{'runs':>7}{'equal':>9}{'missing':>9}{'extra':>7}{'exit':>6}")
        for group, (runs, equal, missing, extra, codes) in self.figures.items():
            print(f"{group:<18}{runs:>7}{equal:>9}{missing:>9}{extra:>7}{codes:>6}")
        print(f"{self.runs} runs, {self.code_differences} exit codes differ, {self.loud} times loud "
              "where gitleaks is silent (equal with --exact-exit)")
        for reason, count in sorted(self.explained.items()):
            print(f"{count} runs differ as {reason} explains (docs/compat-gitleaks.md)")
        print(f"{self.equal} equal, {self.missing} missing, {self.extra} extra")
        return 0 if self.missing + self.extra + self.code_differences == 0 else 1


def go_output(*arguments):
    done = subprocess.run(["go", *arguments], capture_output=True, text=True, check=False,
                          cwd=os.path.join(ROOT, "build"))
    return done.stdout.strip() if done.returncode == 0 else ""


def find_trees(cache, quick):
    named = [t for t in os.environ.get("MERLON_PARITY_TREES", "").split(":") if t]
    if named:
        return [t for t in named if os.path.isdir(t)]
    found = []
    for module in MODULES[:2] if quick else MODULES:
        place = os.path.join(cache, module)
        if not os.path.isdir(place):
            subprocess.run(["go", "mod", "download", "-x", module], capture_output=True, check=False,
                           cwd=os.path.join(ROOT, "build"), env={**os.environ, "GOFLAGS": "-mod=mod"})
        if os.path.isdir(place):
            found.append(place)
        else:
            print(f"parity: {module} is not available")
    return found


def find_configs(places):
    configs = []
    for place in places:
        configs += glob.glob(os.path.join(place, "*.toml")) if place in places[:1] else []
    for place in places[1:]:
        configs += glob.glob(os.path.join(place, ".gitleaks.toml"))
    seen, kept = set(), []
    for path in sorted(configs):
        with open(path, "rb") as f:
            digest = hashlib.sha256(f.read()).hexdigest()
        if digest not in seen:
            seen.add(digest)
            kept.append(path)
    return kept


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--merlon", default=f"{ROOT}/build/release/merlon compat gitleaks")
    parser.add_argument("--peer", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--generated", type=int, default=500)
    parser.add_argument("--groups", default="command_lines,own_test_data,real_configs,formats,"
                                            "generated,shapes,templates,trees,archives,tars,explained_cases")
    parser.add_argument("--archives", type=int, default=2, help="seeds of the group archives")
    parser.add_argument("--tars", type=int, default=3000, help="cases of the group tars")
    parser.add_argument("--quick", action="store_true", help="fewer trees")
    options = parser.parse_args()
    options.merlon = options.merlon.split()
    os.makedirs(WORK, exist_ok=True)
    candidates = [options.peer, os.path.join(ROOT, "build/peers/bin/gitleaks"),
                  shutil.which("gitleaks") or ""]
    options.peer = next((c for c in candidates if c and os.access(c, os.X_OK)), None)
    cache = go_output("env", "GOMODCACHE")
    if not options.peer or not cache:
        print("parity: gitleaks 8.30.1 or Go is absent; run tools/peers.sh")
        return 2
    options.module = os.path.join(cache, PEER_MODULE)
    if not os.path.isdir(options.module):
        go_output("mod", "download", PEER_MODULE)
    options.trees = find_trees(cache, options.quick)
    options.configs = find_configs([os.environ.get("MERLON_PARITY_CONFIGS", os.path.join(ROOT, "build/peers/configs")),
                                    options.module, *options.trees])
    print(f"seed {options.seed}, {options.generated} generated trees, {len(options.trees)} trees, "
          f"{len(options.configs)} real configurations")
    comparison = Comparison(options)
    for group in options.groups.split(","):
        getattr(comparison, group)()
    return comparison.summary()


if __name__ == "__main__":
    sys.exit(main())
