"""Who calls whom in the package, read from its source: which operations of AWS a function can come to.

It errs on the side of more: whatever a function names, it may call."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1] / "backend"
FLOW = "sluice.flow:handle"
CASES = "sluice.flow:_dispatch"


@dataclass(frozen=True)
class Place:
    """A function, the messages that flow.handle may get there, and through which port's adapter it was come to."""

    function: str
    kinds: frozenset[str]
    port: str = ""


@dataclass(frozen=True)
class Use:
    """A name or a text in the source of a function that AWS may know, and through which port it was come to."""

    word: str
    function: str
    port: str


class CallGraph:
    """The package's functions but for those `outside`; `adapters` names the class that stands behind each port."""

    def __init__(self, adapters: Mapping[str, str], *, outside: Iterable[str] = ()) -> None:
        self._adapters = adapters
        self._outside = frozenset(outside)
        self._modules = dict(_modules())
        for adapter in adapters.values():
            module, _, name = adapter.partition(":")
            assert any(one.startswith(f"{name}.") for one in self._modules[module].functions), f"no class {adapter}"

    def functions_of(self, module: str) -> list[str]:
        """Every function and method of the module."""
        return [f"{module}:{name}" for name in self._modules[module].functions]

    def modules_below(self, package: str) -> list[str]:
        """The names of the modules in the package."""
        return [name for name in self._modules if name.startswith(f"{package}.")]

    def words(self, roots: Iterable[str], kinds: Iterable[str] = ()) -> set[Use]:
        """All words of all functions that can be come to from the roots."""
        waiting = [Place(root, frozenset(kinds)) for root in roots]
        seen = set(waiting)
        found: set[Use] = set()
        while waiting:
            place = waiting.pop()
            found |= {Use(word, place.function, place.port) for word in self._words(place)}
            fresh = set(self._next(place)) - seen
            seen |= fresh
            waiting += fresh
        return found

    def _words(self, place: Place) -> Iterator[str]:
        for node in self._nodes(place):
            if isinstance(node, ast.Attribute):
                yield node.attr
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.Call) and _path(node.func)[-2:] in (["queue", "send"], ["_queue", "send"]):
                yield f"send {_message(node)}"

    def _nodes(self, place: Place) -> Iterator[ast.AST]:
        if place.function == FLOW:
            return
        module, _, name = place.function.partition(":")
        yield from _inside(self._modules[module].functions[name])

    def _next(self, place: Place) -> Iterator[Place]:
        if place.function == FLOW:
            yield from (replace(place, function=f"{CASES}.{kind}") for kind in place.kinds)
            return
        module, _, name = place.function.partition(":")
        for node in self._nodes(place):
            if isinstance(node, ast.Attribute):
                yield from self._through_attribute(place, module, name, node)
            elif isinstance(node, ast.Name):
                yield from self._named(place, self._modules[module].target(node.id))

    def _through_attribute(self, place: Place, module: str, name: str, node: ast.Attribute) -> Iterator[Place]:
        path = _path(node)
        port = path[-2].lstrip("_") if len(path) > 1 else ""
        if path[:1] == ["self"]:
            yield from self._named(place, self._of_self(module, name.partition(".")[0], path[1:]))
        elif len(path) == 2:
            yield from self._named(place, f"{self._modules[module].target(path[0])}:{path[1]}")
        if port in self._adapters:
            yield from self._named(replace(place, port=port), f"{self._adapters[port]}.{node.attr}")

    def _of_self(self, module: str, owner: str, path: list[str]) -> str:
        """The method that `self.path` is, of this class or of one that it was given or made."""
        if len(path) == 1:
            return f"{module}:{owner}.{path[0]}"
        types = self._modules[module].attributes(owner)
        return f"{self._modules[module].target(types.get(path[0], ''))}.{path[1]}"

    def _named(self, place: Place, target: str) -> Iterator[Place]:
        """The function of this name, or the constructor of the class, if it is one of the package."""
        module, _, name = target.partition(":")
        if module in self._modules and target not in self._outside:
            known = self._modules[module].functions
            yield from (
                replace(place, function=f"{module}:{one}") for one in (name, f"{name}.__init__") if one in known
            )


class Module:
    """One file: its functions by name, and what its other names stand for."""

    def __init__(self, name: str, tree: ast.Module, *, package: bool) -> None:
        self._name = name
        self._tree = tree
        self._package = package
        self.functions = dict(_functions(tree.body)) | (dict(_cases(tree)) if name == "sluice.flow" else {})
        self._names = {alias: whole for node in ast.walk(tree) for alias, whole in self._imported(node)}

    def target(self, name: str) -> str:
        """What the name stands for: `module:name` or a module."""
        return self._names.get(name, f"{self._name}:{name}")

    @cache  # noqa: B019
    def attributes(self, owner: str) -> Mapping[str, str]:
        """The class of each attribute of `self`, as far as the constructor tells."""
        made = self.functions.get(f"{owner}.__init__")
        if not isinstance(made, ast.FunctionDef):
            return {}
        given = {one.arg: _first_name(one.annotation) for one in (*made.args.args, *made.args.kwonlyargs)}
        return {
            node.targets[0].attr: given.get(_first_name(node.value), _first_name(node.value))
            for node in ast.walk(made)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute)
        }

    def _imported(self, node: ast.AST) -> Iterator[tuple[str, str]]:
        if isinstance(node, ast.ImportFrom):
            source = self._source(node)
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                yield alias.asname or alias.name, inner if _is_module(inner) else f"{source}:{alias.name}"

    def _source(self, node: ast.ImportFrom) -> str:
        up = node.level - self._package
        base = self._name.split(".")[: len(self._name.split(".")) - up] if node.level else []
        return ".".join([*base, *([node.module] if node.module else [])])


def _modules() -> Iterator[tuple[str, Module]]:
    for file in sorted((ROOT / "sluice").rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if package else parts)
        yield name, Module(name, ast.parse(file.read_text(encoding="utf-8")), package=package)


@cache
def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def _functions(body: Iterable[ast.stmt], prefix: str = "") -> Iterator[tuple[str, ast.AST]]:
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{prefix}{node.name}.")


def _cases(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """What flow does with each kind of message, as a function each."""
    for node in ast.walk(tree):
        if isinstance(node, ast.match_case) and isinstance(node.pattern, ast.MatchClass):
            yield f"_dispatch.{_first_name(node.pattern.cls)}", node


def _inside(function: ast.AST) -> Iterator[ast.AST]:
    """All that is in it, functions within functions too, but for its annotations."""
    if isinstance(function, ast.FunctionDef):
        parts: list[ast.AST] = [*function.decorator_list, *function.body]
    else:
        parts = list(ast.iter_child_nodes(function))
    return (node for part in parts for node in ast.walk(part))


def _path(node: ast.AST) -> list[str]:
    """`a.b().c` as its names; calls in between count for nothing."""
    if isinstance(node, ast.Attribute):
        return [*_path(node.value), node.attr]
    if isinstance(node, ast.Call):
        return _path(node.func)
    return [node.id] if isinstance(node, ast.Name) else [""]


def _first_name(node: ast.AST | None) -> str:
    return next((one.id for one in ast.walk(node) if isinstance(one, ast.Name)), "") if node else ""


def _message(call: ast.Call) -> str:
    """What is sent: the message's class, or the name that it goes by."""
    sent = call.args[0]
    return _first_name(sent.func if isinstance(sent, ast.Call) else sent)
