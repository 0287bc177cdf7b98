/**
 * Rewrites of an operation list before it is compiled: each is one small class that replaces
 * operations by fewer or faster ones with the same results. A rewrite never removes a variable that
 * somebody asked for.
 *
 * <p>Many operations are fused already when a network is built: batch norm with its activation,
 * both batch norms of a RepDw with the sum between them, gated residuals, layer norms, the state
 * space with its scan order, the cross-entropy with its gradient. No broadcast of ND4J's and no
 * gradient of one is left in any network, so that there is nothing to rewrite there. What rewrites
 * add is what {@code elapid bench train --rewrites} and {@code bench infer --rewrites} print: the
 * program without one of them, in turns with all. EfficientViM-M1, training, batch 16, 224x224, two
 * threads; milliseconds are medians of the runs without the rewrite and of those with all beside
 * them:
 *
 * <pre>
 *                                 operations    MiB   without       all
 *   without PassedGradients              451    133       276       287
 *   without CommonSubexpressions         443    133       456       449
 *   without Sums                         455    133       278       272
 *   without RecomputedNorms              409    206       469       463
 *   none                                 425    209       450       444
 * </pre>
 *
 * <p>(The machine's clock changed between rows; neighbours compare.) So most rewrites are worth a
 * percent or two of time, and {@link RecomputedNorms} a third of the memory for about as much.
 * {@link RecomputedMaps} costs EfficientVMamba-T 4 % of a step (batch 16, in turns); intermediate
 * results of a training step at batch 16 in MiB ({@code elapid bench memory}), without and with it:
 *
 * <pre>
 *   EfficientViM-M1      133   123          MobileMamba-S6        278   249
 *   EfficientViM-M4      382   353          MobileMamba-B4      2,043 1,810
 *   EfficientVMamba-T    840   581          TinyViM-S             652   652
 *   EfficientVMamba-B  1,982 1,373          TinyViM-L           1,409 1,409
 * </pre>
 *
 * <p>{@code cluster.recompute = nothing} leaves out both that compute maps anew. Training steps of
 * batch 16 by two threads ({@code elapid bench train --recompute}), in milliseconds, as many times
 * as long as their convolutions and matrix products, and in planned MiB (six processes, one after
 * the other, on a machine whose clock changes):
 *
 * <pre>
 *                       maps              nothing
 *   TinyViM-S           495  1.37  747    463  1.34  1,055
 *   MobileMamba-S6      310  1.28  544    318  1.26    663
 *   EfficientVMamba-T   532  1.83  714    501  1.70  1,088
 * </pre>
 *
 * <p>FusedConvolutions and MergedShortcuts apply to inference: in the deploy form of
 * EfficientViM-M1 158 operations become 145, of TinyViM-S 190 become 167; in the eval form of the
 * latter intermediate results shrink from 91 to 64 MiB.
 *
 * <p>Not built, since there is little to gain: squeeze-and-excite as one operation (the activations
 * that it would take in need 0.1 ms of a training step of EfficientViM-M1, their gradients 0.5 ms,
 * of 320), and scan, norm and gate as one (it would save the gate's pass over the maps; the memory
 * RecomputedMaps saves).
 */
package io.elapid.engine.rewrite;
