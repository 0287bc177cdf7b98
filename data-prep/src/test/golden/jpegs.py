"""Writes small JPEG files of every chroma format and odd sizes.

    python3 jpegs.py src/test/resources/jpeg      (needs Pillow and numpy)
"""
import sys

import numpy as np
from PIL import Image

folder = sys.argv[1]
random = np.random.default_rng(4)
for width, height in [(1, 1), (3, 5), (4, 4), (5, 2), (17, 23), (33, 16), (64, 49)]:
    y, x = np.mgrid[0:height, 0:width]
    smooth = np.stack([x * 255 / width, y * 255 / height, 255 - (x + y) * 255 / (width + height)], -1)
    for subsampling in (0, 1, 2):
        for quality in (25, 95):
            noise = random.normal(0, 60 if quality == 95 else 20, (height, width, 3))
            picture = Image.fromarray(np.clip(smooth + noise, 0, 255).astype(np.uint8))
            name = f"{folder}/{width}x{height}_{('444', '422', '420')[subsampling]}_{quality}.jpg"
            picture.save(name, quality=quality, subsampling=subsampling, optimize=quality == 25)
    picture.convert("L").save(f"{folder}/{width}x{height}_gray.jpg", quality=80)
    picture.save(f"{folder}/{width}x{height}_progressive.jpg", quality=80, progressive=True)
