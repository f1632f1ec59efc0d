"""Core: an environment in which a template, however written, comes to an end and stays small.

Jinja's sandbox keeps a template away from what it must not touch, but not from `{% for %}` within `{% for %}`
or from doubling a string forty times. Here each turn of a loop, each call and each character made is paid for
from an allowance. It is counted, not timed: the same template and edition end the same way on any machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from functools import wraps
from itertools import chain
from typing import Any, TypeVar

from jinja2 import TemplateRuntimeError, nodes, pass_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

T = TypeVar("T", bound=nodes.Node)

STEP = 100
"""What a call or a turn of a loop costs; a character costs 1."""
VALUE = 5
"""What it costs to handle a value, however small."""
ALLOWANCE = 10_000_000
"""For one template and the parts it uses: about a second of loops, or 10 MB of text."""
PER_CHARACTER = 40
"""The allowance grows by this much for each character of the edition: a page shows all of it."""
# They differ from run to run (random), or can make a gigabyte out of ten characters ("%999999999d").
_TAKEN_AWAY = ("random", "format")
_FOR_THE_COMPILER = {"_loop_vars", "_block_vars"}


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """A sandbox in which work is paid for. It has one allowance: not to be shared by threads."""

    intercepted_binops = frozenset(("+", "*", "**", "%"))

    def __init__(self, *, limited: bool, **options: Any) -> None:
        self.code_generator_class = _CountingCode
        super().__init__(finalize=_finalize, **options)
        self.limited = limited
        self._left = ALLOWANCE
        self.globals["range"] = self._range
        del self.globals["lipsum"]
        for name in _TAKEN_AWAY:
            del self.filters[name]
        self.filters = {name: self._paid(function) for name, function in self.filters.items()}
        self.tests = {name: self._paid(function) for name, function in self.tests.items()}

    def add_filter(self, name: str, function: Callable[..., Any]) -> None:
        """Makes a filter known; its use is paid for."""
        self.filters[name] = self._paid(function)

    def begin(self, context: Any) -> None:
        """A new allowance, for a template that is given `context`."""
        self._left = ALLOWANCE + (PER_CHARACTER * size(context) if self.limited else 0)

    def spend(self, cost: int) -> None:
        """Raises TemplateRuntimeError where nothing is left."""
        if not self.limited:
            return
        self._left -= cost
        if self._left < 0:
            raise TemplateRuntimeError("does too much: a loop in a loop, or a text that grows without end")

    def charge(self, cost: int) -> str:
        """Pays, and prints nothing: what a body that may be run again begins with."""
        self.spend(cost)
        return ""

    def charged(self, value: Any) -> Any:
        """The value, paid for by its size."""
        if self.limited:
            self.spend(_weight((value,), self._left))
        return value

    def turn(self) -> bool:
        """Pays for one turn of a loop, and is true."""
        self.spend(STEP)
        return True

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - Jinja's
        """What a template calls: a macro by its turns, all else also by what it is called on and given."""
        given = [value for name, value in kwargs.items() if name not in _FOR_THE_COMPILER]
        if isinstance(__obj, Macro):
            __self.spend(STEP)
        else:
            __self._work((getattr(__obj, "__self__", None), *args, *given))
        return super().call(__context, __obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """The operators that can make much out of little."""
        if operator == "%" and isinstance(left, str):
            raise TemplateRuntimeError('"…" % value is not known here: join texts with ~')
        if operator == "**" and isinstance(left, int) and isinstance(right, int):
            self.spend(left.bit_length() * abs(right))
        self._work((left, right))
        return super().call_binop(context, operator, left, right)

    def wrap_str_format(self, value: Any) -> None:
        """Jinja's stand-in for str.format would not look at widths, so there is none: see below."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Not str.format either, which reaches attributes by itself."""
        return super().is_safe_attribute(obj, attr, value) and not (
            isinstance(obj, str) and attr in {"format", "format_map"}
        )

    def _range(self, *limits: int) -> range:
        numbers = range(*limits)
        self.spend(STEP * len(numbers))
        return numbers

    def _paid(self, function: Any) -> Callable[..., Any]:
        @wraps(function)  # keeps the marks by which Jinja knows what to hand over
        def paid(*args: Any, **kwargs: Any) -> Any:
            self._work((*args, *kwargs.values()))
            return self.charged(function(*args, **kwargs))

        return paid

    def _work(self, values: tuple[Any, ...]) -> None:
        """Pays for a function of these values before it is run.

        Nothing in Jinja or in str makes more than the product of the two largest: a text and a width, a list
        and what joins it, a text and what replaces a letter of it.
        """
        if not self.limited:
            return
        largest = sorted(_extent(value, self._left) for value in values)[-2:]
        self.spend(STEP + _weight(values, self._left) + (largest[0] * largest[1] if len(largest) > 1 else 0))


