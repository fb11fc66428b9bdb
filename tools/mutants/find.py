"""Finds the sites of many sources: `find_sites(root, sources, ...)`."""
import multiprocessing
import sys
from functools import partial

from sites import Finder
from syntax import syntax_trees


def find_in(source, root, arguments, folders):
    """What one source and its headers show: a Finder's sites and what it left out."""
    sys.setrecursionlimit(100000)
    finder = Finder(root, folders)
    for tree in syntax_trees(source, arguments, root):
        finder.read(tree)
    finder.drop_constant_defaults()
    return finder.sites, finder.left_out


def find_sites(root, sources, arguments, folders=("autograd/", "nn/"), jobs=1):
    """All sites in `folders` that the sources show, in order of their place and numbered; and for each reason how many
    mutants were left out."""
    sites, left_out = {}, {}
    with multiprocessing.Pool(jobs) as pool:
        for found, left in pool.imap(partial(find_in, root=root, arguments=arguments, folders=folders), sources):
            sites.update(found)
            left_out.update(left)
    ordered = [sites[key] for key in sorted(sites)]
    # Each file has a thousand of its own, so that a change of one builds only that one again.
    files = sorted({site.file for site in ordered})
    number = {file: 1000 * (index + 1) for index, file in enumerate(files)}
    for site in ordered:
        site.numbers = list(range(number[site.file], number[site.file] + len(site.changes)))
        number[site.file] += len(site.changes)
    counts = {}
    for key, (reason, mutants) in left_out.items():
        if key not in sites:
            counts[reason] = counts.get(reason, 0) + mutants
    return ordered, counts
