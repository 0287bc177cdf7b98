/**
 * Runs graphs: SameDiff defines, the engine executes.
 *
 * <p>{@link io.elapid.engine.StepProgram} compiles the operations of a graph, forward and gradient,
 * once for one batch shape: dead operations go, shapes are computed, reshapes become views,
 * liveness analysis puts every intermediate result at an offset of one arena, gradients are written
 * where the all-reduce will read them. A step is then a loop over a list. SameDiff's own sessions
 * spend about 60 to 100 microseconds and an allocation per operation, and its {@code fit} has no
 * place to reduce, clip or average; neither is used.
 *
 * <p>{@link io.elapid.engine.StepProgram#inspect} runs a program operation by operation and stops
 * at the first result that is not finite; a {@link io.elapid.engine.Trainer} does so by itself when
 * a loss is not. {@link io.elapid.engine.NaiveStep} is the other way to run a network: stock
 * SameDiff operations in SameDiff's session, to compare with.
 *
 * <p>What is trained and asked is a {@link io.elapid.engine.Network} with its loss; {@link
 * io.elapid.engine.Classifier} is one. {@link io.elapid.engine.Trainer} is one rank's share of a
 * training step, {@link io.elapid.engine.Evaluator} gives answers. Both belong to the thread that
 * made them. Where batch norms take statistics of a whole batch, a trainer runs the programs of its
 * shards side by side, from one {@link io.elapid.engine.ShardMeeting} to the next. What a
 * classifier learns beside its labels is a {@link io.elapid.engine.Teaching}, what the optimiser
 * treats differently are {@link io.elapid.engine.ParameterRules}.
 */
package io.elapid.engine;
