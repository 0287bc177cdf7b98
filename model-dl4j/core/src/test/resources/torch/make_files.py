"""Makes the files beside it: python3 make_files.py (torch 1.13, numpy). Small on purpose; the tests state their content."""
import argparse, collections, io, os, pathlib, pickle, sys, types, zipfile
import numpy as np
import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(HERE, name)


def counting(*shape, dtype=torch.float32):
    n = int(np.prod(shape))
    return torch.arange(n).to(dtype).reshape(shape)


def windows():
    """Every way a tensor can lie in its storage, and every element type."""
    base = counting(4, 6)
    d = collections.OrderedDict()
    d['dense'] = base
    d['shared.row'] = base[1]
    d['shared.transposed'] = base.t()
    d['shared.every_second'] = base[1:3, ::2]
    d['repeated'] = torch.tensor([1.5, -2.5]).reshape(2, 1).expand(2, 3)
    d['channels_last'] = counting(1, 2, 2, 2).to(memory_format=torch.channels_last)
    d['scalar'] = torch.tensor(0.25)
    d['empty'] = torch.zeros(0, 3)
    d['parameter'] = nn.Parameter(torch.tensor([3.0, 4.0]))
    for t in (torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8):
        d['type.' + str(t).split('.')[1]] = counting(3, dtype=t) * 2
    d['type.bool'] = torch.tensor([True, False, True])
    return d


def layer(value, prefix=''):
    net = nn.Sequential(nn.Conv2d(2, 3, 1), nn.BatchNorm2d(3))
    d = net.state_dict()
    for k in d:
        d[k] = torch.full_like(d[k], value)
    metadata = d._metadata
    d = collections.OrderedDict((prefix + k, v) for k, v in d.items())
    d._metadata = metadata
    return d


def save(value, name, **settings):
    torch.save(value, path(name), **settings)


def deflate(source, target):
    with zipfile.ZipFile(path(source)) as old, zipfile.ZipFile(path(target), 'w', zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            new.writestr(item.filename, old.read(item))


def training(prefix=''):
    net = nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(net.parameters())
    net(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [2, 4])
    return {
        'optimizer': optimizer.state_dict(), 'lr_scheduler': scheduler.state_dict(), 'epoch': 3, 'best': np.float64(0.5),
        'losses': np.arange(3.0), 'rng': torch.get_rng_state()[:16].clone(), 'shape': torch.Size([1, 2]), 'device': torch.device('cuda', 0),
        'dtype': torch.float32, 'seen': {1, 2}, 'big': 1 << 80, 'raw': b'\x00\x01', 'none': None, 'flags': (True, False),
        'args': argparse.Namespace(lr=1e-3, output=pathlib.PosixPath('/tmp/x'), nested={'a': [1, 2.5, 'text']}),
    }


class CfgNode(dict):
    """Stands for yacs.config.CfgNode, which the Swin family of training scripts saves."""


def config():
    module = types.ModuleType('yacs.config')
    CfgNode.__module__, CfgNode.__qualname__ = 'yacs.config', 'CfgNode'
    module.CfgNode = CfgNode
    sys.modules['yacs'], sys.modules['yacs.config'] = types.ModuleType('yacs'), module
    node = CfgNode(MODEL=CfgNode(NAME='tiny'), EPOCHS=300)
    node.__dict__['__immutable__'] = True
    return node


class Call:
    """What a hostile file does: unpickling calls any function with any arguments."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def main():
    save(windows(), 'windows.pth')
    save(windows(), 'windows-legacy.pth', _use_new_zipfile_serialization=False)
    save(windows(), 'windows-protocol4.pth', pickle_protocol=4)
    deflate('windows.pth', 'windows-deflated.pth')
    save({'model': layer(1, 'module.'), 'model_ema': layer(2), **training()}, 'distributed.pth')
    save({'state_dict': layer(1), 'state_dict_ema': layer(2, 'module.'), 'arch': 'x', **training()}, 'timm.pth.tar', _use_new_zipfile_serialization=False)
    save({'model': layer(1), 'config': config(), 'epoch': 299}, 'swin.pth')
    save({'model_ema': {'state_dict': layer(2), 'decay': 0.99}, 'epoch': 1}, 'average-only.pth')
    save({'epoch': 1, 'args': argparse.Namespace(a=1)}, 'no-weights.pth')
    save({'model': layer(1), 'extra': Call(os.system, 'echo executed > /tmp/elapid-pickle-was-executed')}, 'evil-system.pth')
    save({'model': layer(1), 'extra': Call(eval, '1 + 1')}, 'evil-eval.pth', pickle_protocol=4)
    save({'model': layer(1), 'extra': Call(os.system, 'true')}, 'evil-legacy.pth', _use_new_zipfile_serialization=False)
    save(nn.Linear(2, 2), 'whole-module.pth')
    with open(path('plain-pickle.pth'), 'wb') as out:
        pickle.dump({'a': 1}, out, protocol=2)


main()
