"""Mutants, and a sample of them that is spread over the files: `mutants_of(sites)`, `draw(mutants, count, seed)`."""
import hashlib
import os
from collections import Counter, defaultdict
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    number: int
    file: str
    place: str  # "line:column"
    code: str  # the line as it was written, without its margin
    change: str  # "a < b -> a <= b"; a second of the same line ends with " #2"

    @property
    def key(self):
        """What it is called, wherever its line has moved to."""
        return f"{self.file}: {self.code}", self.change


def mutants_of(sites, root):
    """The mutants of all sites, in order of their numbers."""
    lines, seen, mutants = {}, Counter(), []
    for site in sites:
        if site.file not in lines:
            with open(os.path.join(root, site.file), encoding="utf-8") as opened:
                lines[site.file] = [line.strip() for line in opened]
        code = lines[site.file][site.line - 1]
        place = f"{site.line}:{site.column}"
        for number, changed in zip(site.numbers, site.changes):
            change = f"{site.original} -> {changed}"
            name = (site.file, code, change)
            seen[name] += 1
            if seen[name] > 1:
                change += f" #{seen[name]}"
            mutants.append(Mutant(number, site.file, place, code, change))
    return mutants


def shares(sizes, count):
    """How many of `count` each file gets: one each, as far as they reach, and the rest in proportion to its size."""
    count = min(count, sum(sizes.values()))
    by_size = sorted(sizes, key=lambda file: (-sizes[file], file))
    given = {file: int(position < count) for position, file in enumerate(by_size)}
    rest, total = count - sum(given.values()), sum(sizes.values()) - len(sizes)
    if rest <= 0 or total <= 0:
        return given
    exact = {file: rest * (sizes[file] - 1) / total for file in sizes}
    for file in sizes:
        given[file] += int(exact[file])
    by_remainder = sorted(sizes, key=lambda file: (int(exact[file]) - exact[file], file))
    for file in by_remainder[:count - sum(given.values())]:
        given[file] += 1
    return given


def draw(mutants, count, seed):
    """`count` mutants, in order of their numbers. Within a file those come first whose hash with the seed is smallest: a
    change somewhere else draws the same ones."""
    of_file = defaultdict(list)
    for mutant in mutants:
        of_file[mutant.file].append(mutant)
    rank = lambda mutant: hashlib.sha256("\n".join([str(seed), *mutant.key]).encode()).hexdigest()
    drawn = []
    for file, share in shares({file: len(all) for file, all in of_file.items()}, count).items():
        drawn += sorted(of_file[file], key=rank)[:share]
    return sorted(drawn, key=lambda mutant: mutant.number)
