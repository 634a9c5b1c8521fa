"""The compiled sampler: proposals on one network, and its statistics on the way.

Belongs here: what numba compiles, on plain arrays. Imported only when something is sampled, since numba is slow to
import. Does not belong here: chains and when to stop (chains.py), what terms count (terms.py).

A step is one of three reversible ones, chosen by a fixed share. Tie or no tie (Morris, Handcock and Hunter 2008): half
the time a tie, half the time a dyad; here dyads are not equally likely, but roughly as likely as they are ties by
their covariates alone. With p that chance and E ties, w = p / E, a dyad then turns over at the rate 1 / 2E whatever p
is, while of equally likely dyads the likely ties hardly ever turn. Closing a triad: a tie i -> k, then one of k's
ties, k -> j; the dyad i -> j is proposed. Toggling it changes neither the two-paths between i and j nor the degree of
k, only the number of ties the first was chosen from, E to E', so that the ratio of proposals is E / E'. Answering a
tie: a tie i -> j, and the dyad j -> i is proposed, with the same ratio.

Partners are found by the intersection of rows of bits; the number of two-paths between all places is kept up to date.
The generator is xoshiro256++ (Blackman and Vigna 2021), a state of four words a chain.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

KINDS = {"mutual": 0, "in": 1, "out": 2, "degree": 3, "otp": 4, "itp": 5}
_MUTUAL, _IN, _OUT, _DEGREE, _OTP, _ITP = range(6)
_ONE, _WORD, _LOW = np.uint64(1), np.uint64(64), np.uint64(0xFFFFFFFF)
_SIX, _LAST = np.uint64(6), np.uint64(63)
_compiled: Callable[..., Any] = njit(cache=True, nogil=True, error_model="numpy")
# Put into the function that calls it, so that arguments which are constants there cost nothing.
_inlined: Callable[..., Any] = njit(inline="always", error_model="numpy")
_intrinsic: Callable[..., Any] = intrinsic


@_intrinsic
def _lowest_bit(context, word):  # type: ignore[no-untyped-def]
    """Position of the lowest bit set."""

    def code(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.cttz(arguments[0], context.get_constant(types.boolean, 1))

    return types.uint64(types.uint64), code


@_intrinsic
def _bits_set(context, word):  # type: ignore[no-untyped-def]
    """Number of bits set."""

    def code(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), code


@_compiled
def random_word(state):  # type: ignore[no-untyped-def]
    """64 random bits."""
    total = state[0] + state[3]
    result = ((total << np.uint64(23)) | (total >> np.uint64(41))) + state[0]
    shifted = state[1] << np.uint64(17)
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = (state[3] << np.uint64(45)) | (state[3] >> np.uint64(19))
    return result


@_inlined
def _below(bits, size):  # type: ignore[no-untyped-def]
    """A number from 0 to size - 1 from 32 bits."""
    return np.int64((bits * np.uint64(size)) >> np.uint64(32))


@_inlined
def _of_degrees(i, j, tie, into, out, step_in, step_out, step_degree):  # type: ignore[no-untyped-def]
    """What a tie i -> j adds through degrees."""
    both = step_degree[into[i] + out[i] - tie] + step_degree[into[j] + out[j] - tie]
    return step_in[into[j] - tie] + step_out[out[i] - tie] + both


@_inlined
def _of_otp(i, j, tie, out_bits, in_bits, paths, own, step):  # type: ignore[no-untyped-def]
    """What a tie i -> j adds through partners on two-paths of its own direction. Places are unsigned: numba then
    leaves out what makes negative ones count from the end.
    """
    i, j, tie = np.uint64(i), np.uint64(j), np.int64(tie)
    total = own[np.uint64(paths[i, j])]
    base = np.uint64(0)
    for word in range(np.uint64(out_bits.shape[1])):
        shared = out_bits[i, word] & out_bits[j, word]
        while shared:
            total += step[np.uint64(paths[i, base + _lowest_bit(shared)] - tie)]
            shared &= shared - _ONE
        shared = in_bits[i, word] & in_bits[j, word]
        while shared:
            total += step[np.uint64(paths[base + _lowest_bit(shared), j] - tie)]
            shared &= shared - _ONE
        base += _WORD
    return total


@_inlined
def _of_itp(i, j, tie, out_bits, in_bits, paths, own, step):  # type: ignore[no-untyped-def]
    """What a tie i -> j adds through partners on two-paths the other way."""
    i, j, tie = np.uint64(i), np.uint64(j), np.int64(tie)
    total = own[np.uint64(paths[j, i])]
    base = np.uint64(0)
    for word in range(np.uint64(out_bits.shape[1])):
        shared = out_bits[j, word] & in_bits[i, word]
        while shared:
            k = base + _lowest_bit(shared)
            shared &= shared - _ONE
            total += step[np.uint64(paths[i, k] - tie)] + step[np.uint64(paths[k, j] - tie)]
        base += _WORD
    return total


@_inlined
def _of_partners(i, j, tie, out_bits, in_bits, paths, otp, itp, own_otp, step_otp, own_itp, step_itp):  # type: ignore[no-untyped-def]
    """What a tie i -> j adds through shared partners."""
    total = 0.0
    if otp:
        total += _of_otp(i, j, tie, out_bits, in_bits, paths, own_otp, step_otp)
    if itp:
        total += _of_itp(i, j, tie, out_bits, in_bits, paths, own_itp, step_itp)
    return total


@_compiled
def change(i, j, tie, state, weights):  # type: ignore[no-untyped-def]
    """What a tie i -> j adds to theta'g, all other ties as they are; `tie` is 1 where it stands already."""
    _, _, _, position, _, _, _, into, out, out_bits, in_bits, paths = state
    has, eta, mutual, step_in, step_out, step_degree, own_otp, step_otp, own_itp, step_itp = weights
    total = eta[i, j] + (mutual if position[j, i] >= 0 else 0.0)
    total += _of_degrees(i, j, tie, into, out, step_in, step_out, step_degree)
    return total + _of_partners(
        i, j, tie, out_bits, in_bits, paths, has[_OTP], has[_ITP], own_otp, step_otp, own_itp, step_itp
    )


