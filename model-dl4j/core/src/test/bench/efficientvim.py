"""EfficientViM in PyTorch, to be timed against ours: `elapid bench train|infer --peer torch` starts it.

    python3 efficientvim.py MODEL SIDE BATCH THREADS train|infer

Prints one line of JSON that says what runs, then reads lines: each `run` is answered with the nanoseconds of one
training step (zeroed gradients, forward, soft cross-entropy, backward, AdamW) or of one inference (eval, no_grad).
Ends with its input. Written for plain PyTorch 1.13; needs nothing else.
"""
import json
import os
import sys
import time

try:
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError as failure:
    print(json.dumps({"error": str(failure)}), flush=True)
    sys.exit(0)

CLASSES = 1000
STEM_STRIDE = 2
# widths, blocks and states of the three stages
SIZES = {
    "efficientvim_m1": ((128, 192, 320), (2, 2, 2), (49, 25, 9)),
    "efficientvim_m2": ((128, 256, 512), (2, 2, 2), (49, 25, 9)),
    "efficientvim_m3": ((224, 320, 512), (2, 2, 2), (49, 25, 9)),
    "efficientvim_m4": ((224, 320, 512), (3, 4, 2), (64, 32, 16)),
}


def conv_norm(inputs, outputs, kernel=1, stride=1, groups=1):
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs))


def depthwise(channels, stride=1):
    return conv_norm(channels, channels, 3, stride, channels)


class LayerNorm(nn.Module):
    """Over the channels of (B, C, ...)."""

    def __init__(self, channels, dimensions):
        super().__init__()
        shape = (1, channels) + (1,) * dimensions
        self.weight = nn.Parameter(torch.ones(shape))
        self.bias = nn.Parameter(torch.zeros(shape))

    def forward(self, x):
        mean = x.mean(1, keepdim=True)
        variance = (x - mean).pow(2).mean(1, keepdim=True)
        return (x - mean) / torch.sqrt(variance + 1e-5) * self.weight + self.bias


class Mixer(nn.Module):
    """HSM-SSD: (B, C, L) to the output and the hidden states (B, C, N)."""

    def __init__(self, channels, states):
        super().__init__()
        self.states = states
        self.project = nn.Conv1d(channels, 3 * states, 1, bias=False)
        self.dw = nn.Conv2d(3 * states, 3 * states, 3, padding=1, groups=3 * states, bias=False)
        self.hz = nn.Conv1d(channels, 2 * channels, 1, bias=False)
        self.out = nn.Conv1d(channels, channels, 1, bias=False)
        self.A = nn.Parameter(torch.empty(states).uniform_(1, 16))
        self.D = nn.Parameter(torch.ones(1))

    def forward(self, x, side):
        batch, channels, _ = x.shape
        projected = self.dw(self.project(x).view(batch, -1, side, side)).flatten(2)
        b, c, dt = projected.split(self.states, 1)
        weights = (dt + self.A.view(1, -1, 1)).softmax(-1)
        hidden = x @ (weights * b).transpose(-2, -1)
        h, z = self.hz(hidden).split(channels, 1)
        hidden = self.out(h * F.silu(z) + h * self.D)
        return (hidden @ c).view(batch, channels, side, side), hidden


class Block(nn.Module):
    def __init__(self, channels, states):
        super().__init__()
        self.dw1 = depthwise(channels)
        self.norm = LayerNorm(channels, 1)
        self.mixer = Mixer(channels, states)
        self.dw2 = depthwise(channels)
        self.fc1 = conv_norm(channels, 4 * channels)
        self.fc2 = conv_norm(4 * channels, channels)
        self.alpha = nn.Parameter(torch.full((4, channels), 1e-4))

    def forward(self, x):
        gate = torch.sigmoid(self.alpha).view(4, -1, 1, 1)
        x = (1 - gate[0]) * x + gate[0] * self.dw1(x)
        mixed, hidden = self.mixer(self.norm(x.flatten(2)), x.shape[2])
        x = (1 - gate[1]) * x + gate[1] * mixed
        x = (1 - gate[2]) * x + gate[2] * self.dw2(x)
        x = (1 - gate[3]) * x + gate[3] * self.fc2(F.relu(self.fc1(x)))
        return x, hidden


