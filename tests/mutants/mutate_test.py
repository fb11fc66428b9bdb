"""The parts of tools/mutants: the draw, the interval, the list of survivors; and a small source, mutated and run.

    mutate_test.py ROOT SCRATCH
"""
import os
import shutil
import subprocess
import sys

root, scratch = sys.argv[1:]
sys.path.insert(0, os.path.join(root, "tools/mutants"))

import survivors
from draw import Mutant, draw, mutants_of, shares
from mutate import wilson
from find import find_sites
from tree import mutated

# One file, one mutant; the rest in proportion to what is left: 10 of 90 + 9 + 0 others are 9.09, 0.91 and 0.
assert shares({"large": 91, "middle": 10, "small": 1}, 13) == {"large": 10, "middle": 2, "small": 1}
assert shares({"large": 91, "middle": 10, "small": 1}, 2) == {"large": 1, "middle": 1, "small": 0}
assert shares({"large": 2, "small": 1}, 300) == {"large": 2, "small": 1}

mutants = [Mutant(number, "nn/a.cpp" if number < 50 else "nn/b.cpp", f"{number}:5", f"x = {number};", f"{number} -> 0")
           for number in range(1, 101)]
drawn = draw(mutants, 20, 1)
assert len(drawn) == 20 and drawn == draw(mutants, 20, 1) and drawn != draw(mutants, 20, 2)
assert [mutant.number for mutant in drawn] == sorted(mutant.number for mutant in drawn)
# What changes in one file draws nothing else in the other.
of_b = [mutant for mutant in drawn if mutant.file == "nn/b.cpp"]
changed = [Mutant(m.number, m.file, "1:1", m.code + " // moved", m.change) if m.number < 50 else m for m in mutants]
assert of_b == [mutant for mutant in draw(changed, 20, 1) if mutant.file == "nn/b.cpp"]

# Wilson's interval for 8 of 10, as in Agresti and Coull, The American Statistician 52 (1998): 0.49 to 0.94.
low, high = wilson(8, 10)
assert abs(low - 0.490) < 0.001 and abs(high - 0.943) < 0.001

with open(os.path.join(scratch, "survivors.txt"), "w", encoding="utf-8") as file:
    file.write("# a comment\n\nnn/a.cpp: x = 1;\n    1 -> 2\n    It is never looked at.\n")
assert survivors.read(file.name) == {("nn/a.cpp: x = 1;", "1 -> 2"): "It is never looked at."}
assert survivors.read(os.path.join(root, "tests/mutants/survivors.txt"))

if shutil.which("clang++") is None:
    sys.exit()

SOURCE = """namespace tapegrad {
constexpr int limit = 2 + 3;
static_assert(limit == 5);
bool inside(int x, int low, int high) { return low <= x && x < high; }
int sum_below(int n) {
    int sum = 0, list[4] = {};
    for (int i = 0; i < n; ++i) {
        if (i % 2 == 0) sum += i * 10;
        list[i % 4]++;
    }
    for (int count : list) sum -= -count;
    return sum > 0 ? sum : 0;
}
template <typename T>
T never(T x) { return x + 1; }
}
"""
MAIN = """#include <cstdio>
int main() {
    using tapegrad::inside;
    std::printf("%d%d%d %d", inside(1, 1, 3), inside(3, 1, 3), inside(0, 1, 3), tapegrad::sum_below(5));
}
"""
os.makedirs(os.path.join(scratch, "nn"))
with open(os.path.join(scratch, "nn/small.cpp"), "w", encoding="utf-8") as file:
    file.write(SOURCE)
sites, left_out = find_sites(scratch, ["nn/small.cpp"], ["-std=c++20"])
changes = [mutant.change for mutant in mutants_of(sites, scratch)]
for change in ["low <= x && x < high -> low <= x || x < high", "low <= x -> low < x", "low <= x -> low > x",
               "x < high -> x <= high", "x < high -> x >= high", "0 -> 1", "++i -> --i", "i % 2 -> i * 2",
               "i % 2 == 0 -> i % 2 != 0", "sum += i * 10 -> sum -= i * 10", "i * 10 -> i / 10",
               "list[i % 4]++ -> list[i % 4]--", "sum -= -count -> sum += -count", "-count -> count",
               "sum > 0 -> sum >= 0", "sum > 0 -> sum <= 0", "10 -> 11"]:
    assert change in changes, f"{change} is not among {changes}"
assert not any("2 + 3" in change or "limit" in change or "x + 1" in change for change in changes), changes
assert left_out == {"in a constant expression": 5, "in a template that nothing instantiates": 2}, left_out

# Compiled once: as it was written, and each mutant as what it is called. 0 + 20 + 40 + 5 counts.
with open(os.path.join(scratch, "program.cpp"), "w", encoding="utf-8") as file:
    file.write(f'#include "{root}/tools/mutants/switch.hpp"\n' + mutated(SOURCE, sites) + MAIN)
program = os.path.join(scratch, "program")
subprocess.run(["clang++", "-std=c++20", "-w", file.name, "-o", program], check=True)


def printed(change=None, trap=""):
    numbers = {mutant.change: mutant.number for mutant in mutants_of(sites, scratch)}
    mutant = "" if change is None else f"{numbers[change]}{trap}"
    ran = subprocess.run([program], env={"TAPEGRAD_MUTANT": mutant}, capture_output=True, text=True)
    return ran.stdout if ran.returncode == 0 else ran.returncode


assert printed() == "100 65", printed()
assert printed("low <= x && x < high -> low <= x || x < high") == "111 65"
assert printed("low <= x -> low < x") == "000 65"
assert printed("x < high -> x <= high") == "110 65"
assert printed("i % 2 == 0 -> i % 2 != 0") == "100 45"
assert printed("i * 10 -> i / 10") == "100 5"
assert printed("-count -> count") == "100 55"
assert printed("sum > 0 -> sum <= 0") == "100 0"
assert printed("sum > 0 -> sum >= 0", "!") == -6  # a trap tells that it is reached
