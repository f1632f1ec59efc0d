"""The long run: `python -m tests.fuzz --seconds 300 feeds`, and `python -m tests.fuzz feeds FILE` once more.

Needs the extra `fuzz` (atheris), but not to replay. Inputs that reach new code are kept under build/fuzz and
are where the next run begins.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import time
import traceback
from hashlib import sha256
from pathlib import Path

from ..conftest import PROJECT

BUILD = PROJECT / "build" / "fuzz"
HANG = 60
"""Seconds after which one input is given up."""
INSTRUMENTED = ["monitor", "feedparser", "sgmllib", "trafilatura", "yaml"]
NAMES = ("feeds", "rules", "config", "text", "pages")
# From libFuzzer's last words.
_EXECUTED = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
_MEMORY = re.compile(r"stat::peak_rss_mb:\s*(\d+)")


def main() -> int:
    """Ends with 1 where anything was found."""
    arguments = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    arguments.add_argument("--seconds", type=int, default=300, help="for each entry (300)")
    arguments.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments.add_argument(
        "entry", nargs="?", choices=NAMES, help="one of them; without: one after the other"
    )
    arguments.add_argument("file", nargs="*", type=Path, help="inputs to try again")
    given = arguments.parse_args()
    if given.file:
        return _replay(given.entry, given.file)
    if given.child:
        _fuzz(given.entry, given.seconds)
    found = [_run(name, given.seconds) for name in ([given.entry] if given.entry else NAMES)]
    return 1 if any(found) else 0


def _replay(name: str, files: list[Path]) -> int:
    from .targets import TARGETS  # noqa: PLC0415 - the long run imports it under instrumentation

    target = TARGETS[name]
    for file in files:
        before = time.process_time()
        target.check(file.read_bytes())
        _say(f"{file}: nothing, in {time.process_time() - before:.2f} s of processor time")
    return 0


def _run(name: str, seconds: int) -> bool:
    """Fuzzes in a process of its own, since libFuzzer ends the one it runs in; tells what was found."""
    known = set(_found(name))
    command = [sys.executable, "-m", "tests.fuzz", "--child", "--seconds", str(seconds), name]
    began = time.monotonic()
    _say(f"{name}: {seconds} seconds")
    log = BUILD / name / "log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        ended = subprocess.run(command, cwd=PROJECT, stdout=output, stderr=output, check=False)
    told = log.read_text(encoding="utf-8", errors="replace")
    executed, memory = _EXECUTED.search(told), _MEMORY.search(told)
    fresh = [path for path in _found(name) if path not in known]
    _say(
        f"{name}: {int(executed[1]) if executed else 0:,} executions in {time.monotonic() - began:.0f} s,"
        f" {memory[1] if memory else '?'} MB, {len(fresh)} found"
    )
    for path in fresh:
        _say(f"  {path.relative_to(PROJECT)}: {_reason(path)}")
        _say(f"  again: {Path(sys.executable).name} -m tests.fuzz {name} {path.relative_to(PROJECT)}")
    if ended.returncode and not fresh:
        _say(f"  it ended with {ended.returncode}: see {log.relative_to(PROJECT)}")
    return bool(fresh or ended.returncode)


def _found(name: str) -> list[Path]:
    folder = BUILD / name / "found"
    return sorted(path for path in folder.glob("*") if path.suffix != ".txt")


def _reason(path: Path) -> str:
    note = path.with_name(f"{path.name}.txt")
    return (
        note.read_text(encoding="utf-8").splitlines()[-1]
        if note.exists()
        else "it hung, or took the process down"
    )


def _fuzz(name: str, seconds: int) -> None:
    import atheris  # noqa: PLC0415 - not there where inputs are only replayed

    with atheris.instrument_imports(include=INSTRUMENTED, enable_loader_override=False):
        from .targets import TARGETS  # noqa: PLC0415 - what it imports is instrumented

        if name == "pages":
            import trafilatura  # noqa: F401, PLC0415 - else imported with the first page, uninstrumented
    target = TARGETS[name]
    folder = BUILD / name
    corpus, found, seeds = folder / "corpus", folder / "found", folder / "seeds"
    shutil.rmtree(seeds, ignore_errors=True)
    for each in (corpus, found, seeds):
        each.mkdir(parents=True, exist_ok=True)
    for seed in target.stock():
        (seeds / f"{seed.parent.name}-{seed.name}").write_bytes(seed.read_bytes())
    dictionary = folder / "words"
    dictionary.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words), encoding="ascii")
    signs: set[str] = set()

    def one(data: bytes) -> None:
        before = time.process_time()
        try:
            target.check(data)
            spent = time.process_time() - before
            assert spent <= target.seconds, f"{spent:.1f} s of processor time"
        except Exception as error:  # noqa: BLE001 - whatever comes out is a finding
            _keep(found, data, error, signs)

    flags = [
        *(
            f"-max_total_time={seconds}",
            f"-max_len={target.longest}",
            f"-timeout={HANG}",
            "-rss_limit_mb=2048",
        ),
        *(f"-dict={dictionary}", f"-artifact_prefix={found}/", "-print_final_stats=1", "-verbosity=1"),
    ]
    atheris.Setup([sys.argv[0], *flags, str(corpus), str(seeds)], one)
    atheris.Fuzz()


def _keep(found: Path, data: bytes, error: Exception, signs: set[str]) -> None:
    """Writes an input and its error down, one for each place in the code that errors come from."""
    told = "".join(traceback.format_exception(error))
    places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    sign = " ".join([type(error).__name__, *places[-3:]])
    if sign in signs:
        return
    signs.add(sign)
    path = found / f"{type(error).__name__}-{sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    path.with_name(f"{path.name}.txt").write_text(told, encoding="utf-8", errors="backslashreplace")


def _escaped(word: str) -> str:
    """A word as libFuzzer's dictionaries have it."""
    return "".join(f"\\x{byte:02x}" for byte in word.encode("utf-8"))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
