/**
 * Rewrites of an operation list before it is compiled: each is one small class that replaces
 * operations by fewer or faster ones with the same results. A rewrite never removes a variable that
 * somebody asked for.
 *
 * <p>Many operations are fused already when a network is built: batch norm with its activation,
 * gated residuals, layer norms, the state space with its scan order, the cross-entropy with its
 * gradient. What rewrites add, in operations of a program at batch 16 and 224x224:
 *
 * <pre>
 *                                       EfficientViM-M1            TinyViM-S
 *   rewrite                             training    inference      training    inference
 *   none                                425         158            700         190
 *   PassedGradients                     421         158            690         190
 *   CommonSubexpressions                421         158            690         190
 *   FusedConvolutions                   421         145            690         167
 *   Sums                                409         145            674         167
 *   RecomputedNorms                     443         145            732         167
 * </pre>
 *
 * <p>Inference is the deploy form. In the eval form a fused convolution saves no operation, since
 * the norm's factors are one, but a pass over the maps. RecomputedNorms pays operations for memory:
 * the arena of a training step shrinks from 206 to 133 MiB for EfficientViM-M1 and from 1,002 to
 * 652 MiB for TinyViM-S, for 3 % of the step's time.
 */
package io.elapid.engine.rewrite;
