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
 * float32; what scans read and write may be kept in 16 bits, see {@code Storage}, for which their
 * sources are compiled three times.
 *
 * <p>With {@code -Delapid.kernels=cuda} the engine keeps its tensors in unified memory, see {@code
 * UnifiedBlocks}, and kernels use them where they are. A call returns when the device has been
 * told; {@code Device.settle} waits, and whoever touches such memory on the CPU comes by it: the
 * engine before it reads a result, the CPU's own kernels (see {@code SettledKernels}), ND4J's
 * operations. Operands elsewhere go to the device and come back through page-locked memory, see
 * {@code Frame} and {@code Staging}; hybrid mode ({@code -Delapid.device.work=state-spaces})
 * computes state spaces in this way and leaves everything else to the CPU. No GPU has run any of it
 * but the hybrid mode.
 *
 * <p>{@code NvmlMonitor} reads utilisation, memory and temperature from {@code libnvidia-ml.so.1},
 * which comes with the driver, in the same way; {@code NcclSums} adds up vectors over the GPUs of
 * several processes by {@code libnccl.so.2}, where that is installed.
 *
 * <p>Tests compile the same sources by g++ over a small emulation of blocks, barriers and warps
 * ({@code src/test/cuda}) and put them behind a stand-in driver library, which the launcher takes
 * for the real one; others take the places of {@code libnvidia-ml} and {@code libnccl}, whose
 * {@code NcclSums} no GPU has run yet.
 *
 * <p>Scans on an NVIDIA H100 80GB HBM3 (driver 580.159, 2026-11-27, batch 128, float32, operands on
 * the device, microseconds; {@code elapid bench ops --kernels cuda --batch 128} prints all shapes).
 * The floor is the larger of bytes at the speed of a copy, 2929 GB/s there, and exponentials at 16
 * a clock and multiprocessor, as many back as forward; the share of it is in brackets. Peers,
 * replayed as graphs where their operations are few enough ({@code src/test/bench/scan_peers.py}):
 * a scan in Triton that does what {@code mamba_ssm}'s is described to do, the maps brought into the
 * orders of directions before it and back behind it, by itself in the column "alone"; and PyTorch's
 * own operations.
 *
 * <pre>
 *                              forward                             forward and gradient
 *                              ours       Triton  alone  PyTorch   ours        Triton  PyTorch
 * TinyViM-B stage 1            15  (8 %)      35     17      311     80  (4 %)     170      930
 * TinyViM-B stage 4            50 (35 %)     179     78     2060    331 (14 %)     795     6070
 * MobileMamba-B1 stage 1, 8x8  39 (37 %)     119     46      607    200 (20 %)     389     1653
 * EfficientVMamba-B stage 1   979 (34 %)    2710    938    71880   5689 (16 %)   13000   253026
 * EfficientVMamba-B stage 2   573 (29 %)    1415    457    20009   3010 (15 %)    6543    60160
 * </pre>
 *
 * <p>Where the rest is, in EfficientVMamba-B's first stage: forward, twelve warps a multiprocessor,
 * which is what their windows leave room for, issue 0.45 instructions a clock; back, six warps
 * issue 0.41, and a fifth of the time brings maps into the order of steps and adds up parts. The
 * gradient computes each state 1.75 times anew; since these figures that of sixteen states brings a
 * tile only when it needs it, for want of registers on later cards, which had cost 4 % there.
 * Before maps were read in windows that stage took 5656 forward and 10804 back: a scan down the
 * columns reads one float of a sector at each step.
 */
package io.elapid.backend.cuda;
