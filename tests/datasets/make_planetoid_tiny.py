#!/usr/bin/env python3
"""Makes planetoid_tiny/: a data set of 12 nodes in Planetoid's form, for the tests of the loader.

The pickles are written opcode by opcode, in the order and with the opcodes of the published files (Python 2, protocol
2, old NumPy and SciPy), so that no Python package is needed. Nodes 0-2 are x, 0-7 allx; 8, 10 and 11 are test nodes,
listed out of order; 9 has no entry, as 15 nodes of Citeseer have none. planetoid_test.cpp repeats the numbers.
"""
import pathlib
import struct

FOLDER = pathlib.Path(__file__).resolve().parent / "planetoid_tiny"
FEATURES = 5
CLASSES = 3
TRAINING_ROWS = 3
# Of each row {column: value}, and the label.
ALL = [({0: 1.0, 3: 1.0}, 0), ({1: 0.5}, 1), ({2: 1.0, 4: 0.25}, 2), ({0: 1.0}, 0), ({1: 1.0, 2: 1.0}, 1),
       ({4: 1.0}, 2), ({}, 0), ({0: 1.0, 1: 1.0, 2: 1.0, 3: 1.0, 4: 1.0}, 1)]
TEST_INDEX = [10, 8, 11]
TEST = [({0: 2.0}, 2), ({3: 1.0}, 0), ({1: 1.0, 4: 3.0}, 1)]  # in the order of TEST_INDEX
GRAPH = [[1, 10], [0, 2, 2], [1, 1, 3], [2], [4], [6], [5, 8], [11], [6, 10], [], [0, 8], [7]]


def integer(number):
    if 0 <= number < 256:
        return b"K" + struct.pack("<B", number)  # BININT1
    if 0 <= number < 65536:
        return b"M" + struct.pack("<H", number)  # BININT2
    return b"J" + struct.pack("<i", number)  # BININT


def string(data):
    if len(data) < 256:
        return b"U" + struct.pack("<B", len(data)) + data  # SHORT_BINSTRING
    return b"T" + struct.pack("<I", len(data)) + data  # BINSTRING


class Writer:
    """Counts the memo, and writes a class or dtype that came before as a reference to it (BINGET)."""

    def __init__(self):
        self.puts = 0
        self.known = {}

    def put(self):
        self.puts += 1
        return b"q" + struct.pack("<B", self.puts)  # BINPUT

    def once(self, key, make):
        if key in self.known:
            return b"h" + struct.pack("<B", self.known[key])  # BINGET
        data = make() + self.put()
        self.known[key] = self.puts
        return data

    def class_name(self, module, name):
        return self.once((module, name), lambda: f"c{module}\n{name}\n".encode())  # GLOBAL

    def key(self, name):
        return string(name) + self.put()

    def dtype(self, name):
        def make():
            data = self.class_name("numpy", "dtype") + string(name) + integer(0) + integer(1) + b"\x87R"
            data += self.put()
            self.known[name] = self.puts
            return data + b"(" + integer(3) + string(b"<") + b"NNN" + integer(-1) * 2 + integer(0) + b"tb"

        return make() if name not in self.known else self.once(name, make)

    def array(self, code, shape, values):
        data = self.class_name("numpy.core.multiarray", "_reconstruct") + self.class_name("numpy", "ndarray")
        data += integer(0) + b"\x85" + string(b"b") + b"\x87R" + self.put() + b"(" + integer(1)
        data += b"".join(map(integer, shape)) + {1: b"\x85", 2: b"\x86"}[len(shape)]
        data += self.dtype(b"f4" if code == "f" else b"i4") + b"\x89"
        return data + string(struct.pack(f"<{len(values)}{code}", *values)) + b"tb"


def pickled_matrix(labels):
    one_hot = [int(label == column) for label in labels for column in range(CLASSES)]
    return b"\x80\x02" + Writer().array("i", (len(labels), CLASSES), one_hot) + b"."


def pickled_csr(rows):
    writer = Writer()
    indptr = [sum(map(len, rows[:i])) for i in range(len(rows) + 1)]
    indices = [column for row in rows for column in row]
    values = [value for row in rows for value in row.values()]
    data = b"\x80\x02" + writer.class_name("scipy.sparse.csr", "csr_matrix") + b")\x81" + writer.put()
    data += b"}" + writer.put() + b"("
    data += writer.key(b"format") + string(b"csr")
    data += writer.key(b"_shape") + integer(len(rows)) + integer(FEATURES) + b"\x86"
    data += writer.key(b"indptr") + writer.array("i", (len(indptr),), indptr)
    data += writer.key(b"_cs_matrix__has_sorted_indices") + b"\x88"
    data += writer.key(b"indices") + writer.array("i", (len(indices),), indices)
    data += writer.key(b"maxprint") + integer(50)
    data += writer.key(b"data") + writer.array("f", (len(values),), values)
    return data + b"ub."


def pickled_graph(graph):
    writer = Writer()
    data = b"\x80\x02" + writer.class_name("collections", "defaultdict") + writer.class_name("__builtin__", "list")
    data += b"\x85R" + writer.put() + b"("
    for node, neighbours in enumerate(graph):
        data += integer(node) + b"]" + writer.put()
        items = b"".join(map(integer, neighbours))
        data += items + b"a" if len(neighbours) == 1 else b"(" + items + b"e" if neighbours else b""
    return data + b"u."


def main():
    def rows_and_labels(nodes):
        return pickled_csr([row for row, _ in nodes]), pickled_matrix([label for _, label in nodes])

    files = {"graph": pickled_graph(GRAPH), "test.index": "".join(f"{node}\n" for node in TEST_INDEX).encode()}
    files["x"], files["y"] = rows_and_labels(ALL[:TRAINING_ROWS])
    files["tx"], files["ty"] = rows_and_labels(TEST)
    files["allx"], files["ally"] = rows_and_labels(ALL)
    FOLDER.mkdir(exist_ok=True)
    for part, data in files.items():
        (FOLDER / f"ind.tiny.{part}").write_bytes(data)


if __name__ == "__main__":
    main()
