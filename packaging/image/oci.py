#!/usr/bin/env python3
"""Writes an OCI image into a tar file, without an engine:

    oci.py DOCKERFILE --root ROOT.tar.gz --architecture amd64|arm64 --tag NAME:VERSION --time SECONDS OUT

The image is what the Dockerfile says: FROM scratch, the root as its one layer, and the settings. The
file is an OCI layout; a manifest.json beside it lets `docker load` read it too. Same input, same bytes.
"""
import argparse
import datetime
import gzip
import hashlib
import io
import json
import pathlib
import re
import tarfile

LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
NANOSECONDS = {"s": 10**9, "m": 60 * 10**9}


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def as_json(value):
    return json.dumps(value, separators=(",", ":")).encode()


def nanoseconds(text):
    number, unit = re.fullmatch(r"(\d+)([sm])", text).groups()
    return int(number) * NANOSECONDS[unit]


def health_check(text):
    options, command = re.fullmatch(r"((?:--\S+ )*)CMD (\[.*\])", text).groups()
    check = {"Test": ["CMD", *json.loads(command)]}
    for name, value in re.findall(r"--([\w-]+)=(\S+)", options):
        key = "".join(word.title() for word in name.split("-"))
        check[key] = int(value) if name == "retries" else nanoseconds(value)
    return check


def settings(dockerfile):
    """The config of the image, in the form in which engines keep it. Other lines are refused."""
    config = {"Labels": {}, "ExposedPorts": {}, "WorkingDir": "/"}
    for line in dockerfile.splitlines():
        word, _, rest = line.partition(" ")
        if not line or word in ("#", "ARG") or line == "FROM scratch":
            continue
        if line == "ADD root-${TARGETARCH}.tar.gz /":
            continue
        if word == "LABEL":
            name, value = re.fullmatch(r'(\S+)="(.*)"', rest).groups()
            config["Labels"][name] = value
        elif word == "USER":
            config["User"] = rest
        elif word == "EXPOSE":
            config["ExposedPorts"][rest] = {}
        elif word == "ENTRYPOINT":
            config["Entrypoint"] = json.loads(rest)
        elif word == "HEALTHCHECK":
            config["Healthcheck"] = health_check(rest)
        else:
            raise SystemExit(f"oci: expected a line of a Dockerfile that is known here; got {line!r}")
    return config


class Layout:
    """An OCI layout that grows: blobs by their digest."""

    def __init__(self):
        self.files = {"oci-layout": as_json({"imageLayoutVersion": "1.0.0"})}

    def add(self, media_type, data, **more):
        digest = sha256(data)
        self.files["blobs/" + digest.replace(":", "/")] = data
        return {"mediaType": media_type, "digest": digest, "size": len(data), **more}

    def write(self, path, time):
        with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
            for name in sorted(self.files):
                member = tarfile.TarInfo(name)
                member.size, member.mtime, member.mode = len(self.files[name]), time, 0o644
                archive.addfile(member, io.BytesIO(self.files[name]))


def image(dockerfile, root, architecture, tag, time):
    layout = Layout()
    created = datetime.datetime.fromtimestamp(time, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    layer = layout.add(LAYER, root)
    config = settings(dockerfile)
    version = tag.rpartition(":")[2]
    config["Labels"]["org.opencontainers.image.version"] = version
    config = layout.add(CONFIG, as_json({
        "created": created, "architecture": architecture, "os": "linux", "config": config,
        "rootfs": {"type": "layers", "diff_ids": [sha256(gzip.decompress(root))]},
        "history": [{"created": created, "created_by": "packaging/image/oci.py"}]}))
    manifest = layout.add(
        MANIFEST, as_json({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]}),
        platform={"architecture": architecture, "os": "linux"},
        annotations={"org.opencontainers.image.ref.name": version, "io.containerd.image.name": tag})
    layout.files["index.json"] = as_json({"schemaVersion": 2, "mediaType": INDEX, "manifests": [manifest]})
    blobs = ["blobs/" + part["digest"].replace(":", "/") for part in (config, layer)]
    layout.files["manifest.json"] = as_json([{"Config": blobs[0], "RepoTags": [tag], "Layers": blobs[1:]}])
    return layout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dockerfile", type=pathlib.Path)
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--architecture", required=True)
    parser.add_argument("--tag", required=True)
    parser.add_argument("--time", type=int, required=True)
    parser.add_argument("out", type=pathlib.Path)
    given = parser.parse_args()
    layout = image(given.dockerfile.read_text(), given.root.read_bytes(), given.architecture, given.tag,
                   given.time)
    layout.write(given.out, given.time)


if __name__ == "__main__":
    main()
