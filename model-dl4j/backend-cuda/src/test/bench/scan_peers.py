"""Selective scans along the directions of a map, in PyTorch and in Triton: what `elapid bench ops --kernels cuda` is compared with.

    scan_peers.py [--batch 128] [--check] [--shape PREFIX]

Two peers, both with directions that are written to memory before the scan and added up after it, as published networks
do it: PyTorch's operations step by step under autograd, and one fused kernel of Triton with a gradient by hand, which
keeps states in registers and computes them anew from those saved after each chunk. For each of K directions,

    h[t] = exp(dt[t] A) h[t-1] + dt[t] u[t] B[t]        y[t] = C[t] h[t] + skip u[t]        dt = softplus(delta + bias)

First the fused kernel is compared with the operations in double, at a small batch; --check does only that. Times are
medians of triton.testing.do_bench, in microseconds; "graph" are those of do_bench_cudagraph, where the CPU that starts
kernels is not in the way. Needs PyTorch and Triton.
"""

import argparse
import sys
import traceback

import torch
import torch.nn.functional as F

try:
    import triton
    import triton.language as tl
except ImportError:
    triton = None

CHUNK = 32
WIDEST = 64
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"

# name: order, channels D, side of the map, states N
SHAPES = {
    "TINYVIM_B_STAGE_1": ("CROSS", 12, 7, 8),
    "TINYVIM_B_STAGE_4": ("CROSS", 288, 7, 8),
    "MOBILEMAMBA_B1_STAGE_1_OF_128": ("BIDIRECTIONAL", 320, 8, 1),
    "EFFICIENTVMAMBA_B_STAGE_1": ("ATROUS", 192, 56, 16),
    "EFFICIENTVMAMBA_B_STAGE_2": ("ATROUS", 384, 28, 16),
}
DIRECTIONS = {"CROSS": 4, "BIDIRECTIONAL": 2, "ATROUS": 4}


def half(size):
    return (size + 1) // 2


def steps(order, height, width):
    return half(height) * half(width) if order == "ATROUS" else height * width


# --- directions of a map -----------------------------------------------------------------------------------------


def position(order, k, t, height, width):
    """Where step t of direction k reads; -1: padding."""
    if order == "BIDIRECTIONAL":
        return t if k == 0 else height * width - 1 - t
    if order == "CROSS":
        t = t if k < 2 else height * width - 1 - t
        return t if k % 2 == 0 else t % height * width + t // height
    odd_row, odd_column = k % 2, k // 2
    i = t % half(height) if odd_row else t // half(width)
    j = t // half(height) if odd_row else t % half(width)
    row, column = 2 * i + odd_row, 2 * j + odd_column
    return row * width + column if row < height and column < width else -1


