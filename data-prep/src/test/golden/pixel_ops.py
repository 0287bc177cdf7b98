"""Writes what Pillow makes of a small picture with each operation that augmentation uses.

    python3 pixel_ops.py src/test/resources/golden/augment      (needs Pillow and numpy)
"""
import json
import sys

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

FILL = (124, 116, 104)


def picture(width, height, seed):
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    smooth = np.stack([x * 200 / width, y * 180 / height, (x + y) * 90 / (width + height)], -1)
    noisy = smooth + random.normal(20, 25, (height, width, 3))
    return Image.fromarray(np.clip(noisy, 3, 240).astype(np.uint8))


def affine(data, resample):
    return lambda im: im.transform(im.size, Image.AFFINE, data, resample=resample, fillcolor=FILL)


def add_solarize(amount):
    table = [min(255, i + amount) if i < 128 else i for i in range(256)]
    return lambda im: im.point(table + table + table)


def zoom(factor):
    """At another size, in the middle of black if it is smaller, else the middle of it."""

    def apply(im):
        w, h = im.size
        small = im.resize((int(round(w * factor)), int(round(h * factor))), resample=Image.BICUBIC)
        left = int(np.floor(small.size[0] / 2 - w / 2))
        top = int(np.floor(small.size[1] / 2 - h / 2))
        return small.crop((left, top, left + w, top + h))

    return apply


def distort(shift):
    """A grid of shift // 10 tiles each way; corners of four tiles come from further right and down."""

    def apply(im):
        w, h = im.size
        n = shift // 10
        xs = [i * (w // n) for i in range(n)] + [w]
        ys = [i * (h // n) for i in range(n)] + [h]

        def corner(i, j):
            moved = shift if 0 < i < n and 0 < j < n else 0
            return xs[i] + moved, ys[j] + moved

        mesh = [
            (
                (xs[i], ys[j], xs[i + 1], ys[j + 1]),
                corner(i, j) + corner(i, j + 1) + corner(i + 1, j + 1) + corner(i + 1, j),
            )
            for j in range(n)
            for i in range(n)
        ]
        return im.transform(im.size, Image.MESH, mesh, resample=Image.BICUBIC)

    return apply


def skew(share):
    def apply(im):
        w, h = im.size
        s = int(np.ceil(max(w, h) * share))
        there = [(-s, 0), (w, -s), (w + s, h), (0, h + s)]
        here = [(0, 0), (w, 0), (w, h), (0, h)]
        rows = []
        for (x, y), (u, v) in zip(there, here):
            rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
            rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
        data = np.linalg.solve(np.array(rows, float), np.array(here, float).reshape(8))
        return im.transform(im.size, Image.PERSPECTIVE, list(data), resample=Image.BICUBIC)

    return apply


OPS = {
    "auto_contrast": [({}, ImageOps.autocontrast)],
    "equalize": [({}, ImageOps.equalize)],
    "invert": [({}, ImageOps.invert)],
    "posterize": [({"value": b}, lambda im, b=b: ImageOps.posterize(im, b)) for b in (0, 1, 3, 4)],
    "solarize": [({"value": t}, lambda im, t=t: ImageOps.solarize(im, t)) for t in (0, 26, 180, 256)],
    "solarize_add": [({"value": a}, add_solarize(a)) for a in (0, 33, 110)],
    "color": [({"value": f}, lambda im, f=f: ImageEnhance.Color(im).enhance(f)) for f in (0.1, 0.73, 1.81)],
    "contrast": [({"value": f}, lambda im, f=f: ImageEnhance.Contrast(im).enhance(f)) for f in (0.1, 0.73, 1.81)],
    "brightness": [({"value": f}, lambda im, f=f: ImageEnhance.Brightness(im).enhance(f)) for f in (0.1, 0.73, 1.81)],
    "zoom": [({"value": f}, zoom(f)) for f in (0.36, 0.4, 0.61, 1.3, 2.6)],
    "blur": [({"value": f}, lambda im, f=f: im.filter(ImageFilter.GaussianBlur(f))) for f in (-0.45, 0.5, 1.7, 4.0)],
    "distort": [({"value": v}, distort(v)) for v in (19, 20)],
    "skew": [({"value": f}, skew(f)) for f in (-0.27, 0.27, 0.3)],
    "sharpness": [({"value": f}, lambda im, f=f: ImageEnhance.Sharpness(im).enhance(f)) for f in (0.1, 0.73, 1.81)],
}
for name, resample in (("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC)):
    OPS["rotate_" + name] = [
        ({"value": a}, lambda im, a=a, r=resample: im.rotate(a, resample=r, fillcolor=FILL)) for a in (-27.0, 9.0, 30.0)
    ]
    OPS["shear_x_" + name] = [({"value": f}, affine((1, f, 0, 0, 1, 0), resample)) for f in (-0.27, 0.3)]
    OPS["shear_y_" + name] = [({"value": f}, affine((1, 0, 0, f, 1, 0), resample)) for f in (-0.27, 0.3)]
    # Relative to the side, as timm's TranslateXRel and TranslateYRel.
    OPS["translate_x_" + name] = [
        ({"value": f}, lambda im, f=f, r=resample: affine((1, 0, f * im.size[0], 0, 1, 0), r)(im)) for f in (-0.405, 0.135)
    ]
    OPS["translate_y_" + name] = [
        ({"value": f}, lambda im, f=f, r=resample: affine((1, 0, 0, 0, 1, f * im.size[1]), r)(im)) for f in (-0.405, 0.135)
    ]


def main(folder):
    data = bytearray()

    def tensor(image):
        array = np.asarray(image)
        offset = len(data)
        data.extend(array.tobytes())
        return {"dtype": "u8", "shape": list(array.shape), "offset": offset, "bytes": array.nbytes}

    cases = []
    for seed, (width, height) in enumerate([(23, 17), (16, 16)]):
        image = picture(width, height, seed)
        source = tensor(image)
        for op, variants in OPS.items():
            for params, apply in variants:
                cases.append(
                    {
                        "name": f"{op}_{params.get('value', '')}_{width}x{height}",
                        "op": op,
                        "params": params,
                        "inputs": {"x": source},
                        "outputs": {"y": tensor(apply(image))},
                    }
                )
    with open(folder + "/pixel_ops.bin", "wb") as out:
        out.write(data)
    with open(folder + "/pixel_ops.json", "w") as out:
        json.dump({"family": "pixel_ops", "bin": "pixel_ops.bin", "cases": cases}, out, indent=1)


main(sys.argv[1])
