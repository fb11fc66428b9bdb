"""Finds in the syntax tree of a translation unit what may be mutated: `Finder`.

The tree tells types and what has to be a constant, but not where an operator stands, which is what lies between its
operands.
"""
import os
import re
from dataclasses import dataclass, field

from operators import BINARY, COMPARISONS, PREFIX
from syntax import Places, type_of

# What is computed while compiling, or never: nothing can be chosen there at run time.
CONSTANT_KINDS = {"StaticAssertDecl", "ConstantExpr", "TemplateArgument", "EnumConstantDecl", "NonTypeTemplateParmDecl",
                  "ConceptSpecializationExpr", "RequiresExpr", "TypeTraitExpr", "UnaryExprOrTypeTraitExpr",
                  "CXXNoexceptExpr", "ConceptDecl"}
CONSTANT = "in a constant expression"
SAMPLES = "in the samples of an op, which are test data"
ATTRIBUTES = "in the attributes that an op declares, of which only the types count"
DEPENDENT = "in a template that nothing instantiates"
DECLARATION = "a condition that declares its variable"

FUNCTIONS = {"FunctionDecl", "CXXMethodDecl", "CXXConstructorDecl"}
# A template holds what was written, and after it what was made of it.
TEMPLATES = {"FunctionTemplateDecl", "ClassTemplateDecl"}
TEMPLATED = FUNCTIONS | {"CXXRecordDecl"}
# The type of a function that draws samples or their inputs, or lists their shapes.
MAKES_SAMPLES = r".*\b(Samples?|Tensor)\b.* \(.*SampleSource &|.*vector<(tapegrad::)?(Shape|Dims)>.* \(\)"
# Nodes that stand for the expression below them.
TRANSPARENT = {"ImplicitCastExpr", "ParenExpr", "ExprWithCleanups", "MaterializeTemporaryExpr", "CXXBindTemporaryExpr",
               "ConstantExpr"}


@dataclass
class Site:
    """An expression `text[begin:end]` of a file that may be computed otherwise."""
    file: str
    begin: int
    end: int
    line: int
    column: int
    function: str  # of switch.hpp
    operator: tuple[int, int] | None  # where the operator stands; None for a literal or a condition
    changes: list[str]  # what it may become, as people read it
    original: str = ""
    numbers: list[int] = field(default_factory=list)