@_inlined
def _add_paths(i, j, by, out_bits, in_bits, paths):  # type: ignore[no-untyped-def]
    """Two-paths that a tie i -> j makes (by = 1) or takes away (-1)."""
    i, j, base = np.uint64(i), np.uint64(j), np.uint64(0)
    for word in range(np.uint64(out_bits.shape[1])):
        bits = out_bits[j, word]
        while bits:
            paths[i, base + _lowest_bit(bits)] += by
            bits &= bits - _ONE
        bits = in_bits[i, word]
        while bits:
            paths[base + _lowest_bit(bits), j] += by
            bits &= bits - _ONE
        base += _WORD


@_inlined
def _add_tie(i, j, at, directed, position, tails, heads):  # type: ignore[no-untyped-def]
    """Put a tie at the end of the list."""
    tails[at], heads[at], position[i, j] = i, j, at
    if not directed:
        position[j, i] = at


@_inlined
def _drop_tie(i, j, last, directed, position, tails, heads):  # type: ignore[no-untyped-def]
    """Take a tie out of the list; the last one takes its place."""
    at, a, b = position[i, j], tails[last], heads[last]
    tails[at], heads[at], position[a, b] = a, b, at
    position[i, j] = -1
    if not directed:
        position[b, a], position[j, i] = position[a, b], -1


@_inlined
def _toggle_paths(i, j, by, directed, out_bits, in_bits, paths):  # type: ignore[no-untyped-def]
    """Two-paths and bits after a tie was added (by = 1) or taken away (-1). Without directions the tie's own bits,
    which are those of both ends, are off while paths are counted, and every two-path is one the other way too.
    """
    if directed:
        _flip(i, j, out_bits, in_bits)
        _add_paths(i, j, by, out_bits, in_bits, paths)
        return
    if by < 0:
        _flip(i, j, out_bits, in_bits)
        _flip(j, i, out_bits, in_bits)
    _add_paths(i, j, by, out_bits, in_bits, paths)
    _add_paths(j, i, by, out_bits, in_bits, paths)
    if by > 0:
        _flip(i, j, out_bits, in_bits)
        _flip(j, i, out_bits, in_bits)


@_inlined
def _flip(i, j, out_bits, in_bits):  # type: ignore[no-untyped-def]
    """Turn over the bits of a tie i -> j."""
    i, j = np.uint64(i), np.uint64(j)
    out_bits[i, j >> _SIX] ^= _ONE << (j & _LAST)
    in_bits[j, i >> _SIX] ^= _ONE << (i & _LAST)


@_compiled
def _nth_partner(k, which, out_bits):  # type: ignore[no-untyped-def]
    """The `which`-th place k is tied to."""
    for word in range(out_bits.shape[1]):
        bits = out_bits[k, word]
        held = np.int64(_bits_set(bits))
        if which < held:
            for _ in range(which):
                bits &= bits - _ONE
            return word * 64 + np.int64(_lowest_bit(bits))
        which -= held
    return -1


@_compiled
def advance(state, weights, dyads, random, shares, proposals):  # type: ignore[no-untyped-def]
    """Make `proposals` proposals; returns how many were taken. `shares` (in 2^-31): of those that close triads, and of
    those that do or answer a tie.

    `dyads`: i * n + j, as often as each is to be likely, and 1 / w (n x n), w being its share of that list.
    The loop is compiled once more for partners on two-paths alone, which is half again as fast.
    """
    directed, shared, has = state[0], state[1], weights[0]
    degrees, otp, itp = has[_IN] or has[_OUT] or has[_DEGREE], has[_OTP], has[_ITP]
    if directed and otp and not itp and not degrees:
        return _advance(state, weights, dyads, random, shares, proposals, True, True, False, True, False)
    return _advance(state, weights, dyads, random, shares, proposals, directed, shared, degrees, otp, itp)


