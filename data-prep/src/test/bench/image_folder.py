"""One pass over a folder of pictures with torchvision: decode, crop, flip, normalise, batch.

    python3 image_folder.py FOLDER SIZE BATCH

Prints one line of JSON: versions, pictures and seconds. One process, no workers, one thread.
"""
import json
import sys
import time

try:
    import PIL
    import torch
    import torchvision
    from torchvision import datasets, transforms
except ImportError as missing:
    print(json.dumps({"error": str(missing)}))
    sys.exit(0)

folder, size, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(1)
pictures = datasets.ImageFolder(
    folder,
    transforms.Compose(
        [
            transforms.RandomResizedCrop(size, interpolation=transforms.InterpolationMode.BICUBIC),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        ]
    ),
)
for i in range(min(32, len(pictures))):
    pictures[i]
loader = torch.utils.data.DataLoader(pictures, batch_size=batch, shuffle=True, num_workers=0)
began = time.perf_counter()
count = sum(len(labels) for _, labels in loader)
seconds = time.perf_counter() - began
print(
    json.dumps(
        {
            "versions": f"torchvision {torchvision.__version__}, Pillow {PIL.__version__}",
            "pictures": count,
            "seconds": seconds,
        }
    )
)