@pass_context  # so that nothing is printed while the template is compiled, where nobody pays
def _finalize(context: Context, value: Any) -> Any:
    environment = context.environment
    return environment.charged(value) if isinstance(environment, BoundedEnvironment) else value


def _extent(value: Any, most: int) -> int:
    return abs(value) if isinstance(value, int) else _weight((value,), most)


def _weight(values: Iterable[Any], most: int) -> int:
    """Characters and values in values and their lists; counted no further than just past `most`."""
    total, ahead = 0, list(values)
    while ahead and total <= most:
        value = ahead.pop()
        total += VALUE
        if isinstance(value, str):
            total += len(value)
        elif isinstance(value, (list, tuple, set, frozenset)):
            ahead.extend(value)
        elif isinstance(value, dict):
            ahead.extend(chain.from_iterable(value.items()))
        elif isinstance(value, int):
            total += value.bit_length() // 8
    return total


def size(value: Any) -> int:
    """The characters in a value, its fields and their fields."""
    total, ahead = 0, [value]
    while ahead:
        one = ahead.pop()
        if isinstance(one, str):
            total += len(one)
        elif isinstance(one, (list, tuple)):
            ahead.extend(one)
        elif isinstance(one, dict):
            ahead.extend(one.values())
        elif is_dataclass(one):
            ahead.extend(getattr(one, field.name) for field in fields(one))
    return total


class _CountingCode(CodeGenerator):
    """Compiles a template with what counts its work built in."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja's
        _Toll().visit(node)
        super().visit_Template(node, frame)


class _Toll(NodeTransformer):
    """Puts a payment before each body that may be run again, and around each value that is put together."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - as are all below
        self.generic_visit(node)
        if node.test is not None:  # looked at also where the body is not run
            node.test = nodes.And(_call("turn", (), node.lineno), node.test, lineno=node.lineno)
        return _with_toll(node)

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _with_toll(node)

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _with_toll(node)

    def visit_Block(self, node: nodes.Block) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _with_toll(node)

    def visit_Template(self, node: nodes.Template) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        # What extends another prints nothing of its own. All else may be included again and again.
        return node if node.find(nodes.Extends) else _with_toll(node)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.nodes = [_charged(part) for part in node.nodes]
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.expr = _charged(node.expr)
        return node

    def visit_Operand(self, node: nodes.Operand) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.expr = _charged(node.expr)
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _charged(node) if isinstance(node.arg, nodes.Slice) else node

    def visit_List(self, node: nodes.List) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _charged(node)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _charged(node)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _charged(node) if node.ctx == "load" else node


def _with_toll(node: T) -> T:
    """The node, its body beginning with a payment for what is printed in it."""
    body: list[nodes.Node] = node.body  # type: ignore[attr-defined]  # the nodes above all have one
    printed = sum(len(data.data) for data in node.find_all(nodes.TemplateData))
    body.insert(0, nodes.Output([_call("charge", (nodes.Const(printed),), node.lineno)], lineno=node.lineno))
    return node


def _charged(node: nodes.Expr) -> nodes.Expr:
    return _call("charged", (node,), node.lineno)


def _call(method: str, args: tuple[nodes.Expr, ...], lineno: int) -> nodes.Call:
    """A call of one of the environment's methods, for the compiler."""
    function = nodes.EnvironmentAttribute(method, lineno=lineno)
    return nodes.Call(function, list(args), [], None, None, lineno=lineno)
