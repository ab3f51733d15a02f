"""Terraform on a copy of terraform/, so that its state stays out of the checkout; every call is bounded in time."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROVIDER = Path("registry.terraform.io/hashicorp/aws")
# Where a mirror of providers may lie on a machine; without one, Terraform asks its registry.
MIRRORS = ("~/.terraform.d/plugins", "/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins", "/opt/*")


class Missing(Exception):
    """Terraform or its provider can't be had here."""


class Terraform:
    """The files of terraform/ in a folder of their own, beside a package and a built site."""

    def __init__(self, folder: Path, package: Path, environ: Mapping[str, str], log: Path) -> None:
        if shutil.which("terraform") is None:
            raise Missing("terraform is not installed")
        self._folder = folder / "terraform"
        self._log = log
        self._environ = {**os.environ, **environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "TF_INPUT": "0"}
        # It may point to a file that is not there.
        self._environ.pop("TF_CLI_CONFIG_FILE", None)
        shutil.copytree(ROOT / "terraform", self._folder, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        (folder / "dist").symlink_to(package)
        (folder / "frontend").symlink_to(ROOT / "frontend")

    def init(self) -> None:
        """Make ready. Missing if the provider can't be had."""
        mirror = [f"-plugin-dir={folder}" for folder in _mirrors()[:1]]
        done = self._run("init", "-no-color", *mirror, timeout=180)
        if done.returncode != 0:
            raise Missing(f"terraform init: {done.stderr.strip()[-400:]}")

    def validate(self) -> None:
        self._must("validate", "-no-color", timeout=60)

    def apply(self) -> None:
        self._must("apply", "-no-color", "-auto-approve", "-parallelism=30", timeout=420)

    def plan(self) -> tuple[int, str]:
        """0 if there is nothing to change, 2 if there is; and what."""
        done = self._run("plan", "-no-color", "-detailed-exitcode", timeout=180)
        return done.returncode, done.stdout

    def destroy(self) -> None:
        """As docs/DEPLOY.md says: first let go of what holds videos, rows and accounts."""
        self._must("apply", "-no-color", "-auto-approve", "-parallelism=30", "-var", "protect=false", timeout=420)
        self._must("destroy", "-no-color", "-auto-approve", "-parallelism=30", "-var", "protect=false", timeout=420)

    def outputs(self) -> dict[str, str]:
        found = json.loads(self._must("output", "-json", timeout=60))
        return {name: one["value"] for name, one in found.items()}

    def _must(self, *argv: str, timeout: float) -> str:
        done = self._run(*argv, timeout=timeout)
        assert done.returncode == 0, f"terraform {argv[0]}: {done.stderr[-3000:]}"
        return done.stdout

    def _run(self, *argv: str, timeout: float) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            ["terraform", *argv], cwd=self._folder, env=self._environ, capture_output=True, text=True, timeout=timeout
        )
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"terraform {' '.join(argv)}: {done.returncode}\n{done.stdout}{done.stderr}\n")
        return done


def _mirrors() -> list[Path]:
    """Folders on this machine that hold the provider."""
    found = [Path("/").glob(place.lstrip("/")) if "*" in place else [Path(place).expanduser()] for place in MIRRORS]
    return [folder for some in found for folder in some if (folder / PROVIDER).is_dir()]
