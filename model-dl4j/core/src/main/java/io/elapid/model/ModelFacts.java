package io.elapid.model;

/**
 * What a paper prints about one of its networks.
 *
 * @param imageSize side of the square pictures that the figures are for
 * @param parameters number of parameters, in the paper's unit and digits
 * @param macs multiply-accumulates per picture, in the paper's unit and digits
 * @param note what these counts contain, to compare them with our own
 */
public record ModelFacts(int imageSize, String parameters, String macs, String note) {}
