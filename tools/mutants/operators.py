"""Which operators are mutated, and into what."""

# An operator, the function of switch.hpp that stands for it, and what it may become, in the order of the numbers there.
BINARY = {
    "+": ("plus", ["-"]), "-": ("minus", ["+"]), "*": ("times", ["/"]), "/": ("divided", ["*"]),
    "%": ("remainder", ["*"]), "<<": ("shifted_left", [">>"]), ">>": ("shifted_right", ["<<"]),
    "&": ("bits_and", ["|"]), "|": ("bits_or", ["&"]), "^": ("bits_xor", ["&"]),
    "==": ("equal", ["!="]), "!=": ("unequal", ["=="]),
    "<": ("less", ["<=", ">="]), "<=": ("less_equal", ["<", ">"]),
    ">": ("greater", [">=", "<="]), ">=": ("greater_equal", [">", "<"]),
    "+=": ("add_to", ["-="]), "-=": ("take_from", ["+="]), "*=": ("multiply_by", ["/="]), "/=": ("divide_by", ["*="]),
    "%=": ("remainder_by", ["*="]), "<<=": ("shift_left_by", [">>="]), ">>=": ("shift_right_by", ["<<="]),
    "&=": ("and_with", ["|="]), "|=": ("or_with", ["&="]), "^=": ("xor_with", ["&="]),
    "&&": ("logical", ["||"]), "||": ("logical", ["&&"]),
}
COMPARISONS = {"==", "!=", "<", "<=", ">", ">="}
PREFIX = {"++": ("increment", "--"), "--": ("decrement", "++"), "-": ("negative", ""), "!": ("negation", "")}
