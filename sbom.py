"""Writes what the portal is made of, from the lock of run time, as CycloneDX JSON.

    python sbom.py > sbom.json

The same lock gives the same bytes: no time, no serial number, no address of a registry.
"""

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent
PINNED = re.compile(r"^([a-zA-Z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?$")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def components(lock: str) -> list[dict[str, Any]]:
    """Return each pinned package with its hashes, in the order of the names."""
    found: list[dict[str, Any]] = []
    for line in lock.splitlines():
        if pinned := PINNED.match(line):
            name, version, marker = pinned.groups()
            purl = f"pkg:pypi/{name.lower()}@{version}"
            found.append(
                {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
            )
            found[-1]["scope"] = "optional" if marker else "required"
            found[-1]["hashes"] = []
        elif found and (hashed := HASH.search(line)):
            found[-1]["hashes"].append({"alg": "SHA-256", "content": hashed[1]})
    return sorted(found, key=lambda each: str(each["purl"]))


def bom(root: Path = ROOT) -> dict[str, Any]:
    """Return the whole document."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": components((root / "requirements-runtime.lock").read_text()),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(bom(), indent=1, sort_keys=True) + "\n")