@_inlined
def _advance(state, weights, dyads, random, shares, proposals, directed, shared, degrees, otp, itp):  # type: ignore[no-untyped-def]
    """`advance` for models that count what the last five say."""
    _, _, n, position, tails, heads, size, into, out, out_bits, in_bits, paths = state
    _, eta, mutual, step_in, step_out, step_degree, own_otp, step_otp, own_itp, step_itp = weights
    slots, rarity = dyads
    accepted, ties, closing, answering = 0, size[0], shares[0], shares[1]
    for _ in range(proposals):
        word = random_word(random)
        choice, bits = np.int64(word >> np.uint64(33)), word & _LOW
        if choice < closing:
            if ties == 0:
                continue
            at = _below(bits, ties)
            i, k = np.int64(tails[at]), np.int64(heads[at])
            word = random_word(random)
            if not directed and word & _ONE:
                i, k = k, i
            if out[k] == 0:
                continue
            j = _nth_partner(k, _below(word >> np.uint64(32), out[k]), out_bits)
            if j == i:
                continue
            if not directed and j < i:
                i, j = j, i
            tie = 1 if position[i, j] >= 0 else 0
            ratio = ties / (ties - 1.0) if tie else ties / (ties + 1.0)
        elif choice < answering:
            if ties == 0:
                continue
            at = _below(bits, ties)
            i, j = np.int64(heads[at]), np.int64(tails[at])
            tie = 1 if position[i, j] >= 0 else 0
            ratio = ties / (ties - 1.0) if tie else ties / (ties + 1.0)
        else:
            if ties > 0 and choice & 1:
                at = _below(bits, ties)
                i, j, tie = np.int64(tails[at]), np.int64(heads[at]), 1
            else:
                at = np.int64(slots[_below(bits, len(slots))])
                i = at // n
                j = at - i * n
                tie = 1 if position[i, j] >= 0 else 0
            if tie:
                ratio = 1 / (1 + rarity[i, j] / ties) if ties > 1 else 2 / (1 + rarity[i, j])
            else:
                ratio = 1 + rarity[i, j] / (ties + 1) if ties > 0 else (1 + rarity[i, j]) / 2
        gain = eta[i, j] + (mutual if position[j, i] >= 0 else 0.0)
        if degrees:
            gain += _of_degrees(i, j, tie, into, out, step_in, step_out, step_degree)
        if shared:
            gain += _of_partners(i, j, tie, out_bits, in_bits, paths, otp, itp, own_otp, step_otp, own_itp, step_itp)
        chance = ratio * np.exp(-gain if tie else gain)
        if chance >= 1 or (random_word(random) >> np.uint64(11)) * 2.0**-53 < chance:
            accepted += 1
            if tie:
                ties -= 1
                _drop_tie(i, j, ties, directed, position, tails, heads)
            else:
                _add_tie(i, j, ties, directed, position, tails, heads)
                ties += 1
            by = -1 if tie else 1
            out[i] += by
            if directed:
                into[j] += by
            else:
                out[j] += by
            if shared:
                _toggle_paths(i, j, by, directed, out_bits, in_bits, paths)
    size[0] = ties
    return accepted


@_compiled
def statistics(state, columns, row_of, kind_of, tables, result):  # type: ignore[no-untyped-def]
    """Statistics of the network: `columns` (n x n x k) of dyads first, then tables, each added to its coefficient."""
    _, _, n, position, tails, heads, size, into, out, _, _, paths = state
    result[:] = 0.0
    for at in range(size[0]):
        i, j = tails[at], heads[at]
        for k in range(columns.shape[2]):
            result[k] += columns[i, j, k]
    for row in range(len(row_of)):
        kind, table, total = kind_of[row], tables[row], 0.0
        if kind == _IN:
            for i in range(n):
                total += table[into[i]]
        elif kind == _OUT:
            for i in range(n):
                total += table[out[i]]
        elif kind == _DEGREE:
            for i in range(n):
                total += table[into[i] + out[i]]
        else:
            for at in range(size[0]):
                i, j = tails[at], heads[at]
                if kind == _MUTUAL:
                    total += 0.5 * (position[j, i] >= 0)
                elif kind == _OTP:
                    total += table[paths[i, j]]
                else:
                    total += table[paths[j, i]]
        result[row_of[row]] += total


@_compiled
def sample(state, weights, dyads, random, shares, interval, columns, row_of, kind_of, tables, results):  # type: ignore[no-untyped-def]
    """Statistics after every `interval` proposals, as many times as `results` (draws x k) has rows."""
    accepted = 0
    for draw in range(results.shape[0]):
        accepted += advance(state, weights, dyads, random, shares, interval)
        statistics(state, columns, row_of, kind_of, tables, results[draw])
    return accepted
