package io.elapid.engine;

/**
 * What one operation of a network costs in a forward pass.
 *
 * @param module official name of the module whose parameters it uses or whose output it is; empty
 *     for what lies between modules
 * @param op kind of operation
 * @param output shape of the first output
 * @param parameters elements of the parameters that are read here first
 * @param multiplyAccumulates as papers count them: convolutions, linear maps, matrix products
 */
public record LayerCost(
    String module, String op, long[] output, long parameters, long multiplyAccumulates) {}
