"""How fast PyTorch copies memory of the GPU: the most that an op can reach which reads and writes as much."""
import torch

from clock import median_seconds

CALLS = 20
for mebibytes in 1, 16, 256, 1024:
    source = torch.ones(mebibytes << 18, device="cuda")
    copy = torch.empty_like(source)

    def copies():
        for _ in range(CALLS):
            copy.copy_(source)
        torch.cuda.synchronize()

    rate = 2 * source.nbytes * CALLS / median_seconds(copies, 20)
    print(f"a copy of {mebibytes} MiB: {rate / 1e9:.0f} GB/s, read and written")