class Finder:
    """Collects sites and what was left out from syntax trees; a file included by many sources gives its sites once."""

    def __init__(self, root, folders):
        self.root, self.folders = root, folders
        self.sites, self.left_out, self.texts = {}, {}, {}
        self.default_of, self.defaults, self.constant_types = None, {}, set()

    def read(self, tree):
        Places(self.root).fill(tree)
        self.visit(tree, None)

    def drop_constant_defaults(self):
        """Default values of members, of which a constant is made somewhere."""
        for key, record in self.defaults.items():
            if record in self.constant_types and key in self.sites:
                self.left_out[key] = (CONSTANT, len(self.sites.pop(key).changes))

    # ---- walking ----

    def visit(self, node, reason):
        """Looks at a node and all below it. `reason` says why nothing may be mutated here, if so."""
        kind = node.get("kind")
        if kind is None or node.get("isImplicit") and kind not in ("CXXRecordDecl", "CXXMethodDecl"):
            return  # a lambda's class and its call operator were written, in a way
        reason = reason or self.why_not(node, kind)
        children = node.get("inner", [])
        if kind == "CXXForRangeStmt":  # of what it stands for only the range, the variable and the body were written
            children = children[:2] + children[-2:]
        elif kind in ("IfStmt", "WhileStmt", "ConditionalOperator", "ForStmt"):
            self.look_at_condition(node, children, reason)
        elif kind in ("BinaryOperator", "CompoundAssignOperator"):
            self.look_at_binary(node, children, reason, built_in=True)
        elif kind == "CXXOperatorCallExpr":
            if len(children) == 3:
                self.look_at_binary(node, children[1:], reason, built_in=False)
            elif self.is_negation(node) or len(children) == 2 and self.is_tensor(node):
                self.look_at_unary(node, reason)
        elif kind == "UnaryOperator":
            self.look_at_unary(node, reason)
        elif kind in ("IntegerLiteral", "FloatingLiteral"):
            self.look_at_literal(node, reason)
        for child in children:
            if kind == "CXXRecordDecl":
                self.default_of = node.get("name") if child.get("kind") == "FieldDecl" else None
            self.visit(child, reason or self.why_not_child(node, kind, child))
        if kind == "CXXRecordDecl":
            self.default_of = None

    def why_not_child(self, node, kind, child):
        """Why this child of a node may not be mutated, where it takes both to tell."""
        if kind == "IfStmt" and node.get("isConstexpr") and child is self.condition_of(node, node["inner"]):
            return CONSTANT
        if kind == "NamespaceDecl" and child.get("kind") == "VarDecl" and "vector<" in type_of(child):
            return SAMPLES if re.search(r"\b(Shape|Dims)\b", type_of(child)) else None
        if kind == "InitListExpr" and type_of(node).endswith("OpDef"):
            place = self.range_of(child)
            named = place and re.search(r"\.(attributes|samples)\s*=\s*$", self.text(place[0])[:place[1]])
            return {"attributes": ATTRIBUTES, "samples": SAMPLES}[named[1]] if named else None
        if kind in TEMPLATES and child is next((c for c in node["inner"] if c.get("kind") in TEMPLATED), None):
            return DEPENDENT
        return None

    def why_not(self, node, kind):
        """Why nothing below this node may be mutated, or None."""
        type = type_of(node)
        if kind in CONSTANT_KINDS or kind.endswith("Attr"):
            return CONSTANT
        if kind == "VarDecl":
            constinit = any(child.get("kind") == "ConstInitAttr" for child in node.get("inner", []))
            if node.get("constexpr") or constinit:
                self.constant_types.add(type.removeprefix("const ").split("::")[-1].split("[")[0])
                return CONSTANT
        # A lambda's call operator is called constexpr whenever it might be.
        if kind in FUNCTIONS and node.get("constexpr") and node.get("name") != "operator()":
            return CONSTANT
        if kind in FUNCTIONS and re.match(MAKES_SAMPLES, type):
            return SAMPLES
        if kind == "LambdaExpr" and any(self.draws_samples(child) for child in node.get("inner", [])):
            return SAMPLES
        return None

    @staticmethod
    def draws_samples(node):
        """Is it the class of a lambda that makes samples?"""
        return node.get("kind") == "CXXRecordDecl" and any(
            method.get("name") == "operator()" and "SampleSource &" in method.get("type", {}).get("qualType", "")
            for method in node.get("inner", []))

    @staticmethod
    def condition_of(node, children):
        if node["kind"] == "ForStmt":
            return children[2]
        position = int(node.get("hasInit", False)) + int(node.get("hasVar", False))
        return children[position]

    # ---- what may be mutated ----

    def look_at_condition(self, node, children, reason):
        condition = self.condition_of(node, children)
        if not condition.get("kind"):
            return
        if node.get("hasVar"):
            self.leave_out(condition, "condition", reason or DECLARATION)
            return
        if node.get("isConstexpr"):
            reason = reason or CONSTANT
        inner = condition
        while inner.get("kind") in TRANSPARENT:
            inner = inner["inner"][0]
        written = self.operator_between(inner)
        if inner["kind"] in ("CXXBoolLiteralExpr", "CXXRewrittenBinaryOperator") or written in COMPARISONS or (
                self.is_negation(inner)):
            return  # its own mutant is the negation
        self.add(condition, reason, "condition", None, ["!"])

    def is_negation(self, node):
        if node["kind"] == "CXXOperatorCallExpr" and len(node["inner"]) == 2:
            place = self.range_of(node)
            return place is not None and self.text(place[0])[place[1]] == "!"
        return node["kind"] == "UnaryOperator" and node["opcode"] == "!"

    def operator_between(self, node):
        if node["kind"] == "BinaryOperator":
            return node["opcode"]
        if node["kind"] == "CXXOperatorCallExpr" and len(node["inner"]) == 3:
            place = self.between(*node["inner"][1:])
            return place and place[2]
        return None

    def look_at_binary(self, node, operands, reason, built_in):
        place = self.between(*operands)
        if place is None or place[2] not in BINARY:
            return
        begin, end, operator = place
        function, changes = BINARY[operator]
        if built_in:
            if operator != node["opcode"]:
                return
            if any("<dependent" in type_of(part) for part in (node, *operands)):
                reason = reason or DEPENDENT
            if operator in ("+", "-") and type_of(operands[1]).endswith("*"):
                return  # a distance of pointers, which have no sum
        elif operator in "+-*/":
            iterator = "iterator" in type_of(node) and operator in "+-"
            if not self.is_tensor(node) and not iterator:
                return
        elif operator not in COMPARISONS:
            return
        self.add(operands[0], reason, function, (begin, end), changes, operands[1])

    def look_at_unary(self, node, reason):
        place = self.range_of(node)
        if place is None:
            return
        file, begin, end = place
        text = self.text(file)
        postfix = node.get("isPostfix", False)
        for operator, (function, change) in PREFIX.items():
            if postfix and operator in ("++", "--") and text[end - 2:end] == operator:
                self.add(node, reason, function + "_after", (end - 2, end), [change])
                return
            if not postfix and text[begin:end].startswith(operator) and node.get("opcode", operator) == operator:
                if text.startswith("!=", begin):
                    return  # of C++20's a != b, which stands for !(a == b)
                if "<dependent" in type_of(node):
                    reason = reason or DEPENDENT
                self.add(node, reason, function, (begin, begin + len(operator)), [change])
                return

    def look_at_literal(self, node, reason):
        place = self.range_of(node)
        if place is None:
            return
        file, begin, end = place
        literal = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([uUlLf]*)", self.text(file)[begin:end])
        if literal and float(literal[1]) <= 10:
            more = str(int(literal[1]) + 1) if literal[1].isdigit() else str(float(literal[1]) + 1)
            self.add(node, reason, "constant", None, [more + literal[2]])

    # ---- text and types ----

    def is_tensor(self, node):
        return re.fullmatch(r"(const )?(tapegrad::)?Tensor", type_of(node)) is not None

    def text(self, file):
        if file not in self.texts:
            with open(os.path.join(self.root, file), encoding="utf-8") as opened:
                self.texts[file] = opened.read()
            assert self.texts[file].isascii(), f"{file}: offsets are bytes"
        return self.texts[file]

    def range_of(self, node):
        """(file, begin, end) of what was written for a node in one of the folders; None if nothing was, or by a macro."""
        begin, end = node.get("range", {}).get("begin", {}), node.get("range", {}).get("end", {})
        if "offset" not in begin or "offset" not in end or begin["file"] != end["file"]:
            return None
        if not begin["file"].startswith(self.folders):
            return None
        return begin["file"], begin["offset"], end["offset"] + end["tokLen"]

    def between(self, left, right):
        """(begin, end, text) of the operator between two operands."""
        one, two = self.range_of(left), self.range_of(right)
        if one is None or two is None:
            return None
        if one[1] > two[1]:  # a comparison whose operands the compiler exchanged
            one, two = two, one
        text = self.text(one[0])[one[2]:two[1]]
        operator = re.sub(r"//[^\n]*", "", text).strip()
        position = one[2] + text.find(operator)
        return (position, position + len(operator), operator) if operator else None

    # ---- keeping ----

    def leave_out(self, node, function, reason):
        place = self.range_of(node)
        if place is not None:
            self.left_out.setdefault((place[0], place[1], place[2], function), (reason, 1))

    def add(self, node, reason, function, operator, changes, last=None):
        """Keeps a site that spans a node, or all from it to the node `last`."""
        places = [self.range_of(node), self.range_of(last or node)]
        if None in places:
            return
        (file, begin, _), (_, _, end) = sorted(places)
        key = (file, begin, end, function)
        if reason:
            self.left_out.setdefault(key, (reason, len(changes)))
            return
        if self.default_of:
            self.defaults[key] = self.default_of
        original, changed = self.as_read(file, begin, end, operator, changes)
        before = self.text(file)[:operator[0] if operator else begin]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        self.sites[key] = Site(file, begin, end, line, column, function, operator, changed, original)

    def as_read(self, file, begin, end, operator, changes):
        text = self.text(file)
        short = lambda part: (lambda t: t if len(t) <= 48 else t[:22] + "..." + t[-22:])(" ".join(part.split()))
        if operator is None:
            original = short(text[begin:end])
            return original, [f"!({original})" if change == "!" else change for change in changes]
        left, right = short(text[begin:operator[0]]), short(text[operator[1]:end])
        join = lambda sign: " ".join([left, sign, right]) if left and right else left + sign + right
        return join(text[operator[0]:operator[1]]), [join(change) for change in changes]
