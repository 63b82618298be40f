"""A Redis server's program for the tests of workers, where the machine has none."""

import os
import shutil
import subprocess

PROGRAM = "redis-server"


def main() -> None:
    """Install Debian's package where that is allowed; the tests say what to do where it is not."""
    if shutil.which(PROGRAM) or not shutil.which("apt-get") or os.geteuid() != 0:
        return
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    keep_stopped = {**os.environ, "RUNLEVEL": "1", "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", PROGRAM]
    subprocess.run(install, env=keep_stopped, check=True)


if __name__ == "__main__":
    main()
