"""Lanes: some float64 numbers side by side, which the processor adds and multiplies at once.

numba knows no vectors, and whether LLVM finds them in a loop depends on the loop, the machine and the version. A value
of this type is a vector for certain and lives in a register; kernels write with it what must be fast.

Kernels hand each other pointers, not arrays: an array is seven words, and numba counts references to it with atomic
operations, which together cost more than a small network's update. A pointer keeps nothing alive: take it only of an
argument, which the caller keeps.

The functions are numba intrinsics, to be called from kernels alone. Indices count elements from the first one, whatever
the shape of the array; none is checked.
"""

from __future__ import annotations

from typing import Any

import llvmlite.binding
import numba
from llvmlite import ir
from numba import types
from numba.core.errors import TypingError
from numba.extending import intrinsic, models, register_model


def _has_wide_registers() -> bool:
    """Whether numba compiles for a processor with registers of 512 bits."""
    features = numba.config.CPU_FEATURES
    if features is None:
        return bool(llvmlite.binding.get_host_cpu_features().get("avx512f")) and bool(numba.config.ENABLE_AVX)
    return "+avx512f" in features


#: How many numbers lie side by side.
LANES = 8 if _has_wide_registers() else 4

_DOUBLE, _INT32 = ir.DoubleType(), ir.IntType(32)
_VECTOR = ir.VectorType(_DOUBLE, LANES)
_NUMBERS = types.CPointer(types.float64)


class LanesType(types.Type):  # type: ignore[misc]
    """`LANES` float64 side by side."""

    def __init__(self) -> None:
        super().__init__(name=f"Lanes{LANES}")


lanes = LanesType()


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, of: Any) -> None:
        super().__init__(manager, of, _VECTOR)


def _load(builder: Any, pointer: Any, index: Any) -> Any:
    value = builder.load(builder.bitcast(builder.gep(pointer, [index]), _VECTOR.as_pointer()))
    value.align = 8
    return value


def _store(builder: Any, pointer: Any, index: Any, value: Any) -> None:
    builder.store(value, builder.bitcast(builder.gep(pointer, [index]), _VECTOR.as_pointer())).align = 8


def _splat(builder: Any, number: Any) -> Any:
    nothing = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(nothing, number, ir.Constant(_INT32, 0))
    return builder.shuffle_vector(first, nothing, ir.Constant(ir.VectorType(_INT32, LANES), [0] * LANES))


def _muladd(builder: Any, x: Any, y: Any, total: Any) -> Any:
    return builder.fadd(total, builder.fmul(x, y, flags=("contract",)), flags=("contract",))


@intrinsic
def pointer_to(_context, array):  # type: ignore[no-untyped-def]
    """Where the first element of a contiguous array lies."""
    if array.layout != "C":
        raise TypingError("kernels take contiguous arrays")

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, args[0]).data

    return types.CPointer(array.dtype)(array), code


@intrinsic
def beyond(_context, pointer, count):  # type: ignore[no-untyped-def]
    """The pointer to what lies `count` elements further."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.gep(args[0], [args[1]])

    return pointer(pointer, types.intp), code


@intrinsic
def get(_context, pointer, index):  # type: ignore[no-untyped-def]
    """One element."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.load(builder.gep(args[0], [args[1]]))

    return pointer.dtype(pointer, types.intp), code