def scan_map(u, order):
    """(B, D, H, W) to (B, K, L, D)."""
    batch, channels, height, width = u.shape
    length = steps(order, height, width)
    out = u.new_empty(batch, DIRECTIONS[order], length, channels)
    if order == "ATROUS":
        x = F.pad(u, (0, width % 2, 0, height % 2)).permute(0, 2, 3, 1)
        for k in range(4):
            grid = x[:, k % 2 :: 2, k // 2 :: 2]
            grid = grid.transpose(1, 2) if k % 2 else grid
            out[:, k].view(grid.shape).copy_(grid)
        return out
    x = u.permute(0, 2, 3, 1)
    out[:, 0].view(x.shape).copy_(x)
    if order == "BIDIRECTIONAL":
        out[:, 1] = out[:, 0].flip(1)
        return out
    columns = x.transpose(1, 2)
    out[:, 1].view(columns.shape).copy_(columns)
    out[:, 2:] = out[:, :2].flip(2)
    return out


def merge_map(y, order, height, width):
    """(B, K, L, D) to (B, D, H, W): every position gets the sum of the steps that read it. The transpose of scan_map."""
    batch, _, _, channels = y.shape
    if order == "ATROUS":
        rows, columns = half(height), half(width)
        out = y.new_empty(batch, channels, 2 * rows, 2 * columns)
        for k in range(4):
            if k % 2:
                grid = y[:, k].view(batch, columns, rows, channels).permute(0, 3, 2, 1)
            else:
                grid = y[:, k].view(batch, rows, columns, channels).permute(0, 3, 1, 2)
            out[:, :, k % 2 :: 2, k // 2 :: 2] = grid
        return out[:, :, :height, :width].contiguous()
    if order == "BIDIRECTIONAL":
        both = y[:, 0] + y[:, 1].flip(1)
        return both.view(batch, height, width, channels).permute(0, 3, 1, 2).contiguous()
    both = y[:, :2] + y[:, 2:].flip(2)
    by_row = both[:, 0].view(batch, height, width, channels).permute(0, 3, 1, 2)
    by_column = both[:, 1].view(batch, width, height, channels).permute(0, 3, 2, 1)
    return (by_row + by_column).contiguous()


class ScanMap(torch.autograd.Function):
    @staticmethod
    def forward(ctx, u, order):
        ctx.of = order, u.shape[2], u.shape[3]
        return scan_map(u, order)

    @staticmethod
    def backward(ctx, dy):
        order, height, width = ctx.of
        return merge_map(dy.contiguous(), order, height, width), None


class MergeMap(torch.autograd.Function):
    @staticmethod
    def forward(ctx, y, order, height, width):
        ctx.order = order
        return merge_map(y, order, height, width)

    @staticmethod
    def backward(ctx, dy):
        return scan_map(dy, ctx.order), None, None, None


# --- PyTorch's operations ----------------------------------------------------------------------------------------


def scan_of_operations(u, delta, b, c, a_log, skip, bias):
    """u, delta (B, K, L, D); b, c (B, K, L, N); a_log (K, D, N); skip, bias (K, D)."""
    dt = F.softplus(delta + bias[:, None, :]).permute(2, 0, 1, 3)
    u_first = u.permute(2, 0, 1, 3)
    decay = torch.exp(dt[..., None] * -torch.exp(a_log))
    added = (dt * u_first)[..., None] * b.permute(2, 0, 1, 3)[..., None, :]
    h = torch.zeros_like(added[0])
    states = []
    for a, x in zip(decay.unbind(0), added.unbind(0)):
        h = a * h + x
        states.append(h)
    y = torch.einsum("lbkdn,bkln->bkld", torch.stack(states), c)
    return y + skip[:, None, :] * u


# --- Triton ------------------------------------------------------------------------------------------------------

if triton is not None:

    @triton.jit
    def step_size(x):
        return tl.where(x > 20.0, x, tl.log(1.0 + tl.exp(x)))

    @triton.jit
    def forward_kernel(u, delta, b, c, a_log, skip, bias, y, saved, K, D, L, S,
                       N: tl.constexpr, CHUNK: tl.constexpr, BD: tl.constexpr):
        sequence = tl.program_id(1)
        d = tl.program_id(0) * BD + tl.arange(0, BD)
        n = tl.arange(0, N)
        mine = d < D
        row = sequence % K * D + d
        rates = -tl.exp(tl.load(a_log + row[:, None] * N + n[None, :], mask=mine[:, None], other=0.0))
        skips = tl.load(skip + row, mask=mine, other=0.0)
        biases = tl.load(bias + row, mask=mine, other=0.0)
        h = tl.zeros((BD, N), dtype=tl.float32)
        for t in range(0, L):
            at = sequence * L + t
            dt = step_size(tl.load(delta + at * D + d, mask=mine, other=0.0) + biases)
            x = tl.load(u + at * D + d, mask=mine, other=0.0)
            bt = tl.load(b + at * N + n)
            ct = tl.load(c + at * N + n)
            h = tl.exp(dt[:, None] * rates) * h + (dt * x)[:, None] * bt[None, :]
            tl.store(y + at * D + d, tl.sum(h * ct[None, :], axis=1) + skips * x, mask=mine)
            if (t + 1) % CHUNK == 0:
                to = (sequence * S + t // CHUNK) * D + d
                tl.store(saved + to[:, None] * N + n[None, :], h, mask=mine[:, None])

    @triton.jit
    def backward_kernel(u, delta, b, c, a_log, skip, bias, dy, saved, du, ddelta, db, dc, da_log, dskip, dbias,
                        scratch, K, D, L, S, N: tl.constexpr, CHUNK: tl.constexpr, BD: tl.constexpr):
        sequence = tl.program_id(1)
        d = tl.program_id(0) * BD + tl.arange(0, BD)
        n = tl.arange(0, N)
        mine = d < D
        row = sequence % K * D + d
        rates = -tl.exp(tl.load(a_log + row[:, None] * N + n[None, :], mask=mine[:, None], other=0.0))
        skips = tl.load(skip + row, mask=mine, other=0.0)
        biases = tl.load(bias + row, mask=mine, other=0.0)
        tile = tl.arange(0, BD)[:, None] * N + n[None, :]
        mine_only = (sequence * tl.num_programs(0) + tl.program_id(0)) * CHUNK
        carry = tl.zeros((BD, N), dtype=tl.float32)
        d_rates = tl.zeros((BD, N), dtype=tl.float32)
        d_skips = tl.zeros((BD,), dtype=tl.float32)
        d_biases = tl.zeros((BD,), dtype=tl.float32)
        chunks = (L + CHUNK - 1) // CHUNK
        for i in range(0, chunks):
            chunk = chunks - 1 - i
            begin = chunk * CHUNK
            count = tl.minimum(CHUNK, L - begin)
            at_start = (sequence * S + chunk - 1) * D + d
            h = tl.load(saved + at_start[:, None] * N + n[None, :], mask=mine[:, None] & (chunk > 0), other=0.0)
            for j in range(0, count):
                at = sequence * L + begin + j
                tl.store(scratch + (mine_only + j).to(tl.int64) * (BD * N) + tile, h)
                dt = step_size(tl.load(delta + at * D + d, mask=mine, other=0.0) + biases)
                x = tl.load(u + at * D + d, mask=mine, other=0.0)
                bt = tl.load(b + at * N + n)
                h = tl.exp(dt[:, None] * rates) * h + (dt * x)[:, None] * bt[None, :]
            tl.debug_barrier()
            for r in range(0, count):
                j = count - 1 - r
                at = sequence * L + begin + j
                before = tl.load(scratch + (mine_only + j).to(tl.int64) * (BD * N) + tile)
                argument = tl.load(delta + at * D + d, mask=mine, other=0.0) + biases
                dt = step_size(argument)
                x = tl.load(u + at * D + d, mask=mine, other=0.0)
                g_y = tl.load(dy + at * D + d, mask=mine, other=0.0)
                bt = tl.load(b + at * N + n)[None, :]
                ct = tl.load(c + at * N + n)[None, :]
                decay = tl.exp(dt[:, None] * rates)
                added = (dt * x)[:, None]
                g = g_y[:, None] * ct + carry
                carry = g * decay
                rate = carry * before
                tl.atomic_add(db + at * N + n, tl.sum(g * added, axis=0))
                tl.atomic_add(dc + at * N + n, tl.sum(g_y[:, None] * (decay * before + added * bt), axis=0))
                d_rates += rate * dt[:, None]
                gb = tl.sum(g * bt, axis=1)
                d_argument = (tl.sum(rate * rates, axis=1) + gb * x) / (1.0 + tl.exp(-argument))
                tl.store(ddelta + at * D + d, d_argument, mask=mine)
                tl.store(du + at * D + d, dt * gb + skips * g_y, mask=mine)
                d_skips += g_y * x
                d_biases += d_argument
            tl.debug_barrier()
        tl.atomic_add(da_log + row[:, None] * N + n[None, :], d_rates * rates, mask=mine[:, None])
        tl.atomic_add(dskip + row, d_skips, mask=mine)
        tl.atomic_add(dbias + row, d_biases, mask=mine)

    # channels of a program, warps
    CUTS = [(16, 1), (32, 1), (32, 2), (64, 4)]
    best_cuts = {}

    def tuned(key, run):
        """Runs with the cut that is fastest for the key; tries them all at the first time."""
        if key not in best_cuts:
            best_cuts[key] = CUTS[1]
            if DEVICE == "cuda":
                times = {cut: triton.testing.do_bench(lambda: run(cut), warmup=5, rep=20, return_mode="median") for cut in CUTS}
                best_cuts[key] = min(times, key=times.get)
        run(best_cuts[key])

    class FusedScan(torch.autograd.Function):
        @staticmethod
        def forward(ctx, u, delta, b, c, a_log, skip, bias):
            batch, directions, length, channels = u.shape
            states = b.shape[3]
            chunks = max(1, length // CHUNK)
            y = torch.empty_like(u)
            saved = u.new_empty(batch, directions, chunks, channels, states)

            def run(cut):
                grid = (triton.cdiv(channels, cut[0]), batch * directions)
                forward_kernel[grid](u, delta, b, c, a_log, skip, bias, y, saved, directions, channels, length, chunks,
                                     N=states, CHUNK=CHUNK, BD=cut[0], num_warps=cut[1])

            tuned(("forward", batch, channels, length, states), run)
            ctx.save_for_backward(u, delta, b, c, a_log, skip, bias, saved)
            return y

        @staticmethod
        def backward(ctx, dy):
            u, delta, b, c, a_log, skip, bias, saved = ctx.saved_tensors
            batch, directions, length, channels = u.shape
            states = b.shape[3]
            dy = dy.contiguous()
            du, ddelta = torch.empty_like(u), torch.empty_like(delta)
            sums = [torch.zeros_like(t) for t in (b, c, a_log, skip, bias)]
            scratch = u.new_empty(batch * directions * CHUNK * (channels + WIDEST) * states)

            def run(cut):
                grid = (triton.cdiv(channels, cut[0]), batch * directions)
                backward_kernel[grid](u, delta, b, c, a_log, skip, bias, dy, saved, du, ddelta, *sums, scratch,
                                      directions, channels, length, saved.shape[2],
                                      N=states, CHUNK=CHUNK, BD=cut[0], num_warps=cut[1])

            key = "backward", batch, channels, length, states
            if key not in best_cuts:  # trials add to the sums
                tuned(key, run)
                for total in sums:
                    total.zero_()
            tuned(key, run)
            return (du, ddelta, *sums)


# --- both, compared and timed ------------------------------------------------------------------------------------


def operands(name, batch, dtype, seed=1):
    order, channels, side, states = SHAPES[name]
    directions, length = DIRECTIONS[order], steps(order, side, side)
    generator = torch.Generator().manual_seed(seed)

    def uniform(low, high, *shape):
        # generated once for a small part: a whole one takes the CPU seconds
        period = min(1 << 20, int(torch.tensor(shape).prod()))
        values = torch.rand(period, generator=generator, dtype=torch.float64) * (high - low) + low
        total = int(torch.tensor(shape).prod())
        values = values.float().to(DEVICE).repeat((total + period - 1) // period)[:total]
        return values.to(dtype).view(shape).contiguous().requires_grad_()

    return order, side, [
        uniform(-1, 1, batch, channels, side, side),
        uniform(-1, 1, batch, directions, length, channels),
        uniform(-1, 1, batch, directions, length, states),
        uniform(-1, 1, batch, directions, length, states),
        uniform(-0.5, 2, directions, channels, states),
        uniform(0.5, 1.5, directions, channels),
        uniform(-6, -2, directions, channels),
    ]


def layer(scan, order, side, tensors):
    u, *others = tensors
    return MergeMap.apply(scan(ScanMap.apply(u, order), *others), order, side, side)


def check_orders():
    for order in DIRECTIONS:
        for height, width in ((4, 4), (5, 7)):
            u = torch.arange(1.0, 2 * height * width + 1).view(1, 2, height, width)
            padded = F.pad(u.flatten(2), (0, 1))
            length = steps(order, height, width)
            table = [[position(order, k, t, height, width) for t in range(length)] for k in range(DIRECTIONS[order])]
            expected = padded[:, :, torch.tensor(table) % (height * width + 1)].permute(0, 2, 3, 1)
            found = scan_map(u, order)
            if not torch.equal(found, expected):
                raise AssertionError(f"{order}: directions are not those of the formula")
            y = torch.rand_like(found)
            merged = merge_map(y, order, height, width)
            if not torch.allclose((merged * u).sum(), (y * found).sum(), rtol=1e-5):
                raise AssertionError(f"{order}: the merge is not the transpose of the scan")


def check(name, batch=2):
    """The worst relative error of outputs and gradients, against the operations in double."""
    order, side, tensors = operands(name, batch, torch.float32)
    doubles = [t.detach().double().requires_grad_() for t in tensors]
    dy = torch.rand_like(tensors[0]) - 0.5
    expected = layer(scan_of_operations, order, side, doubles)
    expected_gradients = torch.autograd.grad(expected, doubles, dy.double())
    found = layer(FusedScan.apply, order, side, tensors)
    gradients = torch.autograd.grad(found, tensors, dy)
    errors = [
        float((f.double() - e).norm() / e.norm())
        for f, e in zip((found, *gradients), (expected.detach(), *expected_gradients))
    ]
    return max(errors)


def timed(run, graph):
    if graph:
        return 1e3 * triton.testing.do_bench_cudagraph(run, rep=20, return_mode="median")
    return 1e3 * triton.testing.do_bench(run, warmup=10, rep=50, return_mode="median")


def attempt(what, run):
    """What `run` returns, or nan and a line that says why there is nothing."""
    try:
        return run()
    except Exception as failure:  # one part that fails must not take the others along
        print(f"FAILED: {what}: {type(failure).__name__}: {str(failure).strip().splitlines()[:1]}", flush=True)
        traceback.print_exc(limit=4)
        return float("nan")
    finally:
        if DEVICE == "cuda":
            torch.cuda.empty_cache()


def times_of(name, batch, scan, graph):
    order, side, tensors = operands(name, batch, torch.float32)
    dy = torch.rand_like(tensors[0]) - 0.5

    def forward():
        with torch.no_grad():
            layer(scan, order, side, tensors)

    def both():
        torch.autograd.grad(layer(scan, order, side, tensors), tensors, dy)

    kind = "graph" if graph else "eager"
    what = f"{name} {getattr(scan, '__qualname__', 'scan')} {kind}"
    both_once = attempt(what + ", once", lambda: both() or 0.0)
    if both_once != both_once:
        return float("nan"), float("nan")
    return (attempt(what + " forward", lambda: timed(forward, graph)),
            attempt(what + " and back", lambda: timed(both, graph)))


def scan_alone(name, batch):
    """The fused kernel without the maps around it."""
    order, _, (u, *others) = operands(name, batch, torch.float32)
    with torch.no_grad():
        sequences = scan_map(u, order)
        return timed(lambda: FusedScan.apply(sequences, *others), True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--shape", default="", help="only shapes whose name starts like this")
    parser.add_argument("--check", action="store_true", help="compare only, time nothing")
    arguments = parser.parse_args()
    names = [name for name in SHAPES if name.startswith(arguments.shape.upper())]
    failures = 0
    check_orders()
    print("orders of directions: as the formula")
    for name in names:
        if triton is None:
            print("FAILED: Triton is not installed")
            failures += 1
            break
        error = attempt(f"check {name}", lambda: check(name))
        failures += not error < 1e-4
        print(f"{name}: relative error of the fused kernel {error:.1e}{'' if error < 1e-4 else ' TOO LARGE'}", flush=True)
    if arguments.check or DEVICE != "cuda":
        return 1 if failures else 0
    # products in float32 throughout, as everywhere else
    torch.backends.cuda.matmul.allow_tf32 = False
    print(f"\n{torch.cuda.get_device_name()}, PyTorch {torch.__version__}, "
          f"Triton {triton.__version__ if triton else 'none'}, batch {arguments.batch}; us")
    columns = ["torch", "and back", "torch graph", "and back", "triton", "and back", "triton graph", "and back", "scan alone"]
    print(f"{'scan':30}" + "".join(f"{column:>14}" for column in columns), flush=True)
    for name in names:
        long = SHAPES[name][0] == "ATROUS"
        row = [*times_of(name, arguments.batch, scan_of_operations, False)]
        row += [float("nan")] * 2 if long else times_of(name, arguments.batch, scan_of_operations, True)
        if triton is not None:
            row += times_of(name, arguments.batch, FusedScan.apply, False)
            row += times_of(name, arguments.batch, FusedScan.apply, True)
            row.append(attempt(f"{name} alone", lambda: scan_alone(name, arguments.batch)))
        print(f"{name:30}" + "".join(f"{value:14.1f}" for value in row), flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
