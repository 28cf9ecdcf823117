"""A real Elasticsearch node for tests and benchmarks: ``python tests/engine/launch.py``.

Resolves the pinned core node with Maven, compiles the few Java classes beside this file with a
JDK 21 or newer, and becomes that node: it prints ``VERSION PORT`` once it answers on 127.0.0.1, and
ends when its input is closed. Jars and classes are kept in ``var/engine``.

Exit status 69 where no engine can be had; stderr then says what is missing and how to get it.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent.parent / "var" / "engine"
OLDEST_JAVA = 21
UNAVAILABLE = 69
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"


def main() -> NoReturn:
    """Prepare what is missing, then become the node."""
    parser = argparse.ArgumentParser(description="Starts Elasticsearch's core node on loopback.")
    parser.add_argument("--folder", type=Path, help="where its data lie (default: a new one)")
    parser.add_argument("--port", type=int, default=0, help="HTTP port (default: any)")
    parser.add_argument("--heap", default="512m", help="size of its heap")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="engine-"))
    folder.mkdir(parents=True, exist_ok=True)
    jdk = find_jdk()
    jars, classes = prepare(jdk)
    java = str(jdk / "bin" / "java")
    command = [java, *options(given.heap, classes), *arguments(jars, classes, folder, given)]
    os.execv(java, command)  # noqa: S606  # we become it


def find_jdk() -> Path:
    """Return the newest JDK at hand that can compile and run the node."""
    found = [(version, home) for home in homes() if (version := java_version(home)) >= OLDEST_JAVA]
    if not found:
        missing(
            f"no JDK {OLDEST_JAVA} or newer (JAVA_HOME, /usr/lib/jvm, PATH)",
            "install one, for example the package temurin-25-jdk, or set JAVA_HOME",
        )
    return max(found)[1]


def homes() -> Iterator[Path]:
    """Yield folders that may hold a JDK."""
    if "JAVA_HOME" in os.environ:
        yield Path(os.environ["JAVA_HOME"])
    yield from Path("/usr/lib/jvm").glob("*")
    if javac := shutil.which("javac"):
        yield Path(javac).resolve().parent.parent


def java_version(home: Path) -> int:
    """Return the JDK's feature number, 0 where there is none."""
    release = home / "release"
    if not (home / "bin" / "javac").is_file() or not release.is_file():
        return 0
    said = re.search(r'JAVA_VERSION="(\d+)', release.read_text(encoding="utf-8", errors="replace"))
    return int(said[1]) if said else 0


def prepare(jdk: Path) -> tuple[Path, Path]:
    """Return the folders of jars and classes, each named by what it was made from."""
    sources = sorted(HERE.glob("java/**/*.java"))
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        jars = made("jars", [HERE / "pom.xml"], resolve)
        classes = made(
            "classes", [HERE / "pom.xml", *sources], lambda to: compile_(jdk, jars, sources, to)
        )
    return jars, classes


def made(kind: str, sources: list[Path], make) -> Path:  # type: ignore[no-untyped-def]  # a script
    """Return the folder that ``make`` fills, made once for each state of ``sources``."""
    digest = hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()
    folder = CACHE / f"{kind}-{digest[:12]}"
    if not folder.is_dir():
        with tempfile.TemporaryDirectory(dir=CACHE) as unfinished:
            make(Path(unfinished) / "new")
            (Path(unfinished) / "new").rename(folder)
    return folder


def resolve(folder: Path) -> None:
    """Copy the node's jars into ``folder``; Maven checks each against its checksum (``-C``)."""
    if shutil.which("mvn") is None:
        missing("no Maven (command mvn)", "install the package maven")
    run(
        [
            *("mvn", "-q", "-B", "-C", "-f", str(HERE / "pom.xml"), COPY),
            *("-DincludeScope=runtime", f"-DoutputDirectory={folder}"),
        ],
        "Maven cannot resolve the node's jars",
        "connect to a repository that has them (see Maven's settings.xml), then run again",
    )


def compile_(jdk: Path, jars: Path, sources: list[Path], folder: Path) -> None:
    """Compile our classes against the jars, into a jar of their own."""
    remedy = "compare our Java classes with the version in tests/engine/pom.xml"
    with tempfile.TemporaryDirectory() as classes:
        javac = [str(jdk / "bin" / "javac"), "-cp", f"{jars}/*", "-d", classes]
        run([*javac, *map(str, sources)], "our Java classes do not compile", remedy)
        folder.mkdir()
        jar = [str(jdk / "bin" / "jar"), "cf", str(folder / "engine.jar"), "-C", classes, "."]
        run(jar, "our Java classes do not fit into a jar", remedy)


def options(heap: str, classes: Path) -> list[str]:
    """Return what the Java machine is told; start-up counts more than peak speed."""
    return [
        f"-Xms{heap}",
        f"-Xmx{heap}",
        "-XX:+UseSerialGC",
        "-XX:+AutoCreateSharedArchive",
        f"-XX:SharedArchiveFile={classes / 'engine.jsa'}",
        f"-Des.nativelibs.path={classes}",  # there are none: the node does without
        "--add-modules=jdk.incubator.vector",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-Xlog:cds=off",
        "-Xlog:cds+dynamic=off",
    ]


def arguments(jars: Path, classes: Path, folder: Path, given: argparse.Namespace) -> list[str]:
    """Return class path, main class and its arguments."""
    path = f"{classes}/engine.jar:{jars}/*"
    return ["-cp", path, "markwatch.engine.Engine", str(folder), str(given.port)]


def run(command: list[str], what: str, remedy: str) -> None:
    """Run ``command``; where it fails, say its last words."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        missing("\n".join([what, *said[-8:]]), remedy)


def missing(what: str, remedy: str) -> NoReturn:
    """Say why no engine can be had, and end."""
    print(f"{what}\nTo have it: {remedy}", file=sys.stderr)
    raise SystemExit(UNAVAILABLE)


if __name__ == "__main__":
    main()
