"""Mutations of a module of laws: one change of one law at a time, as source text of the whole module."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

FACTOR = 1.1
SCALED = f'''

def _scaled(value):
    """What a function gives, with every number in it {FACTOR} times as large."""
    import dataclasses
    import numpy
    if isinstance(value, (bool, numpy.bool_, str)) or value is None:
        return value
    if isinstance(value, (int, numpy.integer)):
        return round({FACTOR} * value)
    if isinstance(value, numpy.ndarray):
        kind = value.dtype.kind
        return value if kind == "b" else numpy.rint({FACTOR} * value).astype(value.dtype) if kind in "iu" else {FACTOR} * value
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(_scaled, value))
    if isinstance(value, (tuple, list)):
        return type(value)(map(_scaled, value))
    if dataclasses.is_dataclass(value):
        return dataclasses.replace(value, **{{f.name: _scaled(getattr(value, f.name)) for f in dataclasses.fields(value)}})
    return value * {FACTOR} if isinstance(value, (float, numpy.floating)) else value
'''


class Mutation(NamedTuple):
    """One change: where (``power.dynamic_power``), of which kind, what stood there, and the module's changed source.

    Kinds: ``factor`` (the result times 1.1), ``square`` (V^2 becomes V), ``root`` (a square root is left out), ``sign``
    (plus and minus exchanged), ``check`` (a refusal is left out).
    """

    where: str
    kind: str
    what: str
    source: str

    @property
    def key(self) -> str:
        """Its name in explained.toml: it holds while lines move."""
        return f"{self.where} {self.kind} {self.what}".strip()


def mutations(module: str, source: str) -> Iterator[Mutation]:
    """Every mutation of a module, in the order of its lines.

    Examples
    --------
    >>> [m.key for m in mutations("power", "def dynamic(c, v, f):\\n    return c * v * v * f - 0.1")]
    ['power.dynamic factor', 'power.dynamic sign c * v * v * f - 0.1', 'power.dynamic square c * v * v']
    """
    tree = ast.parse(source)
    place = {id(node): number for number, node in enumerate(ast.walk(tree))}

    def changed(node: ast.AST, change: Callable[[ast.AST], ast.AST]) -> str:
        """Source with one node changed; `change` is given that node of a tree of its own."""
        twin = ast.parse(source)
        target = list(ast.walk(twin))[place[id(node)]]
        return ast.unparse(ast.fix_missing_locations(_Exchange(target, change(target)).visit(twin)))

    for path, function in _functions(tree):
        where = f"{module}.{path}"
        if path.lstrip("_").startswith("check_"):
            yield Mutation(where, "check", "", changed(function, _emptied))
            continue
        if not any(part.startswith("_") for part in path.split(".")) and _returns(function):
            yield Mutation(where, "factor", "", changed(function, _scaled) + SCALED)
        seen: Counter[str] = Counter()
        for node in _own(function):
            for kind, change in _changes(node):
                what = ast.unparse(node)
                seen[kind + what] += 1
                again = f" #{seen[kind + what]}" if seen[kind + what] > 1 else ""
                yield Mutation(where, kind, what + again, changed(node, change))


class _Exchange(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{sub.name}", sub) for sub in node.body if isinstance(sub, ast.FunctionDef))


def _own(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Nodes of the body in their order: not of defaults, annotations and messages."""
    stack: list[ast.AST] = list(reversed(function.body))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (ast.JoinedStr, ast.Raise)):
            left_out = [
                getattr(node, name, None)
                for name in ("annotation", "returns", "args")
                if not isinstance(node, ast.Call)
            ]
            stack += [
                n for n in reversed(list(ast.iter_child_nodes(node))) if not any(n is other for other in left_out)
            ]


def _returns(function: ast.FunctionDef) -> list[ast.Return]:
    return [n for n in _own(function) if isinstance(n, ast.Return) and n.value is not None]


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[ast.AST], ast.AST]]]:
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, (ast.Add, ast.Sub)):
        yield "sign", _other_sign
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        yield "sign", lambda n: n.operand
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        last = node.left.right if isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.Mult) else node.left
        if ast.dump(last) == ast.dump(node.right):
            yield "square", lambda n: n.left
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and ast.unparse(node.right) in ("2", "2.0"):
        yield "square", lambda n: n.left
    elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("np.sqrt", "math.sqrt") and len(node.args) == 1:
        yield "root", lambda n: n.args[0]


def _other_sign(node: ast.AST) -> ast.AST:
    node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
    return node


def _scaled(function: ast.AST) -> ast.AST:
    for found in _returns(function):
        found.value = ast.Call(ast.Name("_scaled", ast.Load()), [found.value], [])
    return function


def _emptied(function: ast.AST) -> ast.AST:
    function.body = [ast.Pass()]
    return function
