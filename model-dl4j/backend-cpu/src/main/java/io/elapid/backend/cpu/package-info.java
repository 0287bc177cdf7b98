/**
 * ND4J's CPU backend with an op executioner that knows Elapid's ops, and kernels on the JDK's
 * Vector API.
 *
 * <h2>What bounds the selective scan</h2>
 *
 * <p>{@code elapid bench ops} prints its times against a floor of memory and exponentials, whose
 * counts {@link io.elapid.benchmark.ScanShape} explains. On a Zen 5 core, where a register has
 * sixteen lanes and two pipes multiply one of them each in a cycle, single loops over scratch in
 * the nearest caches were seen to take, for a register of channels and in cycles,
 *
 * <ul>
 *   <li>4.9 for a decay: eight multiply-adds and three operations on other pipes;
 *   <li>6.3 for a step of a state on the way forward, of which the multiplications take 5.5;
 *   <li>6.2 for decays and states again on the way back, of which they take 5;
 *   <li>6 for the way back itself, of which its eight multiplications take 4; C, whose compiler
 *       lets an instruction that multiplies take one number for all lanes, needs 5.
 * </ul>
 *
 * <p>States alone thus cost 1.3 exponentials forward, and about 3.7 where the floor of both ways
 * has 2. Above that, for each step and not for each state, come: a step size (the floor counts two
 * exponentials; its chain of operations is too long for a processor to overlap enough of them), the
 * maps' way into lanes and out of them, sums over lanes for the gradients of b and c, and the
 * gradients' registers of a step. With few states these weigh as much as the states: with 8 they
 * were a half of the way back, with one nearly all. Decays are not kept from the way forward: that
 * would take N times the memory of the step sizes. Where a sample's maps are larger than the
 * second-nearest cache, as in EfficientVMamba-T, whose first stage has 3.6 MB of them on the way
 * back, they are fetched from behind it in every direction.
 *
 * <h2>What the compiler does with registers</h2>
 *
 * <p>It gives up merging methods into a loop beyond 8000 bytecodes or 18,000 nodes, except for
 * those of the API itself, and then keeps registers on the heap: loops with two exponentials write
 * them out and hold constants in variables, and {@link io.elapid.backend.cpu.CompiledLoops} has
 * loops compiled one by one. It takes up a method for how often it is called, so that long runs are
 * cut into {@link io.elapid.backend.cpu.Pieces}. Without both, a training step of EfficientVMamba-T
 * (batch 4, one thread, best of 12 steps, a loaded machine) left 420 MB on the heap, most of it
 * registers: SiLU took 80 ms of it and takes 3.4, layer norms 24 and 14, gradients of convolutions
 * 189 and 166, the step twice its products and 1.76 times. The API checks every lane of a shuffle
 * each time it is used, some 25 instructions; see {@link io.elapid.backend.cpu.Transpose}. Stores
 * hold up later loads whose addresses agree in the last twelve bits; see {@link
 * io.elapid.backend.cpu.ScanSteps}. Registers of two widths in one process are kept on the heap by
 * all loops that carry one: what a method gets is then no longer known to be of one class.
 *
 * <p>It also gives up trusting classes where it has met too many surprises, even in methods that
 * others share; {@link io.elapid.backend.cpu.FirstUses} keeps it from that. Before, the scans of
 * EfficientVMamba-T (batch 8, two threads) took 218 to 267 ms forward in 7 of 14 processes and 44
 * to 61 ms in the others; since then 52 to 69 ms in each of 12. {@code -XX:+LogCompilation} shows
 * such loops by {@code hot_throw}, too large ones by {@code NodeCountInliningCutoff}.
 *
 * <p>The numbers of an array start 16 bytes behind an address that is a multiple of 8, so that a
 * register of 64 bytes nearly always lies in two lines of the cache. Scratch of the scan begins
 * where a line does, see {@link io.elapid.backend.cpu.CacheLines}, and sums over channels lie as
 * far apart as the steps beside which they are read: in a loop of its own, two states at a time on
 * a Zen 4, the way back took 12.6 cycles a state and step like that, 18 to 20 away from lines, and
 * 14 to 18 with sums closer together; four at a time on a Zen 5 it took 8, and 13.7 away from
 * lines. Step sizes take two loops, whose chains are short enough to overlap. Maps are turned into
 * registers two pixels at a time, 20 cycles a register where loads that take each lane from a row
 * of its own took 38, and back in 22 instead of 33; see {@link io.elapid.backend.cpu.PixelPairs}.
 * Together, in cycles of a scan and its gradient for a register of channels and a step (batch 16,
 * one thread, before and after in turns in one process, best of 40, a loaded machine):
 *
 * <pre>
 *                             before   after
 * TinyViM-B stage 1             1283    1144   12 channels in 16 lanes
 * TinyViM-B stage 3              716     630
 * MobileMamba-B1 stage 2         342     280
 * EfficientVMamba-T stage 2     1405    1198
 * </pre>
 *
 * <p>With one state the two loops of step sizes are kept apart from those of the states: in one
 * they left registers on the heap in one process of three.
 *
 * <p>States are taken along a chunk four at a time, which share its loads and stores, and without
 * the comparison that makes decays below the normal range zero: whether a chunk's largest step
 * leaves that range is looked at once, and {@link io.elapid.backend.cpu.WideDecays} has those that
 * do. Two at a time and with the comparison, a state took 9.1 cycles of a step forward. {@code
 * elapid bench ops}, batch 16, two threads of a Zen 5, milliseconds, then and now:
 *
 * <pre>
 *                             scan          scan and back
 * TinyViM-B stage 2          0.147  0.131    0.478  0.410
 * TinyViM-B stage 4          0.831  0.754    2.542  2.198
 * EfficientVMamba-T stage 1   10.4    9.4     30.9   27.9
 * EfficientVMamba-T stage 2    4.8    4.3     14.5   12.6
 * EfficientVMamba-B stage 2   10.6    8.7     29.9   24.7
 * </pre>
 *
 * <p>Sums over channels for the gradients of b and c then came to share registers, the ones in even
 * lanes and the others in odd ones, so that a state's step reads and writes one register of them
 * and not two, of fewer than fit the nearest cache; and the coefficients of four states came to lie
 * side by side, as far from the next step's as the compiler knows, which then needs no checks of
 * where they lie. Before and after in turns, batch 16, one thread of a Zen 5, milliseconds:
 *
 * <pre>
 *                               scan            back
 * TinyViM-B stage 4          1.89   1.75     3.68   3.61
 * EfficientVMamba-T stage 1  21.1   20.3     43.5   42.5
 * EfficientVMamba-T stage 2  10.0    9.3     20.3   19.0
 * EfficientVMamba-B stage 2  19.7   18.2     38.9   35.5
 * </pre>
 *
 * <p>Of the first stage of EfficientVMamba-T, whose maps come from memory, states are now less than
 * half of the way forward: turning maps takes a fifth to a quarter, and step sizes, coefficients
 * and saved states come and go at the speed of memory, not while something else is computed. A JVM
 * has no instruction for fetching ahead.
 *
 * <h2>Where maps and panels lie</h2>
 *
 * <p>Maps of a step and panels of products begin where a line does, too. Tiles of products in a
 * loop of their own, one thread of an Emerald Rapids core: 111 GFLOP/s from panels of 512 rows,
 * which come from the second cache, and 142 since then; from those of 192 rows 138 and 140. Pages
 * of 2 MB for maps instead of 4 kB brought less than could be told from noise: 1610 and 1600 ms
 * without, 1611 and 1586 with them (a training step of TinyViM-S, batch 16, one thread, the fastest
 * of three runs of each operation).
 *
 * <h2>Sums kept in memory</h2>
 *
 * <p>Loops that add to sums in the nearest cache for each row they read take far longer than their
 * instructions where rows come from memory; fewer stores for each load help, presumably since loads
 * whose addresses agree with those of unfinished stores in the last twelve bits wait for them. Sums
 * down columns therefore take eight rows at a time, layer norms' other loops two channels and those
 * of small batch norms' gradients two samples, which also load what the two share once. {@code
 * elapid bench train}, batch 16, two threads of a Zen 5, milliseconds in all, before and after in
 * two turns:
 *
 * <pre>
 *                                           before        after
 * EfficientVMamba-T, layer norms         20.6   23.9   18.5   17.5
 *   gradients                            25.3   27.3   20.9   20.6
 * MobileMamba-S6, layer norms             2.0    1.8    1.4    1.4
 *   gradients                             2.3    2.1    2.0    1.8
 *   gradients of batch norms             18.9   18.0   16.9   15.5
 * </pre>
 *
 * <p>To read a block into the cache first, a line a load, made forward passes slower and gradients
 * little faster.
 */
package io.elapid.backend.cpu;
