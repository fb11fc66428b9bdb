"""Draws mutants of autograd/ and nn/, runs the unit tests against each and reports; tools/mutate tells the options."""
import argparse
import hashlib
import json
import math
import os
import pickle
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from glob import glob

import survivors
from draw import draw, mutants_of
from find import find_sites
from run import EVERYTHING, Tests
from tree import write_tree

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(ROOT, "build/mutants")
REQUIRED = 0.9


def say(text):
    print(f"mutate: {text}", file=sys.stderr, flush=True)


def all_sites(jobs):
    """The sites of the tree and what was left out, from the last time if no source changed since."""
    sources = sorted(glob("autograd/**/*.?pp", root_dir=ROOT, recursive=True) +
                     glob("nn/**/*.?pp", root_dir=ROOT, recursive=True))
    digest = hashlib.sha256()
    for source in [*sources, *sorted(glob("tools/mutants/[fos]*.py", root_dir=ROOT))]:
        with open(os.path.join(ROOT, source), "rb") as opened:
            digest.update(source.encode() + b"\0" + opened.read() + b"\0")
    kept = os.path.join(FOLDER, f"sites-{digest.hexdigest()[:16]}")
    if not os.path.exists(kept):
        say("looking for what may be mutated, which takes some minutes")
        for old in glob(os.path.join(FOLDER, "sites-*")):
            os.remove(old)
        found = find_sites(ROOT, [source for source in sources if source.endswith(".cpp")],
                           ["-std=c++20", "-I.", "-DBOOST_DLL_USE_STD_FS"], jobs=jobs)
        with open(kept, "wb") as opened:
            pickle.dump(found, opened)
    with open(kept, "rb") as opened:
        return pickle.load(opened)


def build(sites, jobs):
    """Writes and builds the mutated tree; the folder of the build."""
    source, folder = os.path.join(FOLDER, "source"), os.path.join(FOLDER, "build")
    write_tree(ROOT, source, sites)
    say("building the mutated library and its tests, which takes a quarter of an hour the first time")
    for command in (["cmake", "-S", source, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"],
                    ["cmake", "--build", folder, "--target", "tapegrad_tests", "-j", str(jobs)]):
        ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if ran.returncode != 0:
            sys.exit(f"{ran.stdout}\nmutate: the build failed")
    return folder


def wilson(killed, count):
    """The 95 % interval of a proportion."""
    z = 1.959964
    rate, size = killed / count, z * z / count
    half = z * math.sqrt(rate * (1 - rate) / count + size / (4 * count))
    return (rate + size / 2 - half) / (1 + size), (rate + size / 2 + half) / (1 + size)


def run_all(tests, drawn, jobs):
    """A verdict for each mutant."""
    say("running the tests without a mutant")
    for suites in EVERYTHING:
        tests.baseline(suites)
    for file in sorted({mutant.file for mutant in drawn}):
        for suites in tests.mirrors_of(file):
            tests.baseline(suites)
    verdicts = {}
    with ThreadPoolExecutor(jobs) as pool:
        for mutant, verdict in zip(drawn, pool.map(tests.judge, drawn)):
            verdicts[mutant] = verdict
            end = f"killed by {verdict.killed_by}: {verdict.how}" if verdict.killed_by else "survived"
            say(f"{len(verdicts)}/{len(drawn)} {mutant.file}:{mutant.place}: {mutant.change}: {end}")
    return verdicts


def print_table(verdicts):
    drawn, mirror, others = Counter(), Counter(), Counter()
    for mutant, verdict in verdicts.items():
        for file in (mutant.file, "all"):
            drawn[file] += 1
            mirror[file] += verdict.killed_by == "mirror"
            others[file] += verdict.killed_by == "others"
    print(f"{'file':<36} {'drawn':>5} {'killed':>6} {'by mirror':>9} {'by others':>9}")
    for file in sorted(drawn, key=lambda file: (file == "all", file)):
        print(f"{file:<36} {drawn[file]:>5} {mirror[file] + others[file]:>6} {mirror[file]:>9} {others[file]:>9}")


def report(verdicts, known, left_out, mutants):
    """Prints everything; whether enough were killed and every survivor has a reason."""
    print_table(verdicts)
    killed = sum(bool(verdict.killed_by) for verdict in verdicts.values())
    limits = sum(verdict.how == "time limit" for verdict in verdicts.values())
    low, high = wilson(killed, len(verdicts))
    print(f"\n{killed} of {len(verdicts)} killed, {100 * killed / len(verdicts):.1f} % (95 % interval "
          f"{100 * low:.1f} to {100 * high:.1f} %), {limits} of them by the time limit")
    print(f"drawn from {len(mutants)} mutants in {len({mutant.file for mutant in mutants})} files; left out: " +
          ", ".join(f"{count} {reason}" for reason, count in sorted(left_out.items())))
    unexplained = 0
    for mutant, verdict in verdicts.items():
        reason = known.get(mutant.key)
        if verdict.killed_by:
            if reason is not None:
                print(f"\n{mutant.file}:{mutant.place}: killed, but listed as a survivor: {mutant.change}")
            continue
        unexplained += reason is None
        print(f"\n{mutant.file}:{mutant.place}: {mutant.code}\n    {mutant.change}\n    " +
              (reason or "NO REASON is listed" + ("" if verdict.reached else "; no test reaches it")))
    for file, change in known.keys() - {mutant.key for mutant in mutants}:
        print(f"\nlisted as a survivor, but there is no such mutant: {file}\n    {change}")
    if unexplained:
        print(f"\n{unexplained} survivors without a reason in tests/mutants/survivors.txt")
    return killed >= REQUIRED * len(verdicts) and not unexplained


def main():
    parser = argparse.ArgumentParser(prog="mutate")
    parser.add_argument("--draw", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", default="*")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--mutant", type=int)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--again", action="store_true")
    options = parser.parse_args()

    os.makedirs(FOLDER, exist_ok=True)
    known = survivors.read(os.path.join(ROOT, "tests/mutants/survivors.txt"))
    sites, left_out = all_sites(options.jobs)
    mutants = mutants_of(sites, ROOT)
    drawn = [mutant for mutant in draw(mutants, options.draw, options.seed) if fnmatch(mutant.file, options.file)]
    if options.mutant:
        drawn = [mutant for mutant in mutants if mutant.number == options.mutant]
    survived = os.path.join(FOLDER, "survived.json")
    if options.again:
        with open(survived, encoding="utf-8") as opened:
            keys = {tuple(key) for key in json.load(opened)}
        drawn = [mutant for mutant in drawn if mutant.key in keys]
    if options.list:
        for mutant in drawn:
            print(f"{mutant.number} {mutant.file}:{mutant.place}: {mutant.change}")
        return
    if not drawn:
        sys.exit("mutate: there is no such mutant")
    tests = Tests(ROOT, build(sites, options.jobs))
    if options.mutant:
        runs = [tests.run(suites, options.mutant, tests.limit(suites)) for suites in EVERYTHING]
        print("".join(ran.output for ran in runs))
        print("\n".join("survived" if ran.passed else f"killed: {ran.how}" for ran in runs))
        sys.exit(0 if not all(ran.passed for ran in runs) else 1)
    verdicts = run_all(tests, drawn, options.jobs)
    with open(survived, "w", encoding="utf-8") as opened:
        json.dump([mutant.key for mutant, verdict in verdicts.items() if not verdict.killed_by], opened)
    sys.exit(0 if report(verdicts, known, left_out, mutants) else 1)


if __name__ == "__main__":
    main()
