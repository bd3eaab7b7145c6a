#!/usr/bin/env python3
"""Writes dist/ from build/release/merlon: a .deb, a relocatable tarball, an OCI image layout with one
layer, and SHA256SUMS: package.py [--build FOLDER] [--output FOLDER] [--only KIND]

Each is reproducible: names are sorted, owners are root, and every time is
SOURCE_DATE_EPOCH (by default the time of the last commit).

The tarball and the image carry the shared libraries that are not part of every Linux system; the
.deb depends on their packages instead.
"""

import argparse
import dataclasses
import gzip
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
# glibc comes with the system; its loader and its libraries have to be of one version.
SYSTEM_LIBRARIES = re.compile(r"^(ld-linux.*|lib(c|m|dl|rt|pthread|resolv|util)\.so.*|linux-vdso.*)$")


@dataclasses.dataclass
class Package:
    """What the three writers share: where from, where to, and the one time of all entries."""
    build: pathlib.Path
    output: pathlib.Path
    scratch: pathlib.Path
    architecture: str
    epoch: int

    @property
    def name(self):
        return f"merlon-{version()}-linux-{self.architecture}"


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def source_date():
    if "SOURCE_DATE_EPOCH" in os.environ:
        return int(os.environ["SOURCE_DATE_EPOCH"])
    return int(run("git", "-C", str(ROOT), "log", "-1", "--format=%ct").strip())


def version():
    match = re.search(r"project\(merlon VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())
    return match.group(1)


def shared_libraries(program):
    """(name, path) of each shared library that the program loads, sorted by name."""
    found = []
    for line in run("ldd", str(program)).splitlines():
        match = re.match(r"\s*(\S+) => (/\S+)", line) or re.match(r"\s*(/\S+)()", line)
        if match:
            path = pathlib.Path(match.group(2) or match.group(1))
            found.append((path.name, path))
    return sorted(found)


def stage_tree(build, folder):
    """The installed tree, as `make install` lays it out, with the program stripped."""
    run("cmake", "--install", str(build), "--prefix", str(folder), "--strip")


def add_tree(archive, folder, prefix, epoch):
    for path in sorted(folder.rglob("*")):
        name = f"{prefix}{path.relative_to(folder).as_posix()}"
        info = archive.gettarinfo(str(path), arcname=name)
        info.mtime, info.uid, info.gid, info.uname, info.gname = epoch, 0, 0, "root", "root"
        info.mode = 0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644
        if info.isreg():
            with path.open("rb") as content:
                archive.addfile(info, content)
        else:
            archive.addfile(info)


def tar_bytes(folder, prefix, epoch):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        add_tree(archive, folder, prefix, epoch)
    return buffer.getvalue()


def gzip_bytes(data):
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=9, mtime=0, filename="") as stream:
        stream.write(data)
    return buffer.getvalue()


def write_tarball(package):
    folder = package.scratch / "tarball"
    stage_tree(package.build, folder)
    libraries = folder / "lib" / "merlon"
    for library, path in shared_libraries(package.build / "merlon"):
        if not SYSTEM_LIBRARIES.match(library):
            libraries.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path.resolve(), libraries / library)
    target = package.output / f"{package.name}.tar.gz"
    target.write_bytes(gzip_bytes(tar_bytes(folder, f"{package.name}/", package.epoch)))
    return target


def write_deb(package):
    folder = package.scratch / "deb"
    stage_tree(package.build, folder / "usr")
    for page in (folder / "usr/share/man").rglob("*.1"):
        page.with_suffix(".1.gz").write_bytes(gzip_bytes(page.read_bytes()))
        page.unlink()
    packages = set()
    for _, path in shared_libraries(package.build / "merlon"):
        for candidate in (path, path.resolve(), pathlib.Path("/usr") / str(path).lstrip("/")):
            owner = subprocess.run(["dpkg-query", "-S", str(candidate)], capture_output=True, text=True)
            if owner.returncode == 0:
                packages.add(owner.stdout.split(":")[0])
                break
    glibc = run("dpkg-query", "-W", "-f=${Version}", "libc6").split("-")[0]
    depends = ", ".join(f"{p} (>= {glibc})" if p == "libc6" else p for p in sorted(packages))
    control = folder / "DEBIAN" / "control"
    control.parent.mkdir(parents=True)
    control.write_text(
        f"Package: merlon\nVersion: {version()}\nArchitecture: {package.architecture}\n"
        "Maintainer: The Merlon authors <maintainers@merlon.invalid>\n"
        f"Depends: {depends}\nSection: utils\nPriority: optional\n"
        "Description: every security job of the DevSecOps life cycle in one program\n"
        " Finds secrets in source trees with gitleaks rules or its own pack, offline.\n")
    target = package.output / f"merlon_{version()}_{package.architecture}.deb"
    run("dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(folder), str(target),
        env={**os.environ, "SOURCE_DATE_EPOCH": str(package.epoch)})
    return target


