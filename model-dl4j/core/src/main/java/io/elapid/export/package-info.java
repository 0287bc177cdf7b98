/**
 * Networks for programs that know nothing of this one: a trained network's deploy form as an ONNX
 * model.
 *
 * <p>{@link io.elapid.export.OnnxExport} reads the operations of the deploy graph, as the engine
 * does before it compiles them, and writes each as standard operators of opset 17. The first
 * dimension of everything that depends on the pictures is the batch and stays open; all other sizes
 * are those that the network was built for. Weights are initializers under the names of the deploy
 * form, which are the official ones where the published network has that tensor.
 *
 * <p>Nothing loops. A selective scan, {@code h_t = a_t h_(t-1) + p_t}, is solved by halving: of two
 * neighbouring steps one is made, {@code (a_2 a_1, a_2 p_1 + p_2)}, until one step is left, and the
 * states between are filled in on the way back. That takes two operations per state and level, some
 * 2 L in all for L steps, and is as exact as the loop: no decay is divided by, and products of
 * decays of at most 1 cannot overflow.
 */
package io.elapid.export;