@intrinsic
def put(_context, pointer, index, number):  # type: ignore[no-untyped-def]
    """Write one element."""

    def code(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        builder.store(args[2], builder.gep(args[0], [args[1]]))
        return context.get_dummy_value()

    return types.void(pointer, types.intp, pointer.dtype), code


@intrinsic
def load(_context, pointer, index):  # type: ignore[no-untyped-def]
    """Numbers that lie side by side."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return _load(builder, *args)

    return lanes(_NUMBERS, types.intp), code


@intrinsic
def store(_context, pointer, index, value):  # type: ignore[no-untyped-def]
    """Write lanes side by side."""

    def code(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        _store(builder, *args)
        return context.get_dummy_value()

    return types.void(_NUMBERS, types.intp, lanes), code


@intrinsic
def splat(_context, number):  # type: ignore[no-untyped-def]
    """The same number in every lane."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return _splat(builder, args[0])

    return lanes(types.float64), code


@intrinsic
def muladd(_context, x, y, total):  # type: ignore[no-untyped-def]
    """``x · y + total``; `x` is lanes or a number."""

    def code(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
        x = args[0] if signature.args[0] == lanes else _splat(builder, args[0])
        return _muladd(builder, x, *args[1:])

    return lanes(lanes if x == lanes else types.float64, lanes, lanes), code


@intrinsic
def total(_context, value):  # type: ignore[no-untyped-def]
    """The sum of all lanes, halves first."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        value, count = args[0], LANES
        while count > 1:
            nothing, half = ir.Constant(value.type, ir.Undefined), ir.VectorType(_INT32, count // 2)
            low = builder.shuffle_vector(value, nothing, ir.Constant(half, list(range(count // 2))))
            high = builder.shuffle_vector(value, nothing, ir.Constant(half, list(range(count // 2, count))))
            value, count = builder.fadd(low, high), count // 2
        return builder.extract_element(value, ir.Constant(_INT32, 0))

    return types.float64(lanes), code


# --- several rows at once: a tuple of lanes --------------------------------------------------------------------------
def _rows(builder: Any, rows: Any, new: Any) -> Any:
    """The tuple `rows` with entry r replaced by ``new(r, entry)``."""
    for r in range(rows.type.count):
        rows = builder.insert_value(rows, new(r, builder.extract_value(rows, r)), r)
    return rows


def _index(builder: Any, start: Any, step: Any, r: int) -> Any:
    return builder.add(start, builder.mul(step, ir.Constant(step.type, r)))


@intrinsic
def muladd_rows(_context, pointer, start, step, value, rows):  # type: ignore[no-untyped-def]
    """``pointer[start + r · step] · value + rows[r]`` for every row r."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        pointer, start, step, value, rows = args

        def new(r: int, row: Any) -> Any:
            number = builder.load(builder.gep(pointer, [_index(builder, start, step, r)]))
            return _muladd(builder, _splat(builder, number), value, row)

        return _rows(builder, rows, new)

    return rows(_NUMBERS, types.intp, types.intp, lanes, rows), code


@intrinsic
def muladd_pairs(_context, pointer, start, step, left, right, rows, more):  # type: ignore[no-untyped-def]
    """`muladd_rows` with the same numbers for `left` and `rows` and for `right` and `more`; the two tuples."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer, start, step, left, right, rows, more = args
        for r in range(rows.type.count):
            number = _splat(builder, builder.load(builder.gep(pointer, [_index(builder, start, step, r)])))
            row, other = builder.extract_value(rows, r), builder.extract_value(more, r)
            rows = builder.insert_value(rows, _muladd(builder, number, left, row), r)
            more = builder.insert_value(more, _muladd(builder, number, right, other), r)
        return context.make_tuple(builder, signature.return_type, [rows, more])

    return types.Tuple((rows, more))(_NUMBERS, types.intp, types.intp, lanes, lanes, rows, more), code


@intrinsic
def load_rows(_context, pointer, start, step, rows):  # type: ignore[no-untyped-def]
    """Lanes at ``start + r · step`` for every row r; of `rows` only their number counts."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        pointer, start, step, rows = args
        return _rows(builder, rows, lambda r, _: _load(builder, pointer, _index(builder, start, step, r)))

    return rows(_NUMBERS, types.intp, types.intp, rows), code


@intrinsic
def splat_rows(_context, pointer, start, rows):  # type: ignore[no-untyped-def]
    """The number ``pointer[start + r]`` in every lane of row r; of `rows` only their number counts."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        pointer, start, rows = args

        def new(r: int, _row: Any) -> Any:
            at = builder.add(start, ir.Constant(start.type, r))
            return _splat(builder, builder.load(builder.gep(pointer, [at])))

        return _rows(builder, rows, new)

    return rows(_NUMBERS, types.intp, rows), code


@intrinsic
def store_rows(_context, pointer, start, step, rows):  # type: ignore[no-untyped-def]
    """Write row r at ``start + r · step``."""

    def code(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        pointer, start, step, rows = args
        for r in range(rows.type.count):
            _store(builder, pointer, _index(builder, start, step, r), builder.extract_value(rows, r))
        return context.get_dummy_value()

    return types.void(_NUMBERS, types.intp, types.intp, rows), code


@intrinsic
def load_ordered(_context, pointer, order, first, length, column, rows):  # type: ignore[no-untyped-def]
    """Lanes from `column` on of the row ``order[first + r]`` of a matrix with rows of `length`, for every row r."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        pointer, order, first, length, column, rows = args

        def new(r: int, _row: Any) -> Any:
            row = builder.load(builder.gep(order, [builder.add(first, ir.Constant(first.type, r))]))
            return _load(builder, pointer, builder.add(builder.mul(row, length), column))

        return _rows(builder, rows, new)

    return rows(_NUMBERS, types.CPointer(types.int64), types.intp, types.intp, types.intp, rows), code


@intrinsic
def transposed(_context, rows):  # type: ignore[no-untyped-def]
    """Row i of the result holds lane i of every row; there are as many rows as lanes."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        half = LANES // 2
        picks = [[start + i // 2 + LANES * (i % 2) for i in range(LANES)] for start in (0, half)]
        low, high = (ir.Constant(ir.VectorType(_INT32, LANES), pick) for pick in picks)
        now = [builder.extract_value(args[0], r) for r in range(LANES)]
        for _ in range(half.bit_length()):
            pairs = [(now[r], now[r + half]) for r in range(half)]
            now = [builder.shuffle_vector(x, y, pick) for x, y in pairs for pick in (low, high)]
        return _rows(builder, args[0], lambda r, _: now[r])

    return rows(rows), code
