#!/usr/bin/env python3
"""Tests the container images in a folder:  image_test.py OUT VERSION

No engine runs here. The files are held against the rules of OCI's layouts, unpacked by umoci, which is
not ours, and what is in them runs by chroot as the image says: its user, its command, its health check.
"""
import gzip
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

OUT, VERSION = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
ARCHITECTURES = ("amd64", "arm64")
ANSWER = 'Refunded cus_123 as asked: "Refund cus_123"\n'
READY = "/tmp/nairi-mock.json"
CHROOT = shutil.which("chroot", path="/usr/sbin:/usr/bin")
EMULATOR = "qemu-aarch64-static"


def run(*command, **options):
    return subprocess.run([str(part) for part in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **options)


class Images(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.home = pathlib.Path(folder.name)
        for arch in ARCHITECTURES:
            with tarfile.open(OUT / f"nairi-mock-{VERSION}-image-{arch}.tar") as archive:
                archive.extractall(cls.home / arch)

    def blob(self, arch, descriptor):
        """What a descriptor points to; it must be what it says."""
        data = (self.home / arch / "blobs" / descriptor["digest"].replace(":", "/")).read_bytes()
        self.assertEqual("sha256:" + hashlib.sha256(data).hexdigest(), descriptor["digest"])
        self.assertEqual(len(data), descriptor["size"])
        return data

    def parts(self, arch):
        """Index, manifest, config and layers, each as the one before names it."""
        index = json.loads((self.home / arch / "index.json").read_text())
        manifest = json.loads(self.blob(arch, index["manifests"][0]))
        config = json.loads(self.blob(arch, manifest["config"]))
        layers = [self.blob(arch, layer) for layer in manifest["layers"]]
        return index, manifest, config, layers

    def succeed(self, *command, **options):
        done = run(*command, **options)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}")
        return done.stdout


class Layout(Images):
    def test_every_blob_is_named_and_is_what_its_name_says(self):
        for arch in ARCHITECTURES:
            index, manifest, config, layers = self.parts(arch)
            self.assertEqual(json.loads((self.home / arch / "oci-layout").read_text()),
                             {"imageLayoutVersion": "1.0.0"})
            self.assertEqual((index["schemaVersion"], manifest["schemaVersion"]), (2, 2))
            self.assertEqual(index["manifests"][0]["platform"], {"architecture": arch, "os": "linux"})
            self.assertEqual((config["architecture"], config["os"]), (arch, "linux"))
            self.assertEqual(config["rootfs"]["diff_ids"],
                             ["sha256:" + hashlib.sha256(gzip.decompress(layer)).hexdigest()
                              for layer in layers])
            named = {index["manifests"][0]["digest"], manifest["config"]["digest"],
                     *(layer["digest"] for layer in manifest["layers"])}
            there = {f"sha256:{path.name}" for path in (self.home / arch / "blobs/sha256").iterdir()}
            self.assertEqual(named, there)

    def test_docker_load_is_told_of_the_same_blobs(self):
        for arch in ARCHITECTURES:
            _, manifest, _, _ = self.parts(arch)
            told = json.loads((self.home / arch / "manifest.json").read_text())
            self.assertEqual(told, [{
                "Config": "blobs/" + manifest["config"]["digest"].replace(":", "/"),
                "RepoTags": [f"nairi-mock:{VERSION}"],
                "Layers": ["blobs/" + layer["digest"].replace(":", "/") for layer in manifest["layers"]]}])

    def test_umoci_unpacks_it_to_the_same_root(self):
        for arch in ARCHITECTURES:
            bundle = self.home / f"bundle-{arch}"
            self.succeed("umoci", "unpack", "--rootless", "--image", f"{self.home / arch}:{VERSION}", bundle)
            root = bundle / "rootfs"
            self.assertEqual({str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()},
                             {"nairi-mock", "usr/share/doc/nairi-mock/LICENSE",
                              "usr/share/doc/nairi-mock/third-party-licenses.txt"})
            process = json.loads((bundle / "config.json").read_text())["process"]
            self.assertEqual(process["user"]["uid"], 65532)
            self.assertEqual(process["args"][:2], ["/nairi-mock", "serve"])


class Settings(Images):
    def test_they_are_those_of_the_page(self):
        for arch in ARCHITECTURES:
            config = self.parts(arch)[2]["config"]
            second = 10**9
            self.assertEqual(config.pop("Labels")["org.opencontainers.image.version"], VERSION)
            self.assertEqual(config, {
                "User": "65532:65532", "WorkingDir": "/", "ExposedPorts": {"4747/tcp": {}},
                "Entrypoint": ["/nairi-mock", "serve", "--host", "0.0.0.0", "--allow-remote",
                               "--ready-file", READY],
                "Healthcheck": {"Test": ["CMD", "/nairi-mock", "ready", "--ready-file", READY,
                                         "--wait", "2s"],
                                "Interval": 10 * second, "Timeout": 5 * second,
                                "StartPeriod": 5 * second, "Retries": 3}})

    def test_the_dockerfile_adds_the_layer_that_the_image_has(self):
        lines = (OUT / "image/Dockerfile").read_text().splitlines()
        self.assertIn("ADD root-${TARGETARCH}.tar.gz /", lines)
        for arch in ARCHITECTURES:
            self.assertEqual([(OUT / f"image/root-{arch}.tar.gz").read_bytes()], self.parts(arch)[3])

    def test_a_line_of_a_dockerfile_that_is_not_understood_is_refused(self):
        oci = pathlib.Path(__file__).with_name("oci.py")
        dockerfile = self.home / "Dockerfile"
        dockerfile.write_text((OUT / "image/Dockerfile").read_text() + "RUN true\n")
        done = run(oci, dockerfile, "--root", OUT / "image/root-amd64.tar.gz", "--architecture", "amd64",
                   "--tag", "a:1", "--time", "0", self.home / "refused.tar")
        self.assertIn("RUN true", done.stdout)
        self.assertEqual(done.returncode, 1)


class Running(Images):
    def check(self, arch):
        _, _, config, layers = self.parts(arch)
        config = config["config"]
        root = self.home / f"root-{arch}"
        root.mkdir()
        for layer in layers:
            subprocess.run(["tar", "-xzp", "-C", root], input=layer, check=True)
        emulator = []
        if arch == "arm64":
            shutil.copy(shutil.which(EMULATOR), root)
            emulator = [f"/{EMULATOR}"]
        inside = [CHROOT, f"--userspec={config['User']}", root, *emulator]
        server = subprocess.Popen([*inside, *config["Entrypoint"], "--port", "0"], env={},
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            self.succeed(*inside, *config["Entrypoint"][:1], "ready", "--ready-file", READY, "--wait", "30s",
                         env={})
            line = self.succeed(*inside, *config["Healthcheck"]["Test"][1:], env={})
            self.assertEqual((root / READY[1:]).stat().st_uid, 65532)
            environment = {"NAIRI_BASE_URL": json.loads(line)["base_url"], "NAIRI_API_KEY": "nr_test"}
            self.assertIn(ANSWER, self.succeed(self.nairi(), "ask", "--agent", "billing-agent",
                                               "Refund cus_123", "--poll-interval", "0.01",
                                               env=environment))
        finally:
            server.terminate()
            log = server.communicate(timeout=60)[1]
        self.assertEqual(server.returncode, 0, log)
        self.assertIn("POST /api/public/v1/conversations/start", log)
        # Without a server it is not healthy.
        self.assertEqual(run(*inside, *config["Healthcheck"]["Test"][1:], env={}).returncode, 3)

    def nairi(self):
        name = f"nairi-mock-{VERSION}-linux-amd64"
        program = self.home / name / "bin/nairi"
        if not program.exists():
            subprocess.run(["tar", "-xzf", OUT / f"{name}.tar.gz", "-C", self.home], check=True)
        return program

    def test_it_serves_as_its_user_is_healthy_and_ends_when_told(self):
        self.check("amd64")

    def test_arm64_does_too(self):
        self.check("arm64")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
