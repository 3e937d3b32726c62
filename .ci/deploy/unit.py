"""Checks headroom.service: by systemd-analyze, and by running Headroom under the unit's own filter of system calls.

No systemd runs here, so the filter is built from the unit with libseccomp, as systemd does it. Namespaces (ProtectSystem
and so on) are not tested.
"""

import json
import os
import pathlib
import pwd
import re
import signal
import stat
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

import seccomp
from servers import DEPLOY, HEADROOM, Headroom, environment

UNIT = DEPLOY / "headroom.service"
# systemd's exposure, in tenths: 0 is best, 100 worst.
EXPOSURE_MAX = 15
# PROT_WRITE and PROT_EXEC, and SHM_EXEC.
WRITE, EXEC, SHM_EXEC = 2, 4, 0o100000
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}


def settings_of(section: str, name: str) -> list[str]:
    """All values of a setting, in order."""
    part = UNIT.read_text().split(f"[{section}]\n")[1].split("\n[")[0]
    return re.findall(rf"^{name}=(.*)$", part, re.MULTILINE)


def members(group: str) -> set[str]:
    """The system calls of a group such as @system-service."""
    if not group.startswith("@"):
        return {group}
    listed = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True)
    names = re.findall(r"^    (?!#)(\S+)$", listed.stdout, re.MULTILINE)
    return set().union(*(members(name) for name in names))


def load_filter() -> None:
    """Forbids this process what the unit forbids: system calls, writable code, families of sockets."""
    allowed: set[str] = set()
    for value in settings_of("Service", "SystemCallFilter"):
        groups = [members(group) for group in value.removeprefix("~").split()]
        allowed = allowed.difference(*groups) if value.startswith("~") else allowed.union(*groups)
    filters = seccomp.SyscallFilter(seccomp.ERRNO(1))
    conditional = {"mmap": [], "mprotect": [], "pkey_mprotect": [], "shmat": [], "socket": []}
    if settings_of("Service", "MemoryDenyWriteExecute") == ["true"]:
        for permitted in (0, WRITE, EXEC):
            conditional["mmap"].append(seccomp.Arg(2, seccomp.MASKED_EQ, WRITE | EXEC, permitted))
        for name in ("mprotect", "pkey_mprotect"):
            conditional[name].append(seccomp.Arg(2, seccomp.MASKED_EQ, EXEC, 0))
        conditional["shmat"].append(seccomp.Arg(2, seccomp.MASKED_EQ, SHM_EXEC, 0))
    for family in " ".join(settings_of("Service", "RestrictAddressFamilies")).split():
        conditional["socket"].append(seccomp.Arg(0, seccomp.EQ, FAMILIES[family]))
    for name in allowed:
        try:
            number = seccomp.resolve_syscall(seccomp.Arch(), name)
        except (RuntimeError, ValueError):
            continue
        if number < 0:
            continue
        for condition in conditional.get(name) or [None]:
            filters.add_rule(seccomp.ALLOW, number, *([condition] if condition else []))
    filters.load()


def confined(command: list[str]) -> None:
    """Becomes the command, under the filter and as a user without rights."""
    os.umask(int(settings_of("Service", "UMask")[0], 8))
    if os.getuid() == 0:
        user = pwd.getpwnam("daemon")
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    load_filter()  # It also sets no_new_privs.
    os.execv(command[0], command)


def analyze() -> str:
    with tempfile.TemporaryDirectory() as folder:
        # The programs of the unit are not installed here.
        copy = pathlib.Path(folder, UNIT.name)
        copy.write_text(re.sub("/usr/local/bin/headroom|/bin/kill", "/bin/true", UNIT.read_text()))
        verify = subprocess.run(["systemd-analyze", "verify", "--man=no", copy], capture_output=True, text=True)
        if verify.returncode != 0 or verify.stderr:
            raise SystemExit(f"systemd-analyze verify: {verify.stderr}")
    security = ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_MAX}", "--no-pager", UNIT]
    done = subprocess.run(security, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)
    return re.findall(r"exposure level .*: ([0-9.]+)", done.stdout)[0]


def check_filter() -> None:
    """It forbids something."""
    attempts = {
        "import mmap; mmap.mmap(-1, 4096, prot=7)": "PermissionError",
        "import socket; socket.socket(16)": "PermissionError",
        "import os; os.chroot('/')": "PermissionError",
        "import socket; socket.socket(2)": "",
    }
    for attempt, error in attempts.items():
        command = ["/usr/bin/python3", __file__, "--confined", "/usr/bin/python3", "-I", "-c", attempt]
        done = subprocess.run(command, capture_output=True, text=True)
        if (done.returncode != 0) != bool(error) or error not in done.stderr:
            raise SystemExit(f"under the filter, {attempt!r} is: {done.stderr or 'permitted'}")


def check_server() -> None:
    """Headroom does all of its work under the filter, with no warning in its log."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        if os.getuid() == 0:
            user = pwd.getpwnam("daemon")
            os.chown(folder, user.pw_uid, user.pw_gid)
        wrapper = ["/usr/bin/python3", __file__, "--confined"]
        plans = folder / "plans.toml"
        plans.write_bytes(
            subprocess.run([HEADROOM, "plans"], env=environment({}), capture_output=True, check=True).stdout
        )
        settings = {
            "HEADROOM_DATABASE_URL": f"sqlite://{folder}/headroom.db",
            "HEADROOM_OPERATOR_PASSWORD": "a quiet river",
            "HEADROOM_PLANS": str(plans),
            "HEADROOM_LOG": "info,headroom=debug",
        }
        with Headroom(folder, settings, wrapper) as server:
            login = {"username": "user", "password": "a quiet river"}
            # From the second one on, the threads that hash passwords lower their priority.
            token = [call(server, "/token", None, login) for _ in range(2)][1]["access_token"]
            account = call(server, "/accounts", token, {"name": "My Salon", "plan": "basic"})["id"]
            call(server, f"/accounts/{account}/bookings", token, {})
            call(server, "/readyz", None)
            server.signal(signal.SIGHUP)
            server.wait_until(
                lambda: any("reload" in line["target"] for line in server.lines()), "SIGHUP loads the plans"
            )
            server.stop()
            lines = [(line["level"], line["message"]) for line in server.lines()]
            faults = [message for level, message in lines if level in ("WARN", "ERROR") or "priority" in message]
            if faults:
                raise SystemExit(f"under the unit's filter, Headroom logs {faults}")
        modes = {path.name: stat.filemode(path.stat().st_mode) for path in folder.glob("headroom.db*")}
        if not modes or set(modes.values()) != {"-rw-------"}:
            raise SystemExit(f"others can read {modes}")


def call(server: Headroom, path: str, token: str | None, body: object = None) -> dict[str, str]:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", data, headers)
    try:
        with urllib.request.urlopen(request) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{path}: {error.read().decode()}") from error


if sys.argv[1:2] == ["--confined"]:
    confined(sys.argv[2:])
exposure = analyze()
check_filter()
check_server()
print(f"headroom.service: exposure {exposure} of 10, and Headroom works under its filter of system calls")
