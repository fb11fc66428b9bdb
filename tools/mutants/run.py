"""Runs the unit tests with one mutant switched on: `Tests(build).judge(mutant)`."""
import os
import re
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from glob import glob

MEMORY = 6 << 30  # of addresses, bytes
OUTPUT = 256 << 20  # of a file, bytes: a loop without end may talk


@dataclass
class Run:
    passed: bool
    how: str  # what failed first, in words
    seconds: float
    output: str


@dataclass
class Verdict:
    """How a mutant ended: killed by its mirror tests, by others, or not at all."""
    killed_by: str  # "mirror", "others" or ""
    how: str
    reached: bool = True


# All tests, the quick ones first, but for those that take long and run for the source that they mirror only.
GRADIENTS = ("autograd_gradient",)
EVERYTHING = [("!autograd_gradient", "!autograd_tape_depth"), GRADIENTS]


class Tests:
    def __init__(self, root, build):
        self.root, self.program = root, os.path.join(build, "bin/tapegrad_tests")
        self.seconds = {}  # for each list of suites, without a mutant

    def suites_in(self, files):
        names = []
        for file in files:
            with open(file, encoding="utf-8") as opened:
                names += re.findall(r"BOOST_AUTO_TEST_SUITE\((\w+)", opened.read())
        return tuple(sorted(set(names)))

    def mirrors_of(self, file):
        """The suites that mirror a source, the quick ones first: those of its name, or else those that include its
        header; and those that judge all of its kind."""
        folder, name = os.path.split(os.path.splitext(file)[0])
        tests = os.path.join(self.root, "tests", "nn" if folder == "nn/layers" else folder)
        of_name = self.suites_in(glob(f"{tests}/{name}_test.cpp") + glob(f"{tests}/{name}_*_test.cpp"))
        if not of_name:
            of_name = self.suites_in(test for test in glob(f"{tests}/*_test.cpp") if self.includes(test, folder, name))
        of_kind = {"autograd/ops": [("autograd_composition",), ("tools_checks_infer",), GRADIENTS],
                   "nn/layers": [("nn_layers", "nn_layer_gradients")]}.get(folder, [])
        return ([of_name] if of_name else []) + of_kind

    @staticmethod
    def includes(test, folder, name):
        with open(test, encoding="utf-8") as opened:
            return f'#include "{folder}/{name}.hpp"' in opened.read()

    def run(self, suites, mutant="", limit=None):
        """The tests of some suites. `limit` is in seconds of a processor; what waits forever ends after twice as many on
        the clock."""
        with tempfile.TemporaryDirectory() as scratch:
            counts = os.path.join(scratch, "counts")
            environment = {name: value for name, value in os.environ.items() if not name.startswith("TAPEGRAD_")}
            environment |= {"OMP_NUM_THREADS": "1", "TMPDIR": scratch, "XDG_DATA_HOME": scratch,
                            "TAPEGRAD_TEST_COUNTS": counts, "TAPEGRAD_MUTANT": str(mutant)}
            limits = [f"--as={MEMORY}", f"--fsize={OUTPUT}", f"--cpu={limit or 'unlimited'}", "--core=0"]
            command = ["prlimit", *limits, self.program, "--color_output=no", "--catch_system_errors=no",
                       *[f"--run_test={suite}" for suite in suites]]
            before = time.monotonic()
            with open(os.path.join(scratch, "output"), "w+b") as output:
                process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT,
                                           stdin=subprocess.DEVNULL, start_new_session=True, cwd=scratch)
                try:
                    status = process.wait(timeout=2 * limit if limit else None)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
                    status = -signal.SIGXCPU
                output.seek(0)
                said = output.read(1 << 20).decode(errors="replace")
            try:
                with open(counts, encoding="utf-8") as opened:
                    finished = opened.read().split()[3:] == ["finished"]
            except FileNotFoundError:
                finished = False
        passed = status == 0 and finished
        return Run(passed, "" if passed else self.what_failed(status, said), time.monotonic() - before, said)

    @staticmethod
    def what_failed(status, output):
        failed = re.search(r'error: in "([^"]+)"', output)
        if status in (-signal.SIGXCPU, -signal.SIGKILL):
            return "time limit"
        if failed:
            return failed[1]
        return f"signal {-status}" if status < 0 else f"exit code {status}"

    def baseline(self, suites):
        """Seconds without a mutant; the tests have to pass."""
        if suites not in self.seconds:
            ran = self.run(suites)
            if not ran.passed:
                raise SystemExit(f"mutate: without a mutant the tests fail ({ran.how}):\n{ran.output}")
            self.seconds[suites] = ran.seconds
        return self.seconds[suites]

    def judge(self, mutant):
        mirrors = self.mirrors_of(mutant.file)
        for suites in mirrors + [suites for suites in EVERYTHING if suites not in mirrors]:
            ran = self.run(suites, mutant.number, self.limit(suites))
            if not ran.passed:
                return Verdict("mirror" if suites in mirrors else "others", ran.how)
        trapped = [self.run(suites, f"{mutant.number}!", self.limit(suites)) for suites in EVERYTHING]
        return Verdict("", "", reached=not all(ran.passed for ran in trapped))

    def limit(self, suites):
        return int(5 + 5 * self.baseline(suites))