def write_image(package):
    """An OCI image layout (image-spec 1.1): one layer with the program and the libraries it loads."""
    folder = package.scratch / "image"
    stage_tree(package.build, folder / "usr")
    for extra in ("share/man", "share/bash-completion", "share/zsh", "share/fish"):
        shutil.rmtree(folder / "usr" / extra, ignore_errors=True)
    for library, path in shared_libraries(package.build / "merlon"):
        place = folder / "usr/lib/merlon" if not SYSTEM_LIBRARIES.match(library) else \
            folder / ("lib64" if library.startswith("ld-linux") else "lib")
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path.resolve(), place / library)
    (folder / "tmp").mkdir()
    (folder / "work").mkdir()

    layout = package.scratch / "layout"
    blobs = layout / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def blob(data, media_type):
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    def json_blob(value, media_type):
        return blob(json.dumps(value, sort_keys=True, separators=(",", ":")).encode(), media_type)

    layer = tar_bytes(folder, "", package.epoch)
    created = run("date", "-u", "-d", f"@{package.epoch}", "+%Y-%m-%dT%H:%M:%SZ").strip()
    layer_blob = blob(gzip_bytes(layer), "application/vnd.oci.image.layer.v1.tar+gzip")
    config = json_blob({
        "architecture": package.architecture, "os": "linux", "created": created,
        "config": {"Entrypoint": ["/usr/bin/merlon"], "WorkingDir": "/work", "User": "65532:65532",
                   "Env": ["PATH=/usr/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        "history": [{"created": created, "created_by": "merlon tools/package.py"}],
    }, "application/vnd.oci.image.config.v1+json")
    manifest = json_blob({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": config, "layers": [layer_blob],
        "annotations": {"org.opencontainers.image.title": "merlon",
                        "org.opencontainers.image.version": version(),
                        "org.opencontainers.image.created": created,
                        "org.opencontainers.image.licenses": "Apache-2.0"},
    }, "application/vnd.oci.image.manifest.v1+json")
    manifest["annotations"] = {"org.opencontainers.image.ref.name": version()}
    (layout / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (layout / "index.json").write_text(json.dumps({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [manifest]}, sort_keys=True, separators=(",", ":")))
    target = package.output / f"{package.name}.oci.tar"
    target.write_bytes(tar_bytes(layout, "", package.epoch))
    return target


KINDS = {"tarball": write_tarball, "deb": write_deb, "image": write_image}


def main():
    parser = argparse.ArgumentParser(description="Makes the packages from a built program.")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release",
                        help="the folder of the built program")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "dist", help="emptied first")
    parser.add_argument("--only", choices=sorted(KINDS), help="make this one alone")
    options = parser.parse_args()
    if not (options.build / "merlon").exists():
        sys.exit(f"package: {options.build}/merlon is missing; run `make build` first")
    shutil.rmtree(options.output, ignore_errors=True)
    options.output.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        package = Package(options.build.resolve(), options.output, pathlib.Path(scratch),
                          run("dpkg", "--print-architecture").strip(), source_date())
        made = sorted(write(package) for kind, write in KINDS.items()
                      if options.only in (None, kind))
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made)
    (options.output / "SHA256SUMS").write_text(sums)
    for path in made:
        print(f"{path.stat().st_size / 1e6:8.1f} MB  {path.name}")
    print(sums, end="")


if __name__ == "__main__":
    main()
