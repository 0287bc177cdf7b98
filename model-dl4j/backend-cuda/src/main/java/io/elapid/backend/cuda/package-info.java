/**
 * Kernels on NVIDIA's GPUs.
 *
 * <p>Sources are CUDA C++, one file for each family of kernels, in {@code src/main/cuda}; what is
 * shipped is their PTX for compute capability 6.0, which every driver since CUDA 11.6 compiles for
 * the GPU it finds, newer ones than itself among them. {@code Device} launches it through the
 * driver's own interface, found at run time by the JDK's foreign linker: neither building nor
 * running needs CUDA, only the driver ({@code libcuda.so.1}).
 *
 * <p>Kernels are deterministic: no atomic additions, every sum in a fixed order. Computation is in
 * float32.
 *
 * <p>Hybrid mode ({@code -Delapid.kernels=cuda}) takes the CPU's graph, tensors and kernels and
 * computes state spaces on the GPU: operands go there and results come back through page-locked
 * memory, see {@code Frame} and {@code Staging}.
 *
 * <p>{@code NvmlMonitor} reads utilisation, memory and temperature from {@code libnvidia-ml.so.1},
 * which comes with the driver, in the same way.
 *
 * <p>Tests compile the same sources by g++ over a small emulation of blocks, barriers and warps
 * ({@code src/test/cuda}) and put them behind a stand-in driver library, which the launcher takes
 * for the real one; another stand-in takes the place of {@code libnvidia-ml}.
 *
 * <p>Scans on an NVIDIA H100 80GB HBM3 (driver 580.159, 2026-11-27, batch 128, float32, operands on
 * the device, microseconds). The peer is a scan in Triton that does what {@code mamba_ssm}'s is
 * described to do, with the maps brought into the orders of directions before it and back behind it
 * ({@code src/test/bench/scan_peers.py}, replayed as a graph where a column says so); PyTorch's own
 * operations take 20 to 80 times as long.
 *
 * <pre>
 *                       forward   Triton (graph)   its scan alone   with gradient   Triton
 * TinyViM-B stage 1          17               35               17             154     1368
 * TinyViM-B stage 4          53              177               78             354     1446
 * MobileMamba-B1 stage 1     42              118               46             220     2746
 * EfficientVMamba-B 1       985             2714              939            5739    13029
 * EfficientVMamba-B 2       578             1414              456            3047     6567
 * </pre>
 *
 * <p>The floor of EfficientVMamba-B's first stage is 332 microseconds forward (18 exponentials a
 * step and channel at 16 a clock and multiprocessor; its 976 MB take about as long), twice that for
 * the gradient: the kernels reach a third of the rate forward and an eighth back. Where the rest
 * is: forward, twelve warps a multiprocessor, which its shared memory allows, issue 0.45
 * instructions a clock; back, six warps issue 0.41, and 1.1 of 4.8 ms bring maps into the order of
 * steps and back. Before maps were read in windows the first stage took 5656 forward and 10804
 * back: a scan down the columns reads one float of a sector at each step.
 */
package io.elapid.backend.cuda;
