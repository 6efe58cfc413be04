"""`./dev bench` as it is typed: it starts a service, measures it, keeps the figures and leaves nothing behind."""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def folder():
    # Not pytest's own: the database's user must be able to walk to it.
    made = Path(tempfile.mkdtemp(prefix="smittesporing-bench-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_small_run_keeps_its_figures_and_stops_what_it_started(folder):
    port = free_port()
    words = [
        "--persons",
        "120",
        "--batch",
        "100",
        "--only",
        "3,5",
        "--users",
        "1",
        "--requests",
        "2",
    ]
    words += ["--runs", "1", "--warm-up", "0", "--clients", "1,2", "--port", str(port)]
    words += ["--data", str(folder / "data"), "--out", str(folder / "figures.json")]
    done = subprocess.run(
        [sys.executable, "-m", "bench", *words],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    kept = json.loads((folder / "figures.json").read_text())
    assert {row["operation"] for row in kept["figures"]} == {"1", "3", "5"}
    assert sum(row["errors"] for row in kept["figures"]) == 0
    assert kept["server"]["postgres"]["synchronous_commit"] == "on"
    assert kept["server"]["postgres"]["fsync"] == "on"
    assert kept["server"]["pss_mb_most"] > 50 or sys.platform != "linux"
    assert not (folder / "data").exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_configuration_is_measured_beside_its_targets(folder):
    words = ["configuration", "--requests", "1", "--port", str(free_port())]
    words += ["--data", str(folder / "data"), "--out", str(folder / "figures.json")]
    words += ["--package", str(folder / "none")]
    done = subprocess.run(
        [sys.executable, "-m", "bench", *words],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads((folder / "figures.json").read_text())["rows"]
    assert {row["operation"] for row in rows} == {
        "programs as Capture asks", "list of 50, id,displayName", "list of 50, :all",
        "parse and check a rule", "rules: what an import runs", "rules: all effects",
    }  # fmt: skip
    assert all(row["ratio"] == row["p95"] / row["target"] for row in rows if row["target"])
    assert not (folder / "data").exists()
