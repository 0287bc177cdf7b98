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
 * for the real one; another stand-in takes the place of {@code libnvidia-ml}. Nothing here has been
 * run on a GPU yet: there are no figures of speed.
 */
package io.elapid.backend.cuda;