class Down(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        hidden, squeezed = 4 * outputs, outputs
        self.dw1 = depthwise(inputs)
        self.expand = conv_norm(inputs, hidden)
        self.reduce = depthwise(hidden, 2)
        self.squeeze = nn.Conv2d(hidden, squeezed, 1)
        self.excite = nn.Conv2d(squeezed, hidden, 1)
        self.project = conv_norm(hidden, outputs)
        self.dw2 = depthwise(outputs)

    def forward(self, x):
        x = x + self.dw1(x)
        x = F.relu(self.reduce(F.relu(self.expand(x))))
        x = x * torch.sigmoid(self.excite(F.relu(self.squeeze(x.mean((2, 3), keepdim=True)))))
        x = self.project(x)
        return x + self.dw2(x)


class EfficientViM(nn.Module):
    def __init__(self, widths, blocks, states):
        super().__init__()
        first = widths[0]
        stem, inputs = [], 3
        for outputs in (first // 8, first // 4, first // 2, first):
            stem += [conv_norm(inputs, outputs, 3, STEM_STRIDE), nn.ReLU()]
            inputs = outputs
        self.stem = nn.Sequential(*stem[:-1])
        self.stages = nn.ModuleList(
            nn.ModuleList(Block(width, n) for _ in range(count))
            for width, count, n in zip(widths, blocks, states)
        )
        self.downs = nn.ModuleList(Down(a, b) for a, b in zip(widths, widths[1:]))
        self.norms = nn.ModuleList([LayerNorm(w, 1) for w in widths] + [LayerNorm(widths[-1], 2)])
        self.heads = nn.ModuleList(nn.Linear(w, CLASSES) for w in (*widths, widths[-1]))
        self.weights = nn.Parameter(torch.ones(4))

    def forward(self, x):
        x = self.stem(x)
        logits = []
        for index, stage in enumerate(self.stages):
            for block in stage:
                x, hidden = block(x)
            logits.append(self.heads[index](self.norms[index](hidden).mean(-1)))
            if index < len(self.downs):
                x = self.downs[index](x)
        logits.append(self.heads[3](self.norms[3](x).mean((2, 3))))
        return sum(w * scores for w, scores in zip(self.weights.softmax(0), logits))


def blas():
    """The BLAS library that is really loaded, where Linux tells; torch itself knows only how it was built."""
    try:
        with open("/proc/self/maps") as maps:
            files = {os.path.realpath(line.split()[-1]) for line in maps if ".so" in line}
    except OSError:
        files = set()
    for library in ("openblas", "mkl_core", "blis", "atlas", "libblas"):
        found = sorted(f for f in files if library in f)
        if found:
            slow = " (reference, slow)" if library == "libblas" else ""
            return f"{library} as {found[0]}{slow}"
    return "MKL" if torch.backends.mkl.is_available() else "unknown"


def training(net, batch, side):
    images = torch.randn(batch, 3, side, side)
    targets = torch.softmax(torch.randn(batch, CLASSES), -1)
    optimizer = torch.optim.AdamW(net.parameters(), 1e-4, weight_decay=0.05)

    def step():
        optimizer.zero_grad()
        F.cross_entropy(net(images), targets).backward()
        optimizer.step()

    return step


def inference(net, batch, side):
    images = torch.randn(batch, 3, side, side)
    net.eval()

    def run():
        with torch.no_grad():
            net(images)

    return run


def main(model, side, batch, threads, mode):
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    net = EfficientViM(*SIZES[model])
    run = {"train": training, "infer": inference}[mode](net, int(batch), int(side))
    hello = {
        "torch": torch.__version__,
        "blas": blas(),
        "parameters": sum(p.numel() for p in net.parameters()),
    }
    print(json.dumps(hello), flush=True)
    for line in sys.stdin:
        if line.strip() == "run":
            start = time.perf_counter_ns()
            run()
            print(time.perf_counter_ns() - start, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
