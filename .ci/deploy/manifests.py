"""Checks the manifests of Kubernetes and the compose files: by their schemas, against the Dockerfile, and by starting
Headroom with their settings."""

import os
import pathlib
import re
import subprocess
import tempfile
from typing import Any

import kubernetes_validate
import yaml
from servers import DEPLOY, HEADROOM, ROOT, Headroom, environment

# The oldest version that has all fields, and the newest.
KUBERNETES = ["1.30", kubernetes_validate.latest_version()]
COMPOSE = ["compose.yaml", "compose.sqlite.yaml"]
SECRETS = {
    "HEADROOM_OPERATOR_PASSWORD": "a quiet river",
    "HEADROOM_JWT_SECRET": "0123456789abcdef0123456789abcdef",
    # No server listens there.
    "HEADROOM_DATABASE_URL": "postgres://headroom:secret@127.0.0.1:1/headroom",
}


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / name).read_text()))


def check_kubernetes(name: str) -> dict[str, str]:
    """Returns the settings of Headroom."""
    resources = documents(name)
    for resource in resources:
        for version in KUBERNETES:
            kubernetes_validate.validate(resource, version, strict=True)
    [workload] = [it for it in resources if it["kind"] in ("Deployment", "StatefulSet")]
    pod = workload["spec"]["template"]["spec"]
    [container] = pod["containers"]
    labels = workload["spec"]["template"]["metadata"]["labels"]
    [service] = [it for it in resources if it["kind"] == "Service"]
    for selector in [service["spec"]["selector"], workload["spec"]["selector"]["matchLabels"]]:
        expect(name, selector.items() <= labels.items(), "a selector does not match the pods")
    dockerfile = (ROOT / "Dockerfile").read_text()
    image = {word: re.findall(rf"^{word} (.*)$", dockerfile, re.MULTILINE)[-1] for word in ("USER", "EXPOSE", "VOLUME")}
    expect(
        name, str(pod["securityContext"]["runAsUser"]) == image["USER"].split(":")[0], "another user than the image's"
    )
    expect(name, str(container["ports"][0]["containerPort"]) == image["EXPOSE"], "another port than the image's")
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    expect(name, image["VOLUME"] in mounts, "the image's volume is not mounted")
    claims = workload["spec"].get("volumeClaimTemplates", [])
    volumes = {it["name"] for it in pod["volumes"]} | {it["metadata"]["name"] for it in claims}
    expect(name, set(mounts.values()) == volumes, "mounts and volumes differ")
    return {it["name"]: it.get("value") or SECRETS[it["name"]] for it in container["env"]}


def check_compose(name: str) -> dict[str, str]:
    """Returns the settings of Headroom. Compose itself checks the file, too, if it is installed: it needs no engine."""
    schema = ["check-jsonschema", "--builtin-schema", "vendor.compose-spec"]
    run([str(ROOT / "target/tools/bin" / schema[0]), *schema[1:], str(DEPLOY / name)])
    secrets = SECRETS | {"POSTGRES_PASSWORD": "secret"}
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        run(["docker", "compose", "--file", str(DEPLOY / name), "config", "--quiet"], secrets)
    [compose] = documents(name)
    for config in compose.get("configs", {}).values():
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(config["content"])
            file.flush()
            run(["haproxy", "-c", "-q", "-f", file.name])
    [service] = [it for key, it in compose["services"].items() if key in ("headroom", "headroom-1")]
    given = service["environment"]
    return {key: SECRETS[key] if "$" in value else value for key, value in given.items()}


def check_settings(name: str, settings: dict[str, str]) -> None:
    """Headroom starts with them. In a container it listens on all addresses, as the Dockerfile says."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        settings = settings | {"HEADROOM_LISTEN": "0.0.0.0:0"}
        if "HEADROOM_PLANS" in settings:
            plans = run([str(HEADROOM), "plans"])
            (folder / "plans.toml").write_text(plans)
            settings["HEADROOM_PLANS"] = str(folder / "plans.toml")
        if "postgres" not in settings.get("HEADROOM_DATABASE_URL", ""):
            settings["HEADROOM_DATABASE_URL"] = f"sqlite://{folder}/headroom.db"
            with Headroom(folder, settings) as server:
                faults = [line for line in server.lines() if line["level"] not in ("INFO", "DEBUG")]
                expect(name, not faults, f"the log has {faults}")
                server.stop()
            return
        # The configuration is accepted (exit code 2 otherwise), and only the database is missing.
        done = subprocess.run([HEADROOM], cwd=folder, env=environment(settings), capture_output=True, text=True)
        expect(
            name,
            done.returncode == 1 and "cannot open the database" in done.stderr,
            f"{done.returncode}: {done.stderr}",
        )


def run(command: list[str], env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, env=os.environ | (env or {}), capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def expect(name: str, condition: bool, fault: str) -> None:
    if not condition:
        raise SystemExit(f"{name}: {fault}")


manifests = [f"kubernetes/{path.name}" for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))]
for manifest in manifests:
    check_settings(manifest, check_kubernetes(manifest))
for file in COMPOSE:
    check_settings(file, check_compose(file))
print(
    f"{', '.join(manifests)} are valid for Kubernetes {' and '.join(KUBERNETES)}; {' and '.join(COMPOSE)} for Compose"
)
